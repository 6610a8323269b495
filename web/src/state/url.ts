// The whole state of the page as a query string and back. A link opens the same place, layers,
// filters, as-of day, period, selection, language and theme. Anything unreadable falls back to the default.
import { DEFAULT_PERIOD, PERIODS, isDay, type Period } from '../model/days';
import type { Filters } from '../model/query';
import type { Lang } from '../model/values';

export interface Camera { lon: number; lat: number; zoom: number }
export interface Selection { layer: string; id: string }
export type Theme = 'light' | 'dark' | 'contrast' | 'auto';
const THEMES: readonly Theme[] = ['light', 'dark', 'contrast', 'auto'];

export interface UrlState {
  camera: Camera | null;
  asOf: string | null;
  period: Period;
  /** null: the layers shown by default. */
  layers: string[] | null;
  /** Layers in drawing order, topmost first; null: as their definitions say. */
  order: string[] | null;
  /** Opacity in percent of layers that are not fully opaque. */
  opacity: Record<string, number>;
  filters: Filters;
  selection: Selection | null;
  lang: Lang | null;
  theme: Theme;
  /** The layer whose list is open. */
  list: string | null;
}

const NAME = /^[a-z][a-z0-9_]{0,62}$/;
const CODE = /^[\w.-]+$/;
const ID = /^[\w-]+$/;

/** Keeps `, : /` readable in links; everything else is escaped as usual. */
const escape = (text: string): string => encodeURIComponent(text).replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%2F', '/');

/** The query string of a state, without `?`; defaults are left out. */
export function toQuery(state: UrlState): string {
  const parts: [string, string][] = [];
  if (state.camera) parts.push(['at', `${state.camera.lon.toFixed(6)},${state.camera.lat.toFixed(6)},${state.camera.zoom.toFixed(2)}`]);
  if (state.asOf) parts.push(['asof', state.asOf]);
  if (state.period !== DEFAULT_PERIOD) parts.push(['period', state.period]);
  if (state.layers) parts.push(['layers', state.layers.join(',')]);
  if (state.order) parts.push(['order', state.order.join(',')]);
  const faded = Object.entries(state.opacity);
  if (faded.length > 0) parts.push(['opacity', faded.map(([layer, percent]) => `${layer}:${percent}`).join(',')]);
  for (const [layer, fields] of Object.entries(state.filters)) {
    for (const [field, codes] of Object.entries(fields)) parts.push(['f', `${layer}.${field}:${codes.join(',')}`]);
  }
  if (state.selection) parts.push(['sel', `${state.selection.layer}/${state.selection.id}`]);
  if (state.list) parts.push(['list', state.list]);
  if (state.lang) parts.push(['lang', state.lang]);
  if (state.theme !== 'auto') parts.push(['theme', state.theme]);
  return parts.map(([key, value]) => `${key}=${escape(value)}`).join('&');
}

function cameraOf(text: string | null): Camera | null {
  const [lon, lat, zoom, ...rest] = (text ?? '').split(',').map(Number);
  if (lon === undefined || lat === undefined || zoom === undefined || rest.length > 0) return null;
  const isSane = Math.abs(lon) <= 180 && Math.abs(lat) <= 85 && zoom >= 0 && zoom <= 24;
  return isSane ? { lon, lat, zoom } : null;
}

function periodOf(text: string | null): Period {
  if (!text) return DEFAULT_PERIOD;
  return (PERIODS as readonly string[]).includes(text) || isDay(text) ? text : DEFAULT_PERIOD;
}

function filtersOf(texts: string[]): Filters {
  const filters: Filters = {};
  for (const text of texts) {
    const match = /^([^.:]+)\.([^.:]+):(.+)$/.exec(text);
    const [, layer = '', field = '', list = ''] = match ?? [];
    const codes = list.split(',').filter((code) => CODE.test(code));
    if (!NAME.test(layer) || !NAME.test(field) || codes.length === 0) continue;
    filters[layer] = { ...filters[layer], [field]: codes };
  }
  return filters;
}

function opacityOf(text: string | null): Record<string, number> {
  const pairs = (text ?? '').split(',').map((one) => one.split(':'));
  const sane = pairs.flatMap(([layer = '', percent = '']) => (NAME.test(layer) && /^\d{1,2}$/.test(percent) ? [[layer, Number(percent)] as const] : []));
  return Object.fromEntries(sane);
}

function selectionOf(text: string | null): Selection | null {
  const [layer = '', id = '', ...rest] = (text ?? '').split('/');
  return NAME.test(layer) && ID.test(id) && rest.length === 0 ? { layer, id } : null;
}

/** The state a query string stands for. */
export function fromQuery(query: string): UrlState {
  const params = new URLSearchParams(query);
  const asOf = params.get('asof');
  const layers = params.get('layers');
  const order = params.get('order');
  const lang = params.get('lang');
  const theme = params.get('theme');
  const list = params.get('list');
  return {
    camera: cameraOf(params.get('at')),
    asOf: asOf && isDay(asOf) ? asOf : null,
    period: periodOf(params.get('period')),
    layers: layers === null ? null : layers.split(',').filter((name) => NAME.test(name)),
    order: order === null ? null : order.split(',').filter((name) => NAME.test(name)),
    opacity: opacityOf(params.get('opacity')),
    filters: filtersOf(params.getAll('f')),
    selection: selectionOf(params.get('sel')),
    lang: lang === 'vi' || lang === 'en' ? lang : null,
    theme: THEMES.find((one) => one === theme) ?? 'auto',
    list: list && NAME.test(list) ? list : null,
  };
}
