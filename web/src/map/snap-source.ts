// What a drawing snaps to: vertices and edges of the features of the shown layers and of the base map,
// read from the API (not from tiles, whose vertices lie on a grid) for the place in view.
import type { Geometry } from 'geojson';
import type { Map as GlMap } from 'maplibre-gl';
import type { SnapToCustom } from 'terra-draw';
import { getItems } from '../api/client';
import type { Bounds } from '../api/types';
import { snapIndex, type SnapIndex } from '../geo/snap';
import { layerParams } from '../model/query';
import * as store from '../state/store';

/** Further out a pixel is many metres, and everything in view would be asked for. */
const MIN_ZOOM = 14;
const MAX_FEATURES = 1000;
const VERTEX_PX = 12;
const EDGE_PX = 8;

async function read(bounds: Bounds): Promise<Geometry[]> {
  const base = store.collections.value.map((collection) => collection.layer).filter((layer) => layer.purpose === 'base');
  const layers = [...base, ...store.drawnLayers.value.filter((layer) => layer.geometry !== 'point' && store.isVisible(layer.id))];
  const lists = await Promise.all(layers.map(async (layer) => {
    const params = layerParams(layer, store.view.value);
    params.set('bbox', bounds.map((edge) => edge.toFixed(6)).join(','));
    params.set('limit', String(MAX_FEATURES));
    const page = await getItems(layer.id, params).catch(() => null);
    return page?.features ?? [];
  }));
  return lists.flat().flatMap((feature) => (feature.geometry ? [feature.geometry] : []));
}

/** Keeps an index of what is in view until stopped. */
export function followSnaps(map: GlMap): { snap: SnapToCustom; stop: () => void } {
  let index: SnapIndex = snapIndex([]);
  let latest = 0;
  const refresh = (): void => {
    latest += 1;
    const mine = latest;
    if (map.getZoom() < MIN_ZOOM) {
      index = snapIndex([]);
      return;
    }
    const box = map.getBounds();
    void read([box.getWest(), box.getSouth(), box.getEast(), box.getNorth()]).then((geometries) => {
      if (mine === latest) index = snapIndex(geometries);
      map.getContainer().dataset['snaps'] = String(index.size);
    });
  };
  refresh();
  map.on('moveend', refresh);
  return {
    snap: (event) => index.near([event.lng, event.lat], { zoom: map.getZoom(), vertexPx: VERTEX_PX, edgePx: EDGE_PX }) ?? undefined,
    stop: () => {
      latest += 1;
      map.off('moveend', refresh);
    },
  };
}
