// Counts of the visible layers under the current filter: the number in the panel, the legend's number
// per code, and the total without conditions that chips compare with. Read again on every change.
import { computed, effect, signal } from '@preact/signals';
import { getCount } from '../api/client';
import type { Count, Layer } from '../api/types';
import { isNarrowed, layerParams } from '../model/query';
import * as store from './store';

export interface LayerCount extends Count {
  /** Count without the layer's own conditions; equal to `count` when there are none. */
  total: number;
}

export const counts = signal<Record<string, LayerCount>>({});

const WAIT_MS = 40;
const asked = new Map<string, string>();

/** What the count of a layer depends on; while it stays the same nothing is read again. */
function keyOf(layer: Layer): string {
  const revision = store.revisions.value[layer.id] ?? 0;
  return `${layerParams(layer, store.view.value)}|${revision}`;
}

const wanted = computed(() => {
  if (!store.site.value) return [];
  return store.layers.value.map((layer) => ({ layer, key: keyOf(layer) }));
});

async function read(layer: Layer, key: string): Promise<void> {
  const view = store.view.value;
  const by = layer.style?.by;
  const params = layerParams(layer, view);
  const isPlain = !isNarrowed(layer, view);
  if (by && isPlain) params.set('by', by);
  try {
    const [own, all] = await Promise.all([
      getCount(layer.id, params),
      isPlain ? null : getCount(layer.id, legendParams(layer)),
    ]);
    if (asked.get(layer.id) !== key) return;
    const total = all === null ? own.count : (await getCount(layer.id, layerParams(layer, view, { unfiltered: true }))).count;
    if (asked.get(layer.id) !== key) return;
    counts.value = { ...counts.value, [layer.id]: { ...own, by: (all ?? own).by ?? {}, total } };
  } catch {
    if (asked.get(layer.id) !== key) return;
    asked.delete(layer.id);
    const { [layer.id]: _gone, ...rest } = counts.value;
    counts.value = rest;
  }
}

/** The legend counts what each code would give, so its own field's condition is left out. */
function legendParams(layer: Layer): URLSearchParams {
  const by = layer.style?.by;
  const params = layerParams(layer, store.view.value, by ? { without: by } : {});
  if (by) params.set('by', by);
  return params;
}

/** Starts reading; a burst of changes is answered once. */
export function followCounts(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const list = wanted.value;
    clearTimeout(timer);
    timer = setTimeout(() => {
      for (const { layer, key } of list) {
        if (asked.get(layer.id) === key) continue;
        asked.set(layer.id, key);
        void read(layer, key);
      }
    }, WAIT_MS);
  });
}
