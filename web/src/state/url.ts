// The whole state of the page as a query string and back. A link opens the same place, layers, filters,
// area, time, selection, list, language and theme. Anything unreadable falls back to the default.
import { canonicalWkt } from '../model/area';
import { readCondition, writeCondition } from '../model/condition';
import { DEFAULT_PERIOD, isDay, type Period } from '../model/days';
import { DEFAULT_STEP, STEPS, isPeriod, type Step } from '../model/period';
import type { Area, Filters, Mode } from '../model/query';
import type { Lang } from '../model/values';

export interface Camera { lon: number; lat: number; zoom: number }
export interface Selection { layer: string; id: string }
export type Theme = 'light' | 'dark' | 'contrast' | 'auto';
const THEMES: readonly Theme[] = ['light', 'dark', 'contrast', 'auto'];

/** The first and last day of the time axis. */
export interface AxisRange { from: string; to: string }

/** The rooms a link can open; the others are places to work in, not views. */
export const LINKED_ROOMS = ['scheme', 'moves'] as const;
export type LinkedRoom = (typeof LINKED_ROOMS)[number];

/** What is compared between two days: a code field of a layer, and the first day (the second is the
 * as-of day); null where the page chooses. */
export interface Compared { of: { layer: string; field: string } | null; since: string | null }
export const PLAIN_COMPARED: Compared = { of: null, since: null };

/** How the list looks at its layer. */
export interface ListView {
  /** Fields to sort by, `-` before one that runs down. */
  sort: string[];
  /** null: the columns the layer is shown with by default. */
  columns: string[] | null;
  inView: boolean;
  located: boolean | null;
}
export const PLAIN_LIST: ListView = { sort: [], columns: null, inView: false, located: null };

export interface UrlState {
  camera: Camera | null;
  asOf: string | null;
  period: Period;
  mode: Mode;
  step: Step;
  isCumulative: boolean;
  /** null: as long as the data. */
  axis: AxisRange | null;
  /** null: the layers shown by default. */
  layers: string[] | null;
  /** Layers in drawing order, topmost first; null: as their definitions say. */
  order: string[] | null;
  /** Opacity in percent of layers that are not fully opaque. */
  opacity: Record<string, number>;
  /** Whether the base map is drawn. */
  hasBase: boolean;
  filters: Filters;
  hours: number[];
  days: number[];
  area: Area | null;
  selection: Selection | null;
  lang: Lang | null;
  theme: Theme;
  /** The layer whose list is open. */
  list: string | null;
  listView: ListView;
  room: LinkedRoom | null;
  compared: Compared;
}

const NAME = /^[a-z][a-z0-9_]{0,62}$/;
/** A field, or the hour or weekday of one. */
const PARAMETER = /^[a-z][a-z0-9_]{0,62}(\.hour|\.weekday)?$/;
const SORT_KEY = /^-?[a-z][a-z0-9_]{0,62}$/;
const ID = /^[\w-]+$/;
const MAX_NAME = 80;
const MAX_TEXT = 200;

/** Keeps `, : /` readable in links and writes a space as `+`; everything else is escaped as usual. */
const escape = (text: string): string => encodeURIComponent(text).replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%2F', '/').replaceAll('%20', '+').replaceAll("'", '%27');

