// What a person can do to the page's state, one function each, so that mouse, keyboard and live
// events go the same way. No DOM, no map: the map follows the signals.
import { batch } from '@preact/signals';
import type { Bounds, Change, Feature } from '../api/types';
import { boundsOf } from '../map/shapes';
import { writeCondition, type Condition } from '../model/condition';
import { pointOf } from '../model/form';
import { toggleCode, withCodes } from '../model/query';
import * as store from './store';
import { leave } from './unsaved';
import { PLAIN_LIST } from './url';

/** Tells the reader something: shown for a while, and read out. */
export function tell(kind: 'ok' | 'error', text: string): void {
  store.notice.value = { kind, text };
}

export function toggleLayer(id: string): void {
  const shown = store.visibleLayers.value;
  store.chosenLayers.value = shown.includes(id) ? shown.filter((other) => other !== id) : [...shown, id];
}

export function toggleFilter(layer: string, field: string, code: string): void {
  store.filters.value = toggleCode(store.filters.value, layer, field, code);
}

export function clearFilter(layer: string, field: string): void {
  store.filters.value = withCodes(store.filters.value, layer, field, []);
}

/** Sets a condition of one field; null takes it away. */
export function setCondition(layer: string, field: string, condition: Condition | null): void {
  store.filters.value = withCodes(store.filters.value, layer, field, condition ? writeCondition(condition) : []);
}

/** Takes every condition away: filters, clock and area. Time stays. */
export function clearConditions(): void {
  batch(() => {
    store.filters.value = {};
    store.hours.value = [];
    store.days.value = [];
    store.area.value = null;
  });
}

/** What the pointer is over, in the list or on the map; told only when it changes. */
export function point(at: store.Hovered | null): void {
  const old = store.hovered.peek();
  if (old?.layer !== at?.layer || old?.id !== at?.id) store.hovered.value = at;
}

/** Opens a feature's drawer; with `keepsFocus` the keyboard stays where it is. */
export function select(layer: string, id: string, { keepsFocus = false } = {}): void {
  leave(() => batch(() => {
    store.keepsFocus.value = keepsFocus;
    store.pick.value = null;
    store.selection.value = { layer, id };
    if (store.isPhone.value) store.room.value = null;
  }));
}

/** Escape: one step back, from the innermost thing open. */
export function stepBack(): void {
  leave(stepBackNow);
}

function stepBackNow(): void {
  if (store.pick.value?.purpose === 'move') store.pick.value = null;
  else if (store.selection.value) store.selection.value = null;
  else if (store.list.value) store.list.value = null;
  else if (store.isPhone.value) openRoom(null);
}

export function openRoom(room: store.Room | null): void {
  leave(() => batch(() => {
    store.room.value = room;
    if (store.pick.value?.purpose === 'create' && room !== 'record') store.pick.value = null;
    if (store.isPhone.value && room) store.selection.value = null;
  }));
}

/** Marks layers as changed so that everything shown of them is read again. */
export function bump(ids: Iterable<string>): void {
  const next = { ...store.revisions.value };
  for (const id of ids) next[id] = (next[id] ?? 0) + 1;
  store.revisions.value = next;
}

/** Layers whose content a change of `layer` may alter: itself, and what is derived from interval rows. */
export function touchedBy(layer: string): string[] {
  const changed = store.layerById(layer);
  const derived = changed?.time === 'interval' ? store.layers.value.filter((other) => other.derived && other.id !== layer) : [];
  return [layer, ...derived.map((other) => other.id)];
}

export function applyChange(change: Change): void {
  bump(touchedBy(change.layer));
}

export function refreshAll(): void {
  const views = store.viewsLayer.value;
  bump([...store.layers.value, ...(views ? [views] : [])].map((layer) => layer.id));
}

/** A request to the map to go somewhere; the map answers by listening to `flights`. */
export type Flight = { bounds: Bounds } | { lon: number; lat: number; zoom?: number };
type FlightListener = (flight: Flight) => void;
let pilot: FlightListener | null = null;
let waiting: Flight | null = null;

export function onFlight(listener: FlightListener): void {
  pilot = listener;
  if (waiting) listener(waiting);
  waiting = null;
}

/** Moves the map; before it exists the wish is kept. */
export function fly(flight: Flight): void {
  if (pilot) pilot(flight);
  else waiting = flight;
}

/** Goes where a feature is. */
export function flyTo(feature: Pick<Feature, 'geometry'>): void {
  const point = pointOf(feature);
  const box = feature.geometry ? boundsOf(feature.geometry) : null;
  if (point) fly({ lon: point[0], lat: point[1] });
  else if (box) fly({ bounds: box });
}

/** Opens the list of a layer as it is by default. */
export function openList(layer: string | null): void {
  batch(() => {
    store.list.value = layer;
    store.listView.value = { ...PLAIN_LIST, inView: store.listView.value.inView };
  });
}
