// Mirrors the state into the address bar and back. Choices (time, layers, filters, area, selection,
// language) make a step that Back and Ctrl-Z undo; moving the map only rewrites the current step, and
// so does the rest of one gesture: a drag or a held key is one step, not a hundred.
import { batch, effect } from '@preact/signals';
import type { Lang } from '../model/values';
import { comparison, since } from './moves';
import * as store from './store';
import { LINKED_ROOMS, fromQuery, toQuery, type UrlState } from './url';

const LANG_KEY = 'diaban.lang';

/** What a saved view leaves to its reader: language and theme are theirs, not the view's. */
export function currentState(): UrlState {
  return {
    camera: store.camera.value,
    asOf: store.chosenDay.value,
    period: store.period.value,
    mode: store.mode.value,
    step: store.step.value,
    isCumulative: store.isCumulative.value,
    axis: store.axis.value,
    layers: store.chosenLayers.value,
    order: store.chosenOrder.value,
    opacity: store.opacity.value,
    hasBase: store.hasBase.value,
    filters: store.filters.value,
    hours: store.hours.value,
    days: store.days.value,
    area: store.area.value,
    selection: store.selection.value,
    lang: store.lang.value,
    theme: store.theme.value,
    list: store.list.value,
    listView: store.listView.value,
    room: LINKED_ROOMS.find((room) => room === store.room.value) ?? null,
    compared: { of: comparison.value, since: since.value },
  };
}

/** Takes a state over whole. */
export function applyState(state: UrlState): void {
  batch(() => {
    if (state.camera) store.camera.value = state.camera;
    store.chosenDay.value = state.asOf;
    store.period.value = state.period;
    store.mode.value = state.mode;
    store.step.value = state.step;
    store.isCumulative.value = state.isCumulative;
    store.axis.value = state.axis;
    store.chosenLayers.value = state.layers;
    store.chosenOrder.value = state.order;
    store.opacity.value = state.opacity;
    store.hasBase.value = state.hasBase;
    store.filters.value = state.filters;
    store.hours.value = state.hours;
    store.days.value = state.days;
    store.area.value = state.area;
    store.selection.value = state.selection;
    store.theme.value = state.theme;
    store.list.value = state.list;
    store.listView.value = state.listView;
    if (state.room) store.room.value = state.room;
    else if (LINKED_ROOMS.some((room) => room === store.room.value)) store.room.value = store.isPhone.value ? null : 'layers';
    comparison.value = state.compared.of;
    since.value = state.compared.since;
    store.lang.value = state.lang ?? rememberedLang();
  });
}

function rememberedLang(): Lang {
  try {
    return localStorage.getItem(LANG_KEY) === 'en' ? 'en' : 'vi';
  } catch {
    return 'vi';
  }
}

function rememberLang(lang: Lang): void {
  try {
    localStorage.setItem(LANG_KEY, lang);
  } catch {
    // Storage may be forbidden; the link still carries the language.
  }
}

const withoutCamera = (query: string): string => query.replace(/(^|&)at=[^&]*/, '');

/** How many of our own steps lie behind the present one, kept with the step itself. */
const depth = (): number => (history.state as { depth?: number } | null)?.depth ?? 0;

/** The gesture the newest step belongs to. */
let stepGesture: string | null = null;

/** Reads the address once, then keeps it in step. */
export function bindUrl(): void {
  applyState(fromQuery(location.search));
  addEventListener('popstate', () => {
    stepGesture = null;
    applyState(fromQuery(location.search));
  });
  let isFirst = true;
  effect(() => {
    const query = toQuery(currentState());
    rememberLang(store.lang.value);
    const shown = location.search.slice(1);
    if (query === shown) return;
    const gesture = store.gesture.peek();
    const isChoice = !isFirst && withoutCamera(query) !== withoutCamera(shown);
    const isStep = isChoice && (gesture === null || gesture !== stepGesture);
    isFirst = false;
    if (isChoice) stepGesture = gesture;
    const address = `${location.pathname}?${query}`;
    if (isStep) history.pushState({ depth: depth() + 1 }, '', address);
    else history.replaceState({ depth: depth() }, '', address);
  });
}

/** Ctrl-Z: back to the exploration before the last step; false when there is none of ours. */
export function undoStep(): boolean {
  if (depth() === 0) return false;
  history.back();
  return true;
}

export function redoStep(): void {
  history.forward();
}
