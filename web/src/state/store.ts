// The page's state as signals. Components and the map only read these; the functions here and in
// `actions.ts` are the only writers. What belongs in a link is mirrored to the URL by `history.ts`.
import { batch, computed, signal } from '@preact/signals';
import type { Geometry } from 'geojson';
import type { Bounds, Collection, Feature, Layer, Site } from '../api/types';
import { DEFAULT_PERIOD, type Period } from '../model/days';
import { isDerived } from '../model/layers';
import { DEFAULT_STEP, type Step } from '../model/period';
import type { Area, Filters, Mode, View } from '../model/query';
import type { Lang } from '../model/values';
import { PLAIN_LIST, type AxisRange, type Camera, type ListView, type Selection, type Theme } from './url';

export const lang = signal<Lang>('vi');
export const theme = signal<Theme>('auto');
export const site = signal<Site | null>(null);
export const collections = signal<Collection[]>([]);
const definitions = signal<Layer[]>([]);

/** Takes the server's list. Definitions that did not change stay the same object, so that a new
 * extent alone reloads no style. */
export function setCollections(list: Collection[]): void {
  const next = list.map((collection) => collection.layer);
  batch(() => {
    collections.value = list;
    if (JSON.stringify(next) !== JSON.stringify(definitions.value)) definitions.value = next;
  });
}

/** null until the reader chooses a day: then the day the site opens at. */
export const chosenDay = signal<string | null>(null);
export const period = signal<Period>(DEFAULT_PERIOD);
export const mode = signal<Mode>('open');
/** What "next" moves by, and whether only the end moves. */
export const step = signal<Step>(DEFAULT_STEP);
export const isCumulative = signal<boolean>(false);
/** null: the axis is as long as the data. */
export const axis = signal<AxisRange | null>(null);
export const filters = signal<Filters>({});
export const hours = signal<number[]>([]);
export const days = signal<number[]>([]);
export const area = signal<Area | null>(null);
export const chosenLayers = signal<string[] | null>(null);
/** null until the reader moves a layer: then every drawn layer, topmost first. */
export const chosenOrder = signal<string[] | null>(null);
/** Opacity in percent of layers that are not fully opaque. */
/** Whether the quiet base map is drawn. */
export const hasBase = signal<boolean>(true);
export const opacity = signal<Record<string, number>>({});
export const selection = signal<Selection | null>(null);
/** Whether the drawer of the selection leaves the keyboard where it is (selected in passing, from the list). */
export const keepsFocus = signal<boolean>(false);
/** The selected feature once it is read: the map highlights its geometry. */
export const shown = signal<Feature | null>(null);
/** The feature under the pointer, on the map or in the list; the list brings its geometry along. */
export interface Hovered extends Selection { geometry?: Geometry | null }
export const hovered = signal<Hovered | null>(null);
export const camera = signal<Camera | null>(null);
/** What the map shows, for the list's "in view". */
export const bounds = signal<Bounds | null>(null);

/** The layer whose list is open, if any. */
export const list = signal<string | null>(null);
export const listView = signal<ListView>(PLAIN_LIST);

/** Names a continuous movement (a drag, a held key, a playback) while it lasts: its changes are one step. */
export const gesture = signal<string | null>(null);

/** The rooms of the rail. */
export type Room = 'layers' | 'filter' | 'scheme' | 'moves' | 'record' | 'data' | 'views' | 'more';
export const room = signal<Room | null>('layers');

/** On a phone: how much of the screen a sheet takes. */
export type SheetSize = 'peek' | 'half' | 'full';
export const sheetSize = signal<SheetSize>('half');

/** What a click on the map means: look (null), or give the point for a form. */
export interface Pick { purpose: 'create' | 'move'; lon: number | null; lat: number | null }
export const pick = signal<Pick | null>(null);

/** Counted up by every change of the data; whoever shows data re-reads when its layer's number moves. */
export const revisions = signal<Record<string, number>>({});
export const isLive = signal<boolean>(true);

export interface Notice { kind: 'ok' | 'error'; text: string }
export const notice = signal<Notice | null>(null);
/** Read out by screen readers, not shown. */
export const spoken = signal<string>('');

