// Keeps the vector tiles true: a new filter or day changes a source's URL; a live change reloads
// only the tiles it touches. Nothing is kept out of view (the map's own cache is off), so a tile
// that comes back into view is asked for again and answered 304 when it is the same.
import { computed, effect } from '@preact/signals';
import { MercatorCoordinate, type Map as GlMap, type VectorTileSource } from 'maplibre-gl';
import type { Change } from '../api/types';
import { counted } from '../state/counts';
import * as store from '../state/store';
import { touchedBy } from '../state/actions';
import { tileUrl } from './style';

/** The deepest zoom of the tiles and of a change's ranges. */
const LAST_ZOOM = 18;
/** How long the map waits for a frame, which a hidden page does not have. */
const FRAME_MS = 150;
/** Beside the tiles of its own zoom a map may hold those some zooms out, and one in, while others load. */
const ZOOMS_OUT = 4;
const ZOOMS_IN = 1;

export interface TileId { z: number; x: number; y: number }

/** What a map shows: its zoom, and its box in the unit square of Web Mercator. */
export interface Sight { zoom: number; west: number; north: number; east: number; south: number }

/** The tiles of a change that a map may hold, in and around what it shows; null when the change does not say which. */
export function tilesOf(change: Pick<Change, 'tiles'>, sight: Sight): TileId[] | null {
  if (!change.tiles) return null;
  const own = Math.min(LAST_ZOOM, Math.floor(sight.zoom));
  const tiles: TileId[] = [];
  for (let z = Math.max(0, own - ZOOMS_OUT); z <= Math.min(LAST_ZOOM, own + ZOOMS_IN); z++) {
    const at = (v: number): number => Math.floor(v * 2 ** z);
    for (const [x0, y0, x1, y1] of change.tiles[z] ?? []) {
      for (let x = Math.max(x0, at(sight.west) - 1); x <= Math.min(x1, at(sight.east) + 1); x++) {
        for (let y = Math.max(y0, at(sight.north) - 1); y <= Math.min(y1, at(sight.south) + 1); y++) tiles.push({ z, x, y });
      }
    }
  }
  return tiles;
}

function sightOf(map: GlMap): Sight {
  const bounds = map.getBounds();
  const low = MercatorCoordinate.fromLngLat(bounds.getSouthWest());
  const high = MercatorCoordinate.fromLngLat(bounds.getNorthEast());
  return { zoom: map.getZoom(), west: low.x, north: high.y, east: high.x, south: low.y };
}

const listeners = new Set<(change: Change | null) => void>();

/** Tells the map that data changed; null means everything may have. */
export function announceTiles(change: Change | null): void {
  for (const listener of listeners) listener(change);
}

export function followTiles(map: GlMap): () => void {
  const stale = new Set<string>();
  const refresh = (layer: string, tiles: TileId[] | null): void => {
    if (!map.getSource(layer) || tiles?.length === 0) return;
    // A tile still on its way may carry the old data: look again when the map is quiet.
    if (!map.isSourceLoaded(layer)) stale.add(layer);
    map.refreshTiles(layer, tiles ?? undefined);
  };
  const listener = (change: Change | null): void => {
    if (!change) {
      for (const layer of store.drawnLayers.value) refresh(layer.id, null);
      return;
    }
    // Of a derived layer the server tells by events of its own.
    const tiles = tilesOf(change, sightOf(map));
    for (const layer of tiles ? [change.layer] : touchedBy(change.layer)) refresh(layer, tiles);
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
    await counted();
    await Promise.race([new Promise(requestAnimationFrame), rest(FRAME_MS)]);
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
