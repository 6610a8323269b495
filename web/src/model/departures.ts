// Fields held against one another, as the definition pairs them: what was permitted and what was found,
// how far they are apart, and whether that is beyond the tolerance. A measure, never a verdict.
import type { Feature, Field, Layer } from '../api/types';
import { daysBetween, isDay } from './days';
import { allFields } from './layers';

/** The parameter that asks the server for features with a departure. */
export const DEPARTS = 'departs';

/** Differences of decimals are not exact in binary; the server allows the same. */
const ROUNDING = 1e-9;

export interface Pair { field: Field; other: Field; tolerance: number; limit: 'most' | 'least' }

export function pairsOf(layer: Layer): Pair[] {
  const fields = allFields(layer);
  return fields.flatMap((field) => {
    const other = fields.find((one) => one.name === field.compare);
    return other ? [{ field, other, tolerance: field.tolerance ?? 0, limit: field.limit ?? 'most' }] : [];
  });
}

export interface Held { pair: Pair; value: unknown; against: unknown; difference: number | null; departs: boolean | null }

/** Numbers as they are, days as days apart; null when one side is not known. */
function differenceOf(value: unknown, against: unknown): number | null {
  if (typeof value === 'number' && typeof against === 'number') return value - against;
  if (typeof value === 'string' && typeof against === 'string' && isDay(value) && isDay(against)) return daysBetween(against, value);
  return null;
}

export function heldAgainst(layer: Layer, feature: Feature): Held[] {
  return pairsOf(layer).map((pair) => {
    const [value, against] = [feature.properties[pair.field.name], feature.properties[pair.other.name]];
    const difference = differenceOf(value, against);
    const beyond = difference === null ? null : (pair.limit === 'least' ? -difference : difference) > pair.tolerance + ROUNDING;
    return { pair, value, against, difference, departs: beyond };
  });
}

/** The long text a reader may write a remark into: the last one the layer has, which is the most internal. */
export const noteField = (layer: Layer): Field | undefined =>
  layer.fields.findLast((field) => field.type === 'text' && field.cold && !field.read_only && !field.system);
