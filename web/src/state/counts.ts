// Counts of the visible layers under the current filter: the number in the panel, the legend's number
// per code, and the total without conditions that chips compare with. Read again on every change.
import { computed, effect, signal, untracked } from '@preact/signals';
import type { Count, Layer } from '../api/types';
import { isNarrowed, layerParams } from '../model/query';
import { countOf } from './answers';
import * as store from './store';

export interface LayerCount extends Count {
  /** Count without the layer's own conditions; equal to `count` when there are none. */
  total: number;
}

export const counts = signal<Record<string, LayerCount>>({});

/** Between two questions of a burst. */
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

/** The request under way for a layer; a newer question takes its place. */
const underWay = new Map<string, AbortController>();
/** Layers whose numbers are on the way. */
const reading = signal(0);

/** How long others wait for the numbers of a new view. */
const PATIENCE_MS = 150;

/** Resolves once no number is on the way, or after a while: map and axis leave connections and frames to the numbers. */
export function counted(): Promise<void> {
  if (reading.peek() === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = setTimeout(() => done(), PATIENCE_MS);
    // Told of the number at once, when it is not 0 yet.
    const stop = reading.subscribe((left) => { if (left === 0) done(); });
  });
}

async function read(layer: Layer, key: string): Promise<void> {
  const view = store.view.value;
  const by = layer.style?.by;
  underWay.get(layer.id)?.abort();
  const abort = new AbortController();
  underWay.set(layer.id, abort);
  const ask = (params: URLSearchParams, isByCode: boolean): Promise<Count> => {
    if (isByCode && by) params.set('by', by);
    return countOf(layer.id, params, abort.signal);
  };
  // The legend counts what each code would give: only where its own field has a condition is that
  // another question than the layer's.
  const hasOwn = by !== undefined && by !== null && (view.filters[layer.id]?.[by]?.length ?? 0) > 0;
  try {
    const [own, legend, all] = await Promise.all([
      ask(layerParams(layer, view), !hasOwn),
      hasOwn ? ask(layerParams(layer, view, { without: by }), true) : null,
      isNarrowed(layer, view) ? ask(layerParams(layer, view, { unfiltered: true }), false) : null,
    ]);
    if (asked.get(layer.id) !== key) return;
    counts.value = { ...counts.value, [layer.id]: { ...own, by: (legend ?? own).by ?? {}, total: (all ?? own).count } };
  } catch {
    if (asked.get(layer.id) !== key) return;
    asked.delete(layer.id);
    const { [layer.id]: _gone, ...rest } = counts.value;
    counts.value = rest;
  }
}

/** Starts reading. A change is asked about at once, before map and axis take the connections; those of a
 * burst (a drag, an import elsewhere) wait for one another. */
export function followCounts(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = -Infinity;
  const ask = (): void => {
    last = performance.now();
    for (const { layer, key } of wanted.peek()) {
      if (asked.get(layer.id) === key) continue;
      asked.set(layer.id, key);
      reading.value += 1;
      void read(layer, key).finally(() => { reading.value -= 1; });
    }
  };
  effect(() => {
    void wanted.value;
    clearTimeout(timer);
    const wait = last + WAIT_MS - performance.now();
    if (wait > 0) timer = setTimeout(ask, wait);
    else untracked(ask);
  });
}
