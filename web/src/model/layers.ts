// Reading a layer definition: its label field, legend, filterable fields, workflow steps, and the
// system fields every layer has even when the file does not list them. Pure; no layer is named here.
import type { Code, Feature, Field, Layer, Properties, Transition, Workflow } from '../api/types';

const QUALITY: Code[] = [
  { code: 'approved', vi: 'Đã phê duyệt', en: 'Approved' },
  { code: 'surveyed', vi: 'Đo đạc', en: 'Surveyed' },
  { code: 'sketch', vi: 'Phác thảo', en: 'Sketch' },
];

const LOCATION_QUALITY: Code[] = [
  { code: 'exact', vi: 'Chính xác', en: 'Exact' },
  { code: 'street', vi: 'Theo tuyến đường', en: 'Street' },
  { code: 'area', vi: 'Theo khu vực', en: 'Area' },
  { code: 'snapped', vi: 'Đã dời về điểm mốc', en: 'Snapped to a point' },
  { code: 'fallback', vi: 'Vị trí thay thế', en: 'Fallback place' },
];

const SYSTEM: (Field & { when: (layer: Layer) => boolean })[] = [
  { name: 'valid_from', type: 'date', title: { vi: 'Có hiệu lực từ', en: 'Valid from' }, when: (layer) => layer.time === 'interval' },
  { name: 'valid_to', type: 'date', title: { vi: 'Đến trước ngày', en: 'Until (before)' }, when: (layer) => layer.time === 'interval' },
  { name: 'location_quality', type: 'code', title: { vi: 'Độ tin cậy vị trí', en: 'Location quality' }, codes: LOCATION_QUALITY, when: (layer) => layer.geometry === 'point' },
  { name: 'quality', type: 'code', title: { vi: 'Chất lượng hình học', en: 'Geometry quality' }, codes: QUALITY, when: (layer) => layer.geometry !== 'none' },
  { name: 'accuracy_m', type: 'number', title: { vi: 'Sai số vị trí', en: 'Accuracy' }, unit: 'm', min: 0, when: (layer) => layer.geometry !== 'none' },
  { name: 'source', type: 'text', title: { vi: 'Nguồn', en: 'Source' }, max_length: 500, when: () => true },
  { name: 'source_date', type: 'date', title: { vi: 'Ngày của nguồn', en: 'Source date' }, when: () => true },
];

/** Names of the fields every layer has. */
export const SYSTEM_NAMES: ReadonlySet<string> = new Set(['entity', ...SYSTEM.map((field) => field.name)]);

/** All fields of a layer: its own first, then the system fields that apply and are not listed. */
export function allFields(layer: Layer): Field[] {
  const listed = new Set(layer.fields.map((field) => field.name));
  const added = SYSTEM.filter((field) => field.when(layer) && !listed.has(field.name)).map(({ when: _when, ...field }) => ({ ...field, system: true }));
  return [...layer.fields, ...added];
}

export const fieldOf = (layer: Layer, name: string | null | undefined): Field | undefined =>
  name ? allFields(layer).find((field) => field.name === name) : undefined;

export const isDerived = (layer: Layer): boolean => Boolean(layer.derived);

/** Codes that colour the layer, in their order; empty when one colour draws all of it. */
export function legendOf(layer: Layer): Code[] {
  return fieldOf(layer, layer.style?.by)?.codes ?? [];
}

/** Code fields a reader can filter on: the legend's field first, then others that are in the tiles. */
export function filterFields(layer: Layer): Field[] {
  const by = layer.style?.by;
  const codes = layer.fields.filter((field) => field.type === 'code' && !field.cold && (field.codes?.length ?? 0) > 1);
  const shown = codes.filter((field) => field.name === by || field.tile);
  return shown.toSorted((a, b) => Number(b.name === by) - Number(a.name === by));
}

export const codeOf = (field: Field | undefined, value: unknown): Code | undefined =>
  field?.codes?.find((code) => code.code === value);

/** The field that holds a reference to the entity this layer's rows belong to, if it has one. */
export function entityOf(layer: Layer, properties: Properties): { target: string; value: string } | null {
  const ref = layer.fields.find((field) => field.name === layer.entity && field.type === 'ref') ?? (layer.derived ? layer.fields.find((field) => field.name === 'unit') : undefined);
  if (ref) {
    const value = properties[ref.name];
    const from = typeof layer.derived === 'object' ? layer.derived?.geometry_from : undefined;
    const target = ref.layer ?? from;
    return typeof value === 'string' && target ? { target, value } : null;
  }
  const entity = properties['entity'];
  return layer.time === 'interval' && typeof entity === 'string' ? { target: layer.id, value: entity } : null;
}

export const workflowOf = (layer: Layer, field: string): Workflow | undefined =>
  layer.workflows?.find((workflow) => workflow.field === field);

/** The values that may follow `current`; every other value when the workflow does not restrict. */
export function nextStates(layer: Layer, workflow: Workflow, current: string): Code[] {
  const codes = fieldOf(layer, workflow.field)?.codes ?? [];
  if (!workflow.next) return codes.filter((code) => code.code !== current);
  const allowed = workflow.next[current] ?? [];
  return codes.filter((code) => allowed.includes(code.code));
}

/** The value of a workflow field as it was at the end of `day`; undefined before its first step. */
export function stateOn(transitions: Transition[], field: string, day: string): string | undefined {
  const steps = transitions.filter((step) => step.field === field && step.on.slice(0, 10) <= day);
  return steps.toSorted((a, b) => a.on.localeCompare(b.on)).at(-1)?.to;
}

/** The `code` that gives a feature its colour on the map. */
export function classOf(layer: Layer, properties: Properties): Code | undefined {
  return codeOf(fieldOf(layer, layer.style?.by), properties[layer.style?.by ?? '']);
}

/** The field a feature is called by: the label, else its first code (a violation's category). */
export const nameField = (layer: Layer): Field | undefined =>
  fieldOf(layer, layer.label) ?? layer.fields.find((field) => field.type === 'code');

/** The feature's short name, or the end of its id when nothing names it. */
export function labelOf(layer: Layer, feature: Pick<Feature, 'id' | 'properties'>, lang: 'vi' | 'en'): string {
  const named = [fieldOf(layer, layer.label), layer.fields.find((field) => field.type === 'code')];
  for (const field of named) {
    const value = field ? feature.properties[field.name] : null;
    if (value !== null && value !== undefined && value !== '') return codeOf(field, value)?.[lang] ?? String(value);
  }
  return feature.id.slice(-8);
}
