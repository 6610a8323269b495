// One label point per polygon. Vector tiles cut a polygon at their edges and would draw its name in
// each piece, so names and class letters come from the items of the layer, placed deepest inside.
import { effect } from '@preact/signals';
import type { GeoJSONSource } from 'maplibre-gl';
import { getItems } from '../api/client';
import type { Feature, Layer } from '../api/types';
import { layerParams } from '../model/query';
import * as store from '../state/store';
import { labelPoint } from './shapes';

const MAX_ANCHORS = 1000;

function anchorsOf(features: Feature[]): GeoJSON.Feature[] {
  return features.flatMap((feature) => {
    const point = feature.geometry ? labelPoint(feature.geometry) : null;
    return point ? [{ type: 'Feature' as const, geometry: { type: 'Point' as const, coordinates: point }, properties: { ...feature.properties, id: feature.id } }] : [];
  });
}

/** Keeps the anchor sources of visible polygon layers in step with filter, day and changes. */
export function followAnchors(sourceOf: (layer: Layer) => GeoJSONSource | undefined, wants: (layer: Layer) => boolean, onStyle: (again: () => void) => void): () => void {
  const shown = new Map<string, { key: string; data: GeoJSON.Feature[] | null }>();
  const put = (layer: Layer): void => {
    const data = shown.get(layer.id)?.data;
    if (data) sourceOf(layer)?.setData({ type: 'FeatureCollection', features: data });
  };
  const read = (): void => {
    for (const layer of store.layers.value) {
      if (!wants(layer) || !store.isVisible(layer.id)) continue;
      const params = layerParams(layer, store.view.value);
      const key = `${params}|${store.revisions.value[layer.id] ?? 0}`;
      if (shown.get(layer.id)?.key === key) continue;
      shown.set(layer.id, { key, data: shown.get(layer.id)?.data ?? null });
      params.set('limit', String(MAX_ANCHORS));
      params.set('located', 'true');
      getItems(layer.id, params).then(
        (page) => {
          if (shown.get(layer.id)?.key !== key) return;
          shown.set(layer.id, { key, data: anchorsOf(page.features) });
          put(layer);
        },
        () => { if (shown.get(layer.id)?.key === key) shown.delete(layer.id); },
      );
    }
  };
  onStyle(() => store.layers.value.filter(wants).forEach(put));
  return effect(read);
}
