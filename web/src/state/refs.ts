// Names of referred features: the options of a `ref` field and the text its value is shown as. One
// request per referred layer, read again when that layer changes.
import { getItems } from '../api/client';
import type { Layer } from '../api/types';
import { labelOf } from '../model/layers';
import { useLoaded } from './loader';
import * as store from './store';

const MAX_OPTIONS = 1000;

export interface Option { value: string; label: string; id: string }

/** Options of a referred layer by value: the entity for interval layers, else the id. */
export function useOptions(layerId: string | null | undefined): Option[] {
  const layer = store.layerById(layerId);
  const key = layer ? `${layer.id}|${store.revisions.value[layer.id] ?? 0}|${layer.time === 'interval' ? store.asOf.value : ''}` : null;
  const loaded = useLoaded<Option[]>(key, async (signal) => (layer ? readOptions(layer, signal) : []), layerId ?? '');
  return loaded.data ?? [];
}

async function readOptions(layer: Layer, signal: AbortSignal): Promise<Option[]> {
  const params = new URLSearchParams({ limit: String(MAX_OPTIONS) });
  if (layer.time === 'interval') params.set('datetime', store.asOf.value);
  const page = await getItems(layer.id, params, signal);
  const options = page.features.map((feature) => {
    const entity = feature.properties['entity'];
    const value = layer.time === 'interval' && typeof entity === 'string' ? entity : feature.id;
    return { value, id: feature.id, label: labelOf(layer, feature, store.lang.value) };
  });
  return options.toSorted((a, b) => a.label.localeCompare(b.label, 'vi', { numeric: true }));
}
