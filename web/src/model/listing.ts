// How the layer list is arranged: under headings by what the definition says, found by words without
// diacritics, and moved up or down in the drawing order. Pure; no layer is named here.
import { GROUPS, type Group, type Layer } from '../api/types';
import { rank } from './fold';
import { legendOf } from './layers';

/** The heading of a layer: its own word, else by geometry and time. */
export function groupOf(layer: Layer): Group {
  if (layer.group) return layer.group;
  if (layer.geometry === 'none') return 'tables';
  if (layer.time === 'event' || layer.time === 'state') return 'cases';
  return layer.geometry === 'polygon' && layer.style?.by ? 'areas' : 'context';
}

/** Layers under their headings, in the order of the headings; empty headings are left out. */
export function grouped(layers: Layer[]): { group: Group; layers: Layer[] }[] {
  return GROUPS.map((group) => ({ group, layers: layers.filter((layer) => groupOf(layer) === group) })).filter((one) => one.layers.length > 0);
}

/** Whether the words are in a layer's titles, its description or the names of its legend. */
export function answers(layer: Layer, words: string): boolean {
  const texts = [layer.title, layer.description, ...legendOf(layer)].flatMap((text) => (text ? [text.vi, text.en] : []));
  return texts.some((text) => rank(text, words) !== null);
}

/** The order with one id moved to where another stands; the same array when nothing moves. */
export function movedTo(order: readonly string[], id: string, target: string): string[] {
  const [from, to] = [order.indexOf(id), order.indexOf(target)];
  if (from < 0 || to < 0 || from === to) return [...order];
  return order.toSpliced(from, 1).toSpliced(to, 0, id);
}
