// The scheme's board: which layer holds tasks (one with a measure and a target, whatever its name), and
// opening the features behind a task's number.
import { batch, computed } from '@preact/signals';
import type { Layer } from '../api/types';
import type { Measure } from '../model/measure';
import * as store from './store';
import { PLAIN_LIST } from './url';

export interface SchemeLayer {
  tasks: Layer;
  /** The field that refers to the programme, and the field that groups tasks. */
  programme: string;
  group: string | null;
  programmes: Layer;
}

export const schemeLayer = computed<SchemeLayer | null>(() => {
  for (const tasks of store.layers.value) {
    const has = (name: string): boolean => tasks.fields.some((field) => field.name === name);
    if (!has('measure') || !has('target')) continue;
    const parent = tasks.fields.find((field) => field.type === 'ref' && field.required);
    const programmes = store.layerById(parent?.layer);
    const states = (tasks.workflows ?? []).map((workflow) => workflow.field);
    const group = tasks.fields.find((field) => field.type === 'code' && field.required && !states.includes(field.name));
    if (parent && programmes) return { tasks, programmes, programme: parent.name, group: group?.name ?? null };
  }
  return null;
});

/** Shows exactly what was counted: the layer under that filter, on the map and as the list. */
export function openMeasure({ layer, view }: Measure): void {
  batch(() => {
    store.filters.value = { ...store.filters.value, ...view.filters };
    store.chosenDay.value = view.asOf === store.site.value?.as_of ? null : view.asOf;
    store.period.value = view.period;
    store.mode.value = 'open';
    store.hours.value = [];
    store.days.value = [];
    store.area.value = view.area ?? null;
    store.listView.value = PLAIN_LIST;
    store.list.value = layer.id;
    if (layer.geometry !== 'none' && !store.isVisible(layer.id)) store.chosenLayers.value = [...store.visibleLayers.value, layer.id];
    if (store.isPhone.value) store.room.value = null;
  });
}
