// Which columns a list has, and by which fields it can be sorted. Pure.
import type { Field, Layer } from '../../api/types';
import { allFields, nameField } from '../../model/layers';
import type { ListView } from '../../state/url';

const MAX_COLUMNS = 6;

/** Fields a column can show: not the name, not long text, not a bare reference. */
export function possibleColumns(layer: Layer): Field[] {
  const name = nameField(layer);
  return allFields(layer).filter((field) => !field.cold && field.name !== name?.name && field.type !== 'ref' && (field.type as string) !== 'photos');
}

/** The columns worth a glance: the legend's field, the layer's day, a short text (where it was), then
 * what the tiles carry. */
function defaultColumns(layer: Layer): Field[] {
  const fields = possibleColumns(layer).filter((field) => !field.system);
  const first = fields.filter((field) => field.name === layer.style?.by || field.name === layer.start);
  const text = fields.find((field) => field.type === 'text');
  const carried = fields.filter((field) => field.tile && !first.includes(field) && field !== text);
  return [...first, ...(text ? [text] : []), ...carried].slice(0, MAX_COLUMNS);
}

export function columnsOf(layer: Layer, chosen: string[] | null): Field[] {
  if (chosen === null) return defaultColumns(layer);
  return possibleColumns(layer).filter((field) => chosen.includes(field.name));
}

/** Columns with one of them shown or hidden; null when that is the default again. */
export function toggleColumn(layer: Layer, chosen: string[] | null, name: string): string[] | null {
  const shown = columnsOf(layer, chosen).map((field) => field.name);
  const next = shown.includes(name) ? shown.filter((other) => other !== name) : [...shown, name];
  const inOrder = possibleColumns(layer).map((field) => field.name).filter((field) => next.includes(field));
  const usual = new Set(defaultColumns(layer).map((field) => field.name));
  return inOrder.length === usual.size && inOrder.every((field) => usual.has(field)) ? null : inOrder;
}

const bare = (key: string): string => key.replace(/^-/, '');

/** The sort keys this layer has, each field once. */
export function sortOf(layer: Layer, keys: string[]): string[] {
  const usable = new Set(allFields(layer).filter((field) => !field.cold).map((field) => field.name));
  return keys.filter((key, index) => usable.has(bare(key)) && keys.findIndex((other) => bare(other) === bare(key)) === index);
}

/** Up, then down, then unsorted; `isMore` keeps the other keys before it. */
export function nextSort(keys: string[], field: string, isMore: boolean): string[] {
  const others = isMore ? keys.filter((key) => bare(key) !== field) : [];
  const current = keys.find((key) => bare(key) === field);
  if (current === undefined) return [...others, field];
  return current.startsWith('-') ? others : [...others, `-${field}`];
}

export function sortDirection(keys: string[], field: string): 'ascending' | 'descending' | 'none' {
  const current = keys.find((key) => bare(key) === field);
  if (current === undefined) return 'none';
  return current.startsWith('-') ? 'descending' : 'ascending';
}

/** The parameters a list adds to those of the view. */
export function listParams(layer: Layer, params: URLSearchParams, list: ListView): URLSearchParams {
  const out = new URLSearchParams(params);
  if (list.located !== null && layer.geometry !== 'none') out.set('located', String(list.located));
  return out;
}
