// Which field of a layer tells the hour and the day of the week a thing began. Pure; no layer is named:
// a start that is only a day may have a sibling with the hour (`found_on` and `found_at`).
import type { Field, Layer } from '../api/types';

export const HOURS = Array.from({ length: 24 }, (_none, hour) => hour);
/** Monday is 1, as the server counts. */
export const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];

type Timed = { time: Layer['time'] } & Partial<Pick<Layer, 'start' | 'fields'>>;

const startOf = (layer: Timed): Field | undefined => layer.fields?.find((field) => field.name === layer.start && !field.cold);

/** The field with the time of day at which it began. */
export function hourField(layer: Timed): string | null {
  const start = startOf(layer);
  if (!start || (layer.time !== 'event' && layer.time !== 'state')) return null;
  if (start.type === 'datetime') return start.name;
  const sibling = start.name.replace(/_on$/, '_at');
  return layer.fields?.find((field) => field.name === sibling && field.type === 'datetime' && !field.cold)?.name ?? null;
}

/** The field whose day of the week counts: the start itself. */
export function weekdayField(layer: Timed): string | null {
  const start = startOf(layer);
  const isDated = start?.type === 'date' || start?.type === 'datetime';
  return isDated && (layer.time === 'event' || layer.time === 'state') ? start.name : null;
}
