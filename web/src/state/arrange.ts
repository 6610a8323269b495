// Arranging what is drawn: order, opacity, the base map. One drag is one step of the history.
import { movedTo } from '../model/listing';
import * as store from './store';

/** Puts a layer where another one is; the whole order goes into the link only when it is not the defined one. */
export function moveLayer(id: string, target: string): void {
  const order = movedTo(store.drawOrder.value, id, target);
  store.chosenOrder.value = order.join() === store.definedOrder.value.join() ? null : order;
}

/** One place up (towards the reader) or down among the shown layers. */
export function shiftLayer(id: string, by: -1 | 1): boolean {
  const shown = store.drawOrder.value.filter((one) => store.isVisible(one));
  const target = shown[shown.indexOf(id) + by];
  if (!shown.includes(id) || target === undefined) return false;
  moveLayer(id, target);
  return true;
}

export function setOpacity(id: string, percent: number): void {
  const { [id]: _old, ...others } = store.opacity.value;
  store.opacity.value = percent >= 100 ? others : { ...others, [id]: Math.max(0, Math.round(percent)) };
}

export const toggleBase = (): void => { store.hasBase.value = !store.hasBase.value; };
