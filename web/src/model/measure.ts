// A task's measure: a saved filter `layer?parameters`, read into the page's own view of that layer. The
// board counts with the parameters of this view and "open" shows this view, so both are one number.
import type { Feature, Layer } from '../api/types';
import { canonicalWkt } from './area';
import { readCondition, writeCondition } from './condition';
import { isDay, type Period } from './days';
import { windowOf } from './period';
import type { LayerFilters, View } from './query';

export interface Measure { layer: Layer; view: View }

/** The window and day that a `datetime` stands for; without one: all that is known by the as-of day. */
function timeOf(text: string | null, layer: Layer, asOf: string): { asOf: string; period: Period } | null {
  if (text === null) return { asOf, period: 'all' };
  const [from = '', to = from, ...rest] = text.split('/');
  const isOpen = (end: string): boolean => end === '..' || end === '';
  if (rest.length > 0 || (!isOpen(from) && !isDay(from)) || (!isOpen(to) && !isDay(to))) return null;
  const last = isOpen(to) ? asOf : to;
  if (layer.time === 'interval') return { asOf: last, period: 'all' };
  // On one day a case layer tells every case known by then, an event layer what happened on it.
  if (!text.includes('/') && layer.time === 'state') return { asOf: last, period: 'all' };
  const period = isOpen(from) ? `../${last}` : `${from}/${last}`;
  return { asOf: last > asOf ? last : asOf, period: last >= asOf && isOpen(from) ? 'all' : period };
}

/** null when the page cannot show what the measure asks for, or the reader does not see the layer. */
export function readMeasure(text: string, layers: Layer[], asOf: string): Measure | null {
  const [id = '', query = ''] = text.split('?');
  const layer = layers.find((one) => one.id === id);
  if (!layer) return null;
  const params = new URLSearchParams(query);
  const time = timeOf(params.get('datetime'), layer, asOf);
  if (!time) return null;
  const filters: LayerFilters = {};
  let area: View['area'] = null;
  for (const [name, value] of params) {
    if (name === 'datetime') continue;
    const condition = readCondition([value]);
    const wkt = name === 'intersects' ? canonicalWkt(value) : null;
    if (wkt) area = { wkt, name: '' };
    else if (condition && layer.fields.some((field) => field.name === name.split('.')[0])) filters[name] = writeCondition(condition);
    else return null;
  }
  return { layer, view: { ...time, filters: { [layer.id]: filters }, mode: 'open', hours: [], days: [], area } };
}

/** How a task stands. Only what was measured is judged: without a number there is no verdict. */
export type Standing = 'met' | 'short' | 'unknown';

export function standingOf(task: Feature, actual: number | null): Standing {
  const target = task.properties['target'];
  if (typeof target !== 'number' || actual === null) return 'unknown';
  return (task.properties['goal'] === 'at_most' ? actual <= target : actual >= target) ? 'met' : 'short';
}

/** Late: past its day and not over. */
export function isLate(task: Feature, ends: string[], asOf: string): boolean {
  const due = task.properties['due_on'];
  return typeof due === 'string' && due < asOf && !ends.includes(String(task.properties['state'] ?? ''));
}

/** The first day of what a view looks at, for the words beside a number. */
export const firstDay = (view: View): string | null => windowOf(view.period, view.asOf).from;
