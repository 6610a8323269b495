// What can be recorded in four taps: a case at a point whose only questions are which kind and, at best,
// a photo; everything else it must have, the page knows. Read from the definitions; pure.
import type { Code, Field, Layer } from '../api/types';
import { photoField } from './form';
import { workflowOf } from './layers';

export interface Quick { layer: Layer; category: Field; codes: Code[] }

const isKnown = (layer: Layer, field: Field): boolean =>
  !field.required || Boolean(field.read_only) || workflowOf(layer, field.name) !== undefined || (field.name === layer.start && (field.type === 'date' || field.type === 'datetime'));

function quickOf(layer: Layer): Quick | null {
  if (!layer.editable || layer.derived || layer.time !== 'state' || (layer.geometry !== 'point' && layer.geometry !== 'any')) return null;
  const asked = layer.fields.filter((field) => !isKnown(layer, field));
  const [category, ...more] = asked;
  if (!category || category.type !== 'code' || more.length > 0) return null;
  return { layer, category, codes: category.codes ?? [] };
}

/** The layer of the quick form: one that keeps photos before one that does not. */
export function quickLayer(layers: Layer[]): Quick | null {
  const all = layers.flatMap((layer) => quickOf(layer) ?? []);
  return all.toSorted((a, b) => Number(Boolean(photoField(b.layer))) - Number(Boolean(photoField(a.layer))) || Number(b.layer.geometry === 'point') - Number(a.layer.geometry === 'point'))[0] ?? null;
}

/** Up to this many metres a fix is the very place; beyond, only the area is known. */
const EXACT_M = 30;

/** What is sent: the kind, the first state, the day, and how well the place is known. */
export function quickProperties({ layer, category }: Quick, code: string, today: string, accuracy_m: number | null): Record<string, unknown> {
  const start = layer.fields.find((field) => field.name === layer.start);
  const states = (layer.workflows ?? []).flatMap((workflow) => (workflow.initial?.[0] ? [[workflow.field, workflow.initial[0]] as const] : []));
  const hasQuality = layer.fields.some((field) => field.name === 'location_quality');
  return {
    [category.name]: code,
    ...Object.fromEntries(states),
    ...(start ? { [start.name]: start.type === 'datetime' ? `${today}T00:00:00+07:00` : today } : {}),
    ...(accuracy_m === null ? {} : { accuracy_m, ...(hasQuality ? { location_quality: accuracy_m <= EXACT_M ? 'exact' : 'area' } : {}) }),
  };
}
