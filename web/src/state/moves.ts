// The comparison of two days: what is compared, since when (the other day is the page's as-of day, so
// that the map shows what the table tells), the cell picked, and the features the map marks for it.
import { batch, computed, signal } from '@preact/signals';
import type { Feature } from '../api/types';
import { addMonths } from '../model/days';
import { comparisonsOf, type Cell, type Comparison } from '../model/moves';
import * as store from './store';

export const comparison = signal<Comparison | null>(null);
/** null: a year before the as-of day. */
export const since = signal<string | null>(null);
export const cell = signal<Cell | null>(null);

/** Features the map outlines while the comparison is open. */
export const marked = signal<Feature[]>([]);

export const comparisons = computed<Comparison[]>(() => comparisonsOf(store.layers.value));

export const compared = computed<Comparison | null>(() => {
  const chosen = comparison.value;
  const isKnown = comparisons.value.some((one) => one.layer === chosen?.layer && one.field === chosen.field);
  return isKnown ? chosen : (comparisons.value[0] ?? null);
});

export const sinceDay = computed(() => since.value ?? addMonths(store.asOf.value, -12));

/** Compares other days; the second becomes the day of the map. */
export function compareDays(from: string, to: string): void {
  batch(() => {
    cell.value = null;
    store.chosenDay.value = to === store.site.value?.as_of ? null : to;
    since.value = from === addMonths(to, -12) ? null : from;
  });
}

export const swapDays = (): void => compareDays(store.asOf.value, sinceDay.value);
