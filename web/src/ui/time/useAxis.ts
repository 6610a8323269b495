// Reads the bars of the axis: for every shown layer what began over the axis under its filters and the
// area (the axis ignores only its own window), what of it the window selects, and, when the as-of day
// is set back, what came after it.
import { getHistogram } from '../../api/client';
import type { Bar, Layer } from '../../api/types';
import { axisOf, barStep, type Axis, type Series } from '../../model/axis';
import { addDays } from '../../model/days';
import { layerParams, type View } from '../../model/query';
import { counted } from '../../state/counts';
import { useLoaded, type Loaded } from '../../state/loader';
import * as store from '../../state/store';
import { opening, shownAxis, timedLayers } from '../../state/time';

async function readSeries(layer: Layer, view: View, signal: AbortSignal): Promise<Series> {
  const range = shownAxis.value;
  const bars = (of: View): Promise<{ bars: Bar[]; before?: number; without?: number }> => {
    const params = layerParams(layer, of);
    params.set('field', layer.start ?? '');
    params.set('step', barStep(range));
    return getHistogram(layer.id, params, signal);
  };
  const isPast = view.asOf < opening.value;
  const known = range.to < view.asOf ? range.to : view.asOf;
  const [all, inside, later] = await Promise.all([
    bars({ ...view, mode: 'began', period: `${range.from}/${known}` }),
    bars(view),
    isPast && range.to > view.asOf ? bars({ ...view, mode: 'began', asOf: opening.value, period: `${addDays(view.asOf, 1)}/${opening.value}` }) : null,
  ]);
  return { layer: layer.id, all, inside, later: later?.bars ?? [] };
}

/** The last series of each layer: a filter of one layer asks nothing about the others. */
const kept = new Map<string, { key: string; series: Series }>();

async function seriesOf(layer: Layer, key: string, view: View, signal: AbortSignal): Promise<Series> {
  const old = kept.get(layer.id);
  if (old?.key === key) return old.series;
  await counted();
  signal.throwIfAborted();
  const series = await readSeries(layer, view, signal);
  kept.set(layer.id, { key, series });
  return series;
}

/** The axis under the current view; the last one stays until the next is read. */
export function useAxis(): Loaded<Axis> {
  const layers = timedLayers.value;
  const view = store.view.value;
  const { from, to } = shownAxis.value;
  const keys = layers.map((layer) => [from, to, opening.value, `${layer.id}?${layerParams(layer, view)}`, store.revisions.value[layer.id] ?? 0].join('|'));
  return useLoaded<Axis>(keys.join(' '), async (signal) => axisOf(await Promise.all(layers.map((layer, index) => seriesOf(layer, keys[index] ?? '', view, signal)))), 'axis');
}
