// Conditions in words, for chips and what is read out: "Mức phạt: từ 500.000 đồng", "Giờ 17–20, 22".
import type { Field } from '../../api/types';
import { t, title, words } from '../../i18n';
import { readCondition } from '../../model/condition';
import { showDay } from '../../model/days';
import { codeOf } from '../../model/layers';
import { showValue } from '../../model/values';
import * as store from '../../state/store';

/** Neighbouring numbers as ranges: 17, 18, 19, 22 → "17–19, 22". */
export function runs(values: number[], show: (value: number) => string): string {
  const sorted = values.toSorted((a, b) => a - b);
  const groups: number[][] = [];
  for (const value of sorted) {
    const last = groups.at(-1);
    if (last?.at(-1) === value - 1) last.push(value);
    else groups.push([value]);
  }
  return groups.map((group) => {
    const [first = 0] = group;
    const last = group.at(-1) ?? first;
    if (group.length === 1) return show(first);
    return `${show(first)}${group.length === 2 ? ', ' : '–'}${show(last)}`;
  }).join(', ');
}

export const hoursText = (hours: number[]): string => runs(hours, String);
export const weekdayName = (day: number): string => t(`day.${day}` as 'day.1');
export const daysText = (days: number[]): string => runs(days, weekdayName);

function between(from: string | null, to: string | null): string {
  if (from !== null && to !== null) return from === to ? from : t('filter.between', { from, to });
  return from !== null ? t('filter.from', { from }) : t('filter.to', { to: to ?? '' });
}

/** The values of a condition; the field's name stands before them. */
export function conditionText(field: Field | undefined, pieces: string[]): string {
  const condition = readCondition(pieces);
  switch (condition?.kind) {
    case 'values': return condition.values.map((value) => codeOf(field, value)?.[store.lang.value] ?? value).join(', ');
    case 'days': return between(condition.from && showDay(condition.from), condition.to && showDay(condition.to));
    case 'numbers': {
      const show = (value: number | null): string | null => (value === null ? null : showValue(field, value, store.lang.value, words()));
      return between(show(condition.from), show(condition.to));
    }
    case 'contains': return t('filter.contains_text', { text: condition.text });
    case 'missing': return t('filter.missing');
    case 'present': return t('filter.present');
    default: return pieces.join(', ');
  }
}

/** Whether a chip needs the field's name to be understood: a code alone says what it is. */
export const needsName = (pieces: string[]): boolean => readCondition(pieces)?.kind !== 'values';

export const fieldName = (field: Field | undefined, name: string): string => title(field?.title) || name;