/** The query string of a state, without `?`; defaults are left out. */
export function toQuery(state: UrlState): string {
  const parts: [string, string][] = [];
  if (state.camera) parts.push(['at', `${state.camera.lon.toFixed(6)},${state.camera.lat.toFixed(6)},${state.camera.zoom.toFixed(2)}`]);
  if (state.asOf) parts.push(['asof', state.asOf]);
  if (state.period !== DEFAULT_PERIOD) parts.push(['period', state.period]);
  if (state.mode !== 'open') parts.push(['mode', state.mode]);
  if (state.step !== DEFAULT_STEP) parts.push(['step', state.step]);
  if (state.isCumulative) parts.push(['cumulative', '1']);
  if (state.axis) parts.push(['axis', `${state.axis.from}/${state.axis.to}`]);
  if (state.layers) parts.push(['layers', state.layers.join(',')]);
  if (!state.hasBase) parts.push(['base', 'off']);
  if (state.order) parts.push(['order', state.order.join(',')]);
  const faded = Object.entries(state.opacity);
  if (faded.length > 0) parts.push(['opacity', faded.map(([layer, percent]) => `${layer}:${percent}`).join(',')]);
  for (const [layer, fields] of Object.entries(state.filters)) {
    for (const [field, pieces] of Object.entries(fields)) parts.push(['f', `${layer}.${field}:${pieces.join(',')}`]);
  }
  if (state.hours.length > 0) parts.push(['hours', state.hours.join(',')]);
  if (state.days.length > 0) parts.push(['days', state.days.join(',')]);
  if (state.area) parts.push(['area', state.area.wkt]);
  if (state.area?.name) parts.push(['area_name', state.area.name]);
  if (state.selection) parts.push(['sel', `${state.selection.layer}/${state.selection.id}`]);
  if (state.list) parts.push(['list', state.list]);
  if (state.listView.sort.length > 0) parts.push(['sort', state.listView.sort.join(',')]);
  if (state.listView.columns) parts.push(['columns', state.listView.columns.join(',')]);
  if (state.listView.inView) parts.push(['inview', '1']);
  if (state.listView.located !== null) parts.push(['located', String(state.listView.located)]);
  if (state.room) parts.push(['room', state.room]);
  if (state.compared.of) parts.push(['moves', `${state.compared.of.layer}.${state.compared.of.field}`]);
  if (state.compared.since) parts.push(['since', state.compared.since]);
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

function filtersOf(texts: string[]): Filters {
  const filters: Filters = {};
  for (const text of texts) {
    const [, layer = '', field = '', list = ''] = /^([^.:]+)\.([^:]+):(.+)$/s.exec(text) ?? [];
    const condition = list.length > MAX_TEXT && list.startsWith('~') ? null : readCondition([list]);
    if (!NAME.test(layer) || !PARAMETER.test(field) || !condition) continue;
    filters[layer] = { ...filters[layer], [field]: writeCondition(condition) };
  }
  return filters;
}

function opacityOf(text: string | null): Record<string, number> {
  const pairs = (text ?? '').split(',').map((one) => one.split(':'));
  const sane = pairs.flatMap(([layer = '', percent = '']) => (NAME.test(layer) && /^\d{1,2}$/.test(percent) ? [[layer, Number(percent)] as const] : []));
  return Object.fromEntries(sane);
}

function axisOf(text: string | null): AxisRange | null {
  const [from, to, ...rest] = (text ?? '').split('/');
  return from && to && rest.length === 0 && isDay(from) && isDay(to) && from < to ? { from, to } : null;
}

/** Distinct whole numbers of a list, in order, within the bounds. */
function numbersOf(text: string | null, low: number, high: number): number[] {
  const numbers = (text ?? '').split(',').filter((part) => /^\d{1,2}$/.test(part)).map(Number);
  return [...new Set(numbers)].filter((value) => value >= low && value <= high).toSorted((a, b) => a - b);
}

function areaOf(params: URLSearchParams): Area | null {
  const wkt = canonicalWkt(params.get('area') ?? '');
  return wkt ? { wkt, name: (params.get('area_name') ?? '').slice(0, MAX_NAME) } : null;
}

function comparedOf(what: string | null, since: string | null): Compared {
  const [layer = '', field = '', ...rest] = (what ?? '').split('.');
  return { of: NAME.test(layer) && NAME.test(field) && rest.length === 0 ? { layer, field } : null, since: since && isDay(since) ? since : null };
}

function selectionOf(text: string | null): Selection | null {
  const [layer = '', id = '', ...rest] = (text ?? '').split('/');
  return NAME.test(layer) && ID.test(id) && rest.length === 0 ? { layer, id } : null;
}

function namesOf(text: string | null, pattern: RegExp): string[] | null {
  return text === null ? null : [...new Set(text.split(',').filter((name) => pattern.test(name)))];
}

function listViewOf(params: URLSearchParams): ListView {
  const located = params.get('located');
  return {
    sort: namesOf(params.get('sort'), SORT_KEY) ?? [],
    columns: namesOf(params.get('columns'), NAME),
    inView: params.get('inview') === '1',
    located: located === 'true' ? true : located === 'false' ? false : null,
  };
}

/** The state a query string stands for. */
export function fromQuery(query: string): UrlState {
  const params = new URLSearchParams(query);
  const asOf = params.get('asof');
  const period = params.get('period');
  const lang = params.get('lang');
  const theme = params.get('theme');
  const list = params.get('list');
  return {
    camera: cameraOf(params.get('at')),
    asOf: asOf && isDay(asOf) ? asOf : null,
    period: period && isPeriod(period) ? period : DEFAULT_PERIOD,
    mode: params.get('mode') === 'began' ? 'began' : 'open',
    step: STEPS.find((step) => step === params.get('step')) ?? DEFAULT_STEP,
    isCumulative: params.get('cumulative') === '1',
    axis: axisOf(params.get('axis')),
    layers: namesOf(params.get('layers'), NAME),
    order: namesOf(params.get('order'), NAME),
    opacity: opacityOf(params.get('opacity')),
    hasBase: params.get('base') !== 'off',
    filters: filtersOf(params.getAll('f')),
    hours: numbersOf(params.get('hours'), 0, 23),
    days: numbersOf(params.get('days'), 1, 7),
    area: areaOf(params),
    selection: selectionOf(params.get('sel')),
    room: LINKED_ROOMS.find((room) => room === params.get('room')) ?? null,
    compared: comparedOf(params.get('moves'), params.get('since')),
    lang: lang === 'vi' || lang === 'en' ? lang : null,
    theme: THEMES.find((one) => one === theme) ?? 'auto',
    list: list && NAME.test(list) ? list : null,
    listView: listViewOf(params),
  };
}
