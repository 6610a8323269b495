// Mirrors the state into the address bar and back. Choices (day, layers, filters, selection,
// language) make a step the Back button undoes; moving the map only rewrites the current step.
import { batch, effect } from '@preact/signals';
import type { Lang } from '../model/values';
import * as store from './store';
import { fromQuery, toQuery, type UrlState } from './url';

const LANG_KEY = 'diaban.lang';

function current(): UrlState {
  return {
    camera: store.camera.value,
    asOf: store.chosenDay.value,
    period: store.period.value,
    layers: store.chosenLayers.value,
    order: store.chosenOrder.value,
    opacity: store.opacity.value,
    filters: store.filters.value,
    selection: store.selection.value,
    lang: store.lang.value,
    theme: store.theme.value,
    list: store.list.value,
  };
}

function apply(state: UrlState): void {
  batch(() => {
    if (state.camera) store.camera.value = state.camera;
    store.chosenDay.value = state.asOf;
    store.period.value = state.period;
    store.chosenLayers.value = state.layers;
    store.chosenOrder.value = state.order;
    store.opacity.value = state.opacity;
    store.filters.value = state.filters;
    store.selection.value = state.selection;
    store.theme.value = state.theme;
    store.list.value = state.list;
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

/** Reads the address once, then keeps it in step. */
export function bindUrl(): void {
  apply(fromQuery(location.search));
  addEventListener('popstate', () => apply(fromQuery(location.search)));
  let isFirst = true;
  effect(() => {
    const query = toQuery(current());
    rememberLang(store.lang.value);
    const shown = location.search.slice(1);
    if (query === shown) return;
    const isStep = !isFirst && withoutCamera(query) !== withoutCamera(shown);
    isFirst = false;
    history[isStep ? 'pushState' : 'replaceState'](null, '', `${location.pathname}?${query}`);
  });
}
