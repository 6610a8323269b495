// One condition as the server writes it and as a person thinks of it: `a,b` codes, `100..500`,
// `2025-01-01/..`, `~chợ`, `null:` (not recorded), `any:` (recorded). Text → condition → text is the identity.
import type { Field } from '../api/types';
import { isDay } from './days';

export type Condition =
  | { kind: 'values'; values: string[] }
  | { kind: 'days'; from: string | null; to: string | null }
  | { kind: 'numbers'; from: number | null; to: number | null }
  | { kind: 'contains'; text: string }
  | { kind: 'missing' }
  | { kind: 'present' };

const OPEN = '..';
const NUMBER = /^-?\d+(\.\d+)?$/;
/** Codes, ids and numbers that may stand in a list. */
export const VALUE = /^[\w.-]+$/;

/** Reads the pieces of one parameter; null when they are no condition. */
export function readCondition(pieces: string[]): Condition | null {
  const text = pieces.join(',');
  if (text === 'null:') return { kind: 'missing' };
  if (text === 'any:') return { kind: 'present' };
  if (text.startsWith('~')) return text.slice(1).trim() ? { kind: 'contains', text: text.slice(1) } : null;
  const days = text.split('/');
  if (days.length === 2) {
    const ends = days.map((end) => (end === OPEN ? null : isDay(end) ? end : undefined));
    const [from, to] = ends;
    if (from === undefined || to === undefined || (from === null && to === null) || (from && to && from > to)) return null;
    return { kind: 'days', from, to };
  }
  const range = /^(-?[\d.]*?)\.\.(-?[\d.]*)$/.exec(text);
  if (range) {
    const [, low = '', high = ''] = range;
    if ((low && !NUMBER.test(low)) || (high && !NUMBER.test(high)) || (!low && !high)) return null;
    const [from, to] = [low ? Number(low) : null, high ? Number(high) : null];
    return from !== null && to !== null && from > to ? null : { kind: 'numbers', from, to };
  }
  const values = text.split(',').filter((value) => VALUE.test(value));
  return values.length > 0 ? { kind: 'values', values } : null;
}

/** The pieces kept in the state for a condition. */
export function writeCondition(condition: Condition): string[] {
  switch (condition.kind) {
    case 'values': return condition.values;
    case 'days': return [`${condition.from ?? OPEN}/${condition.to ?? OPEN}`];
    case 'numbers': return [`${condition.from ?? ''}${OPEN}${condition.to ?? ''}`];
    case 'contains': return [`~${condition.text}`];
    case 'missing': return ['null:'];
    case 'present': return ['any:'];
  }
}

/** How a field is asked about: by codes, by a range of days or numbers, by a piece of text, or not at all. */
export function askKind(field: Field): 'codes' | 'days' | 'numbers' | 'text' | null {
  if (field.cold) return null;
  switch (field.type) {
    case 'code': return (field.codes?.length ?? 0) > 0 ? 'codes' : null;
    case 'date': case 'datetime': return 'days';
    case 'integer': case 'number': return field.people ? null : 'numbers';
    case 'text': return 'text';
    default: return null;
  }
}
