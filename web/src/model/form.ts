// A form made from a layer definition: which fields it asks for, how stored values become text in the
// boxes, and how the text becomes values again with errors as text keys. Pure, so it can be tested.
import type { Key } from '../i18n/vi';
import type { Feature, Field, Layer, Properties } from '../api/types';
import { allFields, workflowOf } from './layers';
import { parseDay, showDay } from './days';
import { showInstant, type Lang } from './values';

export type Texts = Record<string, string>;
export interface Wrong { key: Key; params?: Record<string, string | number> }
export interface Parsed { values: Record<string, unknown>; errors: Record<string, Wrong> }

const DEFAULT_MAX = 500;
const DEFAULT_COLD_MAX = 4000;

/** The most characters a text may have. */
export const maxLength = (field: Field): number => field.max_length ?? (field.cold ? DEFAULT_COLD_MAX : DEFAULT_MAX);

const isMasked = (value: unknown): boolean => typeof value === 'string' && value.startsWith('<');

/** The fields a person may fill in. A workflow field is only asked for when the feature is new. */
export function formFields(layer: Layer, before: Properties | null): Field[] {
  return allFields(layer).flatMap((field) => {
    // Photos are attached, not typed.
    if (field.read_only || field.name === 'entity' || field.type === 'photos') return [];
    if (before && isMasked(before[field.name])) return [];
    const workflow = workflowOf(layer, field.name);
    if (!workflow) return [field];
    if (before) return [];
    const initial = workflow.initial ?? [];
    return [{ ...field, required: true, codes: (field.codes ?? []).filter((code) => initial.length === 0 || initial.includes(code.code)) }];
  });
}

/** What the boxes hold at first. */
export function textsOf(fields: Field[], properties: Properties | null, lang: Lang): Texts {
  return Object.fromEntries(fields.map((field) => [field.name, textOf(field, properties?.[field.name], lang)]));
}

function textOf(field: Field, value: unknown, lang: Lang): string {
  if (value === null || value === undefined) return '';
  if (field.type === 'date') return showDay(String(value));
  if (field.type === 'datetime') return String(value).length === 10 ? showDay(String(value)) : showInstant(String(value), 'vi');
  if (typeof value === 'number' && lang === 'vi') return String(value).replace('.', ',');
  return String(value);
}

/** A new feature's boxes: the first initial state, and the given day where the layer's time starts. */
export function newTexts(layer: Layer, fields: Field[], day: string): Texts {
  const texts = textsOf(fields, null, 'vi');
  for (const field of fields) {
    if (workflowOf(layer, field.name)) texts[field.name] = field.codes?.[0]?.code ?? '';
    const isStart = field.name === layer.start || (layer.time === 'interval' && field.name === 'valid_from');
    if (isStart && (field.type === 'date' || field.type === 'datetime')) texts[field.name] = showDay(day);
  }
  return texts;
}

/** A number as the language writes it. The other language's decimal mark is taken too where it
 * cannot be meant as a thousands mark: in Vietnamese `1.204` is 1204 and `9.5` is nine and a half. */
export function parseNumber(text: string, lang: Lang): number | null {
  const plain = text.trim().replaceAll(/\s/g, '');
  const [decimal, group] = lang === 'vi' ? [',', '.'] : ['.', ','];
  const escaped = (mark: string): string => `\\${mark}`;
  const isGrouped = new RegExp(`^-?\\d{1,3}(${escaped(group)}\\d{3})+(${escaped(decimal)}\\d+)?$`).test(plain);
  const isOwn = new RegExp(`^-?\\d+(${escaped(decimal)}\\d+)?$`).test(plain);
  const isOther = new RegExp(`^-?\\d+${escaped(group)}\\d+$`).test(plain);
  if (isGrouped) return Number(plain.replaceAll(group, '').replace(decimal, '.'));
  if (isOwn || isOther) return Number(plain.replace(',', '.'));
  return null;
}

function parseInstant(text: string): string | null {
  const [dayText = '', time = '', ...more] = text.trim().split(/\s+/);
  const day = parseDay(dayText);
  if (!day || more.length > 0) return null;
  if (time === '') return `${day}T00:00:00+07:00`;
  const match = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(time);
  return match ? `${day}T${match[1]?.padStart(2, '0')}:${match[2]}:00+07:00` : null;
}

