// The one filter of the page as request parameters. Tiles, items, counts, histograms and exports of a
// layer all get theirs from here, so that every number on the page means the same set of features.
import type { Bounds, Layer } from '../api/types';
import { periodStart, type Period } from './days';

/** Chosen codes by field; an empty or missing list means no condition. */
export type LayerFilters = Record<string, string[]>;
export type Filters = Record<string, LayerFilters>;

export interface View { asOf: string; period: Period; filters: Filters }

/** The `datetime` a layer is read with: a day for intervals, the period for events and cases. */
export function datetimeOf(layer: Pick<Layer, 'time'>, view: Pick<View, 'asOf' | 'period'>): string | null {
  if (layer.time === 'none') return null;
  if (layer.time === 'interval') return view.asOf;
  return `${periodStart(view.period, view.asOf) ?? '..'}/${view.asOf}`;
}

export interface ParamOptions { without?: string; bbox?: Bounds; unfiltered?: boolean }

/** Parameters of the current view for one layer. `without` leaves one field's own condition out. */
export function layerParams(layer: Pick<Layer, 'id' | 'time'>, view: View, options: ParamOptions = {}): URLSearchParams {
  const params = new URLSearchParams();
  const datetime = datetimeOf(layer, view);
  if (datetime) params.set('datetime', datetime);
  if (options.bbox) params.set('bbox', options.bbox.map((edge) => edge.toFixed(6)).join(','));
  if (options.unfiltered) return params;
  for (const [field, codes] of Object.entries(view.filters[layer.id] ?? {})) {
    if (codes.length > 0 && field !== options.without) params.set(field, codes.join(','));
  }
  return params;
}

/** The filters with one code of one field switched on or off. */
export function toggleCode(filters: Filters, layer: string, field: string, code: string): Filters {
  const chosen = filters[layer]?.[field] ?? [];
  const next = chosen.includes(code) ? chosen.filter((other) => other !== code) : [...chosen, code];
  return withCodes(filters, layer, field, next);
}

/** The filters with a field's codes replaced; empty lists and layers are dropped. */
export function withCodes(filters: Filters, layer: string, field: string, codes: string[]): Filters {
  const { [field]: _old, ...others } = filters[layer] ?? {};
  const fields = codes.length > 0 ? { ...others, [field]: codes } : others;
  const { [layer]: _layer, ...rest } = filters;
  return Object.keys(fields).length > 0 ? { ...rest, [layer]: fields } : rest;
}

export const isFiltered = (filters: Filters, layer: string): boolean =>
  Object.values(filters[layer] ?? {}).some((codes) => codes.length > 0);