export const asOf = computed(() => chosenDay.value ?? site.value?.as_of ?? new Date().toISOString().slice(0, 10));
export const view = computed<View>(() => ({ asOf: asOf.value, period: period.value, filters: filters.value, mode: mode.value, hours: hours.value, days: days.value, area: area.value }));

/** Areas with a legend are what the map is about; they lead the list whatever lies on top of them. */
const leads = (layer: Layer): number => Number(layer.geometry === 'polygon' && Boolean(layer.style?.by));

const purposeOf = (layer: Layer): string => layer.purpose ?? 'data';

/** The layer that holds the site's saved views, if it has one. */
export const viewsLayer = computed<Layer | null>(() => definitions.value.find((layer) => purposeOf(layer) === 'views') ?? null);

/** Data layers in listing order: coloured areas, then the topmost drawn first. */
export const layers = computed<Layer[]>(() =>
  definitions.value.filter((layer) => purposeOf(layer) === 'data').toSorted((a, b) => leads(b) - leads(a) || (b.order ?? 0) - (a.order ?? 0)));

export const drawnLayers = computed(() => layers.value.filter((layer) => layer.geometry !== 'none'));

/** Drawn layers from the topmost down, as their definitions say. */
export const definedOrder = computed<string[]>(() =>
  drawnLayers.value.toSorted((a, b) => (b.order ?? 0) - (a.order ?? 0)).map((layer) => layer.id));

/** Drawn layers from the topmost down, as the reader arranged them. */
export const drawOrder = computed<string[]>(() => {
  const defined = definedOrder.value;
  const chosen = (chosenOrder.value ?? []).filter((id) => defined.includes(id));
  // A layer the reader's order does not know (imported since) goes where its definition puts it.
  return defined.filter((id) => !chosen.includes(id)).reduce((order, id) => {
    const at = order.findIndex((other) => defined.indexOf(other) > defined.indexOf(id));
    return at < 0 ? [...order, id] : order.toSpliced(at, 0, id);
  }, chosen);
});

/** The quiet map underneath. */
export const baseLayers = computed<Layer[]>(() => definitions.value.filter((layer) => layer.purpose === 'base'));

export const layerById = (id: string | null | undefined): Layer | undefined => layers.value.find((layer) => layer.id === id);

/** What a layer of any purpose is called. */
export const titleOf = (id: string): Layer['title'] | undefined => definitions.value.find((layer) => layer.id === id)?.title;

/** A first visit shows every drawn layer, imported ones included, but those whose definition asks not to be. */
const isShownAtFirst = (layer: Layer): boolean => layer.style?.shown !== false;

/** A layer that only lends its geometry to a derived one would draw the same lines twice. */
function isLender(layer: Layer): boolean {
  return !isDerived(layer) && layers.value.some((other) =>
    other.derived && (typeof other.derived === 'object' ? other.derived.geometry_from === layer.id : other.fields.some((field) => field.type === 'ref' && field.layer === layer.id)));
}

export const visibleLayers = computed<string[]>(() =>
  chosenLayers.value ?? drawnLayers.value.filter((layer) => isShownAtFirst(layer) && !isLender(layer)).map((layer) => layer.id));

export const isVisible = (id: string): boolean => visibleLayers.value.includes(id);

/** A media query as a signal. */
function media(query: string): { readonly value: boolean } {
  const list = globalThis.matchMedia?.(query);
  const matches = signal(list?.matches ?? false);
  list?.addEventListener('change', (event) => { matches.value = event.matches; });
  return matches;
}

const systemDark = media('(prefers-color-scheme: dark)');
const systemContrast = media('(prefers-contrast: more)');

export type ShownTheme = 'light' | 'dark' | 'contrast';

/** One press of the theme button after another. */
export const NEXT_THEME: Record<ShownTheme, ShownTheme> = { light: 'dark', dark: 'contrast', contrast: 'light' };

/** The theme that is in force. */
export const shownTheme = computed<ShownTheme>(() => {
  if (theme.value !== 'auto') return theme.value;
  if (systemContrast.value) return 'contrast';
  return systemDark.value ? 'dark' : 'light';
});

export const isPhone = media('(max-width: 720px)');

export const prefersStill = (): boolean => globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches ?? false;
