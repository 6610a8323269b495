// The one filter of the page as request parameters. Tiles, items, counts, histograms and exports of a
// layer all get theirs from here, so that every number on the page means the same set of features.
import type { Bounds, Layer } from '../api/types';
import { hourField, weekdayField } from './clock';
import type { Period } from './days';
import { windowOf } from './period';

/** Conditions by parameter: a field's codes, or one piece of text for a range, a text or emptiness
 * (`100..500`, `~chợ`, `null:`; see `condition.ts`). An empty or missing list means no condition. */
export type LayerFilters = Record<string, string[]>;
export type Filters = Record<string, LayerFilters>;

/** Cases that were open in the window, or that began in it. */
export type Mode = 'open' | 'began';

/** A place to look in: a WKT polygon and what the reader calls it. */
export interface Area { wkt: string; name: string }

export interface View {
  asOf: string;
  period: Period;
  filters: Filters;
  mode?: Mode;
  /** Hours of the day and days of the week (1 is Monday) at which things began; empty means any. */
  hours?: number[];
  days?: number[];
  area?: Area | null;
}

/** What of a layer the parameters depend on. */
export type Asked = Pick<Layer, 'id' | 'time'> & Partial<Pick<Layer, 'start' | 'fields' | 'geometry' | 'purpose'>>;

/** A day after every day: asks for nothing where two ranges do not meet. */
const NEVER = '9999-12-31';

/** The `datetime` a layer is read with: a day for intervals, the window for events, and for cases what
 * fixes their state to the as-of day. */
export function datetimeOf(layer: Pick<Layer, 'time'> & Partial<Asked>, view: Pick<View, 'asOf' | 'period' | 'mode'>): string | null {
  if (layer.time === 'none') return null;
  if (layer.time === 'interval') return view.asOf;
  const { from, to } = windowOf(view.period, view.asOf);
  const isBegun = view.mode === 'began' && Boolean(layer.start);
  if (layer.time === 'state') return isBegun ? view.asOf : `${from ?? '..'}/${layer.start ? view.asOf : to}`;
  return isBegun ? null : `${from ?? '..'}/${to}`;
}

/** The window as a range of the start field, where `datetime` alone does not say it. Open in a window
 * that ends before the as-of day means: not over before its first day, and begun by its last. */
function startRange(layer: Asked, view: View): string | null {
  if (!layer.start || (layer.time !== 'event' && layer.time !== 'state')) return null;
  const { from, to } = windowOf(view.period, view.asOf);
  if (view.mode === 'began') return `${from ?? '..'}/${to}`;
  return layer.time === 'state' && to < view.asOf ? `../${to}` : null;
}

/** Both ranges at once, as one range. */
function meet(window: string, own: string): string {
  if (own === 'any:') return window;
  const [from = '..', to = '..'] = window.split('/');
  const [ownFrom = '..', ownTo = '..'] = own.includes('/') ? own.split('/') : [own, own];
  const later = from === '..' || (ownFrom !== '..' && ownFrom > from) ? ownFrom : from;
  const sooner = to === '..' || (ownTo !== '..' && ownTo < to) ? ownTo : to;
  return own === 'null:' || (later !== '..' && sooner !== '..' && later > sooner) ? `${NEVER}/${NEVER}` : `${later}/${sooner}`;
}

export interface ParamOptions {
  /** A parameter whose own condition is left out: a field, `hours`, `days` or `area`. */
  without?: string;
  bbox?: Bounds;
  /** Only the time: no condition of the reader. */
  unfiltered?: boolean;
}

/** Parameters of the current view for one layer. */
export function layerParams(layer: Asked, view: View, options: ParamOptions = {}): URLSearchParams {
  const params = new URLSearchParams();
  if ((layer.purpose ?? 'data') !== 'data') return params;
  const datetime = datetimeOf(layer, view);
  if (datetime) params.set('datetime', datetime);
  if (options.bbox) params.set('bbox', options.bbox.map((edge) => edge.toFixed(6)).join(','));
  const window = startRange(layer, view);
  if (window && layer.start) params.set(layer.start, window);
  if (options.unfiltered) return params;
  for (const [name, values] of Object.entries(view.filters[layer.id] ?? {})) {
    if (values.length === 0 || name === options.without) continue;
    const text = values.join(',');
    params.set(name, window && name === layer.start ? meet(window, text) : text);
  }
  const hour = view.hours?.length && options.without !== 'hours' ? hourField(layer) : null;
  if (hour) params.set(`${hour}.hour`, (view.hours ?? []).join(','));
  const weekday = view.days?.length && options.without !== 'days' ? weekdayField(layer) : null;
  if (weekday) params.set(`${weekday}.weekday`, (view.days ?? []).join(','));
  if (view.area && layer.geometry !== 'none' && options.without !== 'area') params.set('intersects', view.area.wkt);
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

/** Whether anything but time narrows the layer: its own conditions, the clock or the area. */
export function isNarrowed(layer: Asked, view: View): boolean {
  return isFiltered(view.filters, layer.id)
    || Boolean(view.hours?.length && hourField(layer))
    || Boolean(view.days?.length && weekdayField(layer))
    || Boolean(view.area && layer.geometry !== 'none');
}
