// Referred features: the text a reference is shown as, and the choices of a `ref` field. A small layer is
// read whole; in a large one the server searches. Everything is read again when that layer changes.
import { getItem, getItems } from '../api/client';
import { search } from '../api/search';
import type { Feature, Layer } from '../api/types';
import { showDay } from '../model/days';
import { labelOf } from '../model/layers';
import { useLoaded, type Loaded } from './loader';
import * as store from './store';

const MAX_OPTIONS = 1000;
/** Up to this many a list is quicker than a search. */
const MAX_LISTED = 200;

export interface Option {
  /** What is stored: the entity for interval layers, else the id. */
  value: string;
  label: string;
  detail: string;
  id: string;
}

/** What tells two features of the same name apart: another short text, and the day. */
function detailOf(layer: Layer, feature: Feature): string {
  const text = layer.fields.find((field) => field.type === 'text' && field.name !== layer.label && !field.cold && !field.system && feature.properties[field.name]);
  const start = layer.start ? feature.properties[layer.start] : null;
  return [text ? String(feature.properties[text.name]) : '', start ? showDay(String(start).slice(0, 10)) : ''].filter(Boolean).join(' · ');
}

export function optionOf(layer: Layer, feature: Feature): Option {
  const entity = feature.properties['entity'];
  const value = layer.time === 'interval' && typeof entity === 'string' ? entity : feature.id;
  return { value, id: feature.id, label: labelOf(layer, feature, store.lang.value), detail: detailOf(layer, feature) };
}

const revisionOf = (layer: Layer): string => `${store.revisions.value[layer.id] ?? 0}|${layer.time === 'interval' ? store.asOf.value : ''}|${store.lang.value}`;

async function readOptions(layer: Layer, limit: number, signal: AbortSignal): Promise<{ options: Option[]; isWhole: boolean }> {
  const params = new URLSearchParams({ limit: String(limit) });
  if (layer.time === 'interval') params.set('datetime', store.asOf.value);
  const page = await getItems(layer.id, params, signal);
  const options = page.features.map((feature) => optionOf(layer, feature));
  return { options: options.toSorted((a, b) => a.label.localeCompare(b.label, 'vi', { numeric: true })), isWhole: page.numberMatched <= page.features.length };
}

/** All options of a referred layer. */
export function useOptions(layerId: string | null | undefined): Option[] {
  const layer = store.layerById(layerId);
  const key = layer ? `${layer.id}|${revisionOf(layer)}` : null;
  const loaded = useLoaded(key, (signal) => readOptions(layer as Layer, MAX_OPTIONS, signal), layerId ?? '');
  return loaded.data?.options ?? [];
}

/** The first options of a layer, and whether they are all of them; nothing is read while `isWanted` is false. */
export function useChoices(layer: Layer | undefined, isWanted: boolean): Loaded<{ options: Option[]; isWhole: boolean }> {
  const key = layer && isWanted ? `${layer.id}|${revisionOf(layer)}` : null;
  return useLoaded(key, (signal) => readOptions(layer as Layer, MAX_LISTED, signal), layer?.id ?? '');
}

/** What the server finds in one layer. */
export async function findOptions(layer: Layer, text: string, signal: AbortSignal): Promise<Option[]> {
  const { results } = await search(text, signal, [layer.id]);
  const found = results.filter((result) => result.kind === 'feature' && result.layer === layer.id && result.id !== null);
  return Promise.all(found.map(async (result) => {
    const option = { value: result.id as string, id: result.id as string, label: result.title, detail: result.detail ?? '' };
    if (layer.time !== 'interval') return option;
    const { feature } = await getItem(layer.id, option.id);
    return { ...option, value: optionOf(layer, feature).value };
  }));
}

async function readRef(layer: Layer, value: string, signal: AbortSignal): Promise<Option | null> {
  if (layer.time !== 'interval') return optionOf(layer, (await getItem(layer.id, value)).feature);
  const params = new URLSearchParams({ entity: value, limit: '1', datetime: store.asOf.value });
  const page = await getItems(layer.id, params, signal);
  if (page.features[0]) return optionOf(layer, page.features[0]);
  params.delete('datetime');
  const any = await getItems(layer.id, params, signal);
  return any.features[0] ? optionOf(layer, any.features[0]) : null;
}

/** The feature a stored reference means; no data while it is read or when it may not be seen. */
export function useReferred(layerId: string | null | undefined, value: string | null): Loaded<Option | null> {
  const layer = store.layerById(layerId);
  const key = layer && value ? `${layer.id}|${value}|${revisionOf(layer)}` : null;
  return useLoaded(key, (signal) => readRef(layer as Layer, value as string, signal).catch(() => null), `${layerId}|${value}`);
}