function parseOne(field: Field, text: string, lang: Lang): { value: unknown } | { wrong: Wrong } {
  const trimmed = text.trim();
  if (trimmed === '') return field.required ? { wrong: { key: 'form.required' } } : { value: null };
  switch (field.type) {
    case 'integer':
    case 'number': {
      const value = parseNumber(trimmed, lang);
      if (value === null) return { wrong: { key: 'form.bad_number' } };
      if (field.type === 'integer' && !Number.isInteger(value)) return { wrong: { key: 'form.bad_integer' } };
      if (typeof field.min === 'number' && value < field.min) return { wrong: { key: 'form.min', params: { min: field.min } } };
      if (typeof field.max === 'number' && value > field.max) return { wrong: { key: 'form.max', params: { max: field.max } } };
      return { value };
    }
    case 'boolean': return { value: trimmed === 'true' };
    case 'date': {
      const day = parseDay(trimmed);
      return day ? { value: day } : { wrong: { key: 'form.bad_date' } };
    }
    case 'datetime': {
      const instant = parseInstant(trimmed);
      return instant ? { value: instant } : { wrong: { key: 'form.bad_datetime' } };
    }
    case 'text': {
      const max = maxLength(field);
      return trimmed.length > max ? { wrong: { key: 'form.too_long', params: { max } } } : { value: trimmed };
    }
    default: return { value: trimmed };
  }
}

/** Values of all boxes; a box whose text did not change keeps the stored value and is not judged. */
export function parseTexts(fields: Field[], texts: Texts, before: Texts | null, lang: Lang): Parsed {
  const parsed: Parsed = { values: {}, errors: {} };
  for (const field of fields) {
    const text = texts[field.name] ?? '';
    if (before && text === before[field.name]) continue;
    const result = parseOne(field, text, lang);
    if ('wrong' in result) parsed.errors[field.name] = result.wrong;
    else if (before || result.value !== null) parsed.values[field.name] = result.value;
  }
  return parsed;
}

/** The point of a feature, if it is one. */
export function pointOf(feature: Pick<Feature, 'geometry'>): [number, number] | null {
  const [lon, lat] = feature.geometry?.type === 'Point' ? feature.geometry.coordinates : [];
  return lon !== undefined && lat !== undefined ? [lon, lat] : null;
}

/** The field of a layer's photos, if it keeps any. */
export const photoField = (layer: Layer): Field | undefined => layer.fields.find((field) => field.type === 'photos' && !field.read_only);

/** The photos of a feature in their order, by the SHA-256 of each. */
export function photosOf(properties: Properties | null): string[] {
  const value: unknown = properties?.['photos'];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

const SPANS: [string, string][] = [['_from', '_to'], ['_start', '_end']];

/** Pairs of days of which the first may not lie after the second: the layer's own time, and fields whose
 * names say so. */
export function dayPairs(layer: Layer, fields: Field[]): [Field, Field][] {
  const named = new Map(fields.filter((field) => field.type === 'date' || field.type === 'datetime').map((field) => [field.name, field]));
  const pairs: [string, string][] = layer.start && layer.end ? [[layer.start, layer.end]] : [];
  for (const name of named.keys()) {
    for (const [from, to] of SPANS) if (name.endsWith(from)) pairs.push([name, name.slice(0, -from.length) + to]);
  }
  const found = new Map<string, [Field, Field]>();
  for (const [from, to] of pairs) {
    const [first, last] = [named.get(from), named.get(to)];
    if (first && last) found.set(to, [first, last]);
  }
  return [...found.values()];
}

const dayOf = (value: unknown): string => {
  const time = Date.parse(String(value));
  return String(value).length === 10 || Number.isNaN(time) ? String(value) : new Date(time).toISOString();
};

/** The second of a pair that lies before the first, judged only when one of the two was changed. A
 * validity must last at least a day: it ends before its last day begins. */
export function orderFaults(layer: Layer, fields: Field[], changed: Record<string, unknown>, before: Properties | null): Record<string, Wrong> {
  const wrong: Record<string, Wrong> = {};
  for (const [first, last] of dayPairs(layer, fields)) {
    if (!(first.name in changed) && !(last.name in changed)) continue;
    const [from, to] = [first, last].map((field) => (field.name in changed ? changed[field.name] : before?.[field.name]));
    if (!from || !to) continue;
    const [a, b] = first.type === last.type ? [dayOf(from), dayOf(to)] : [String(from).slice(0, 10), String(to).slice(0, 10)];
    const isValidity = last.name === 'valid_to';
    if (b < a || (isValidity && a === b)) wrong[last.name] = { key: isValidity ? 'form.validity_order' : 'form.day_order' };
  }
  return wrong;
}
