// Keeps the vector tiles true: a new filter or day changes a source's URL; a live change reloads
// only the tiles it touches. Nothing is kept out of view (the map's own cache is off), so a tile
// that comes back into view is asked for again and answered 304 when it is the same.
import { computed, effect } from '@preact/signals';
import type { Map as GlMap, VectorTileSource } from 'maplibre-gl';
import type { Change } from '../api/types';
import { counted } from '../state/counts';
import * as store from '../state/store';
import { touchedBy } from '../state/actions';
import { tileUrl } from './style';

const MAX_LISTED = 4000;
/** How long the map waits for the numbers of a new view. */
const PATIENCE_MS = 150;
/** Changes name tiles up to this zoom; closer in, the few tiles in view are all asked again. */
const LAST_ZOOM = 18;

export interface TileId { z: number; x: number; y: number }

/** The tiles of a change's ranges; null when there are too many to list or none are given. */
export function tilesOf(change: Pick<Change, 'tiles'>): TileId[] | null {
  if (!change.tiles) return null;
  const tiles: TileId[] = [];
  for (const [zoom, ranges] of Object.entries(change.tiles)) {
    for (const [x0, y0, x1, y1] of ranges) {
      if (tiles.length + (x1 - x0 + 1) * (y1 - y0 + 1) > MAX_LISTED) return null;
      for (let x = x0; x <= x1; x++) for (let y = y0; y <= y1; y++) tiles.push({ z: Number(zoom), x, y });
    }
  }
  return tiles.length > 0 ? tiles : null;
}

const listeners = new Set<(change: Change | null) => void>();

/** Tells the map that data changed; null means everything may have. */
export function announceTiles(change: Change | null): void {
  for (const listener of listeners) listener(change);
}

export function followTiles(map: GlMap): () => void {
  const stale = new Set<string>();
  const refresh = (layer: string, tiles: TileId[] | null): void => {
    if (!map.getSource(layer)) return;
    // A tile still on its way may carry the old data: look again when the map is quiet.
    if (!map.isSourceLoaded(layer)) stale.add(layer);
    map.refreshTiles(layer, tiles ?? undefined);
  };
  const listener = (change: Change | null): void => {
    if (!change) {
      for (const layer of store.drawnLayers.value) refresh(layer.id, null);
      return;
    }
    for (const layer of touchedBy(change.layer)) refresh(layer, layer === change.layer && map.getZoom() < LAST_ZOOM ? tilesOf(change) : null);
  };
  map.on('idle', () => {
    const again = [...stale];
    stale.clear();
    for (const layer of again) map.refreshTiles(layer);
  });
  listeners.add(listener);
  const retarget = (): void => {
    for (const layer of store.drawnLayers.value) {
      const source = map.getSource<VectorTileSource>(layer.id);
      const url = tileUrl(layer, store.view.value, location.origin);
      if (source?.type === 'vector' && source.tiles?.[0] !== url) source.setTiles([url]);
    }
  };
  // Drawing anew holds the page's frames: the numbers that were asked for come first. Until then the map says
  // that it is behind.
  const rest = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });
  let isBehind = false;
  let isGone = false;
  const retargetSoon = async (): Promise<void> => {
    isBehind = true;
    map.getContainer().setAttribute('aria-busy', 'true');
    // By then the numbers of this very change are asked for.
    await Promise.resolve();
    await Promise.race([counted(), rest(PATIENCE_MS)]);
    await Promise.race([new Promise(requestAnimationFrame), rest(PATIENCE_MS)]);
    await rest(0);
    isBehind = false;
    if (isGone) return;
    map.getContainer().removeAttribute('aria-busy');
    retarget();
  };
  map.on('style.load', retarget);
  retarget();
  const urls = computed(() => store.drawnLayers.value.map((layer) => tileUrl(layer, store.view.value, location.origin)).join(' '));
  const stop = effect(() => {
    void urls.value;
    if (!isBehind) void retargetSoon();
  });
  return () => {
    isGone = true;
    stop();
    listeners.delete(listener);
  };
}
