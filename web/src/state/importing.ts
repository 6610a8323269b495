// The import assistant's state: the file, how it is to be read, what the dry run saw, what came of it.
// Every change of a choice looks again; nothing is stored before `store()` is called.
import { batch, computed, signal } from '@preact/signals';
import type { Geometry } from 'geojson';
import { getImports, importFile, lookAt, undoImport, type Batch, type Reading, type Receipt, type Seen } from '../api/imports';
import { ApiError, asApiError } from '../api/problem';
import type { Bounds } from '../api/types';
import { errorText, t } from '../i18n';
import { beginning, fit, importable, layerName } from '../model/importing';
import { bump, fly, refreshAll, tell, touchedBy } from './actions';
import * as store from './store';

export const file = signal<File | null>(null);
export const reading = signal<Reading | null>(null);
export const seen = signal<Seen | null>(null);
/** Why the last look or import failed. */
export const failure = signal<ApiError | null>(null);
export const receipt = signal<Receipt | null>(null);
/** What the map previews: once the rows are stored they are drawn as what they are. */
export const shownRows = computed(() => (receipt.value ? null : seen.value));
/** What is under way. */
export const busy = signal<'guessing' | 'looking' | 'storing' | 'undoing' | null>(null);
/** Past imports; null until read. */
export const past = signal<Batch[] | null>(null);
export const undone = signal<string | null>(null);

let running: AbortController | null = null;
/** The name of the import that is being tried: a second try of the same is not a second import. */
let attempt: string | null = null;

function begin(what: NonNullable<typeof busy.value>): AbortController {
  running?.abort();
  running = new AbortController();
  busy.value = what;
  return running;
}

function end(controller: AbortController): void {
  if (running !== controller) return;
  running = null;
  busy.value = null;
}

/** Forgets the file; nothing was stored. */
export function close(): void {
  running?.abort();
  running = null;
  batch(() => {
    file.value = null;
    reading.value = null;
    seen.value = null;
    failure.value = null;
    receipt.value = null;
    undone.value = null;
    busy.value = null;
  });
}

export function cancel(): void {
  const what = busy.value;
  running?.abort();
  running = null;
  busy.value = null;
  // An import that is already being written may still have happened: the list tells.
  if (what === 'storing') void readPast();
}

/** Takes a file: finds the layer it fits best, then looks at it whole. */
export async function take(chosen: File): Promise<void> {
  close();
  file.value = chosen;
  const controller = begin('guessing');
  const layer = await guess(chosen, controller.signal);
  if (controller.signal.aborted) return;
  end(controller);
  if (!layer) return;
  reading.value = { layer, isNew: false, crs: '', map: {}, key: '' };
  await look();
}

/** The layer whose dry run of the file's beginning fills most; null when none fills anything. */
async function guess(chosen: File, signal: AbortSignal): Promise<string | null> {
  const part = await beginning(chosen);
  if (!part) return null;
  let best: { layer: string; score: number } | null = null;
  for (const { id } of importable(store.layers.value)) {
    let score: number;
    try {
      // One after another: the server reads few files at once.
      // oxlint-disable-next-line no-await-in-loop
      score = fit(await lookAt(part, chosen.name, { layer: id, isNew: false, crs: '', map: {}, key: '' }, signal));
    } catch (error) {
      if (signal.aborted) return null;
      const problem = asApiError(error);
      // A file that cannot be read fits no layer; the look at the first one says why.
      if (problem.code === 'invalid-file' || problem.code === 'duplicate-key' || problem.code === 'offline') return id;
      if (problem.code !== 'person-data') continue;
      score = ((problem.more['columns'] as { field: string | null }[] | undefined) ?? []).filter((one) => one.field !== null).length * 10;
    }
    if (score > (best?.score ?? 0)) best = { layer: id, score };
  }
  return best?.layer ?? null;
}

/** Reads the file again as the choices now say. */
export async function look(): Promise<void> {
  const [chosen, how] = [file.value, reading.value];
  if (!chosen || !how || how.layer === '') return;
  const controller = begin('looking');
  try {
    const answer = await lookAt(chosen, chosen.name, how, controller.signal);
    batch(() => { seen.value = answer; failure.value = null; });
  } catch (error) {
    if (controller.signal.aborted) return;
    batch(() => { seen.value = null; failure.value = asApiError(error); });
  } finally {
    end(controller);
  }
}

/** Changes how the file is read. */
export function choose(change: Partial<Reading>): void {
  const now = reading.value ?? { layer: '', isNew: false, crs: '', map: {}, key: '' };
  reading.value = { ...now, ...change };
  receipt.value = null;
  attempt = null;
  void look();
}

/** Chooses the layer; columns given by hand belonged to the other one. */
export function chooseLayer(layer: string, isNew = false): void {
  choose({ layer: isNew && layer === '' ? layerName(file.value?.name ?? '') : layer, isNew, map: {}, key: '' });
}

/** Stores the rows. */
export async function storeRows(): Promise<void> {
  const [chosen, how, before] = [file.value, reading.value, seen.value];
  if (!chosen || !how || !before) return;
  attempt ??= crypto.randomUUID();
  const controller = begin('storing');
  try {
    const answer = await importFile(chosen, chosen.name, how, attempt, controller.signal);
    attempt = null;
    batch(() => { receipt.value = answer; failure.value = null; });
    tell('ok', t('import.done', { n: answer.stored + answer.updated + answer.waiting_for_location }));
    bump(touchedBy(how.layer));
    showOnMap();
    await readPast();
  } catch (error) {
    if (controller.signal.aborted) return;
    failure.value = asApiError(error);
    tell('error', errorText(error));
  } finally {
    end(controller);
  }
}

/** Turns the layer on and flies to the rows. */
export function showOnMap(): void {
  const how = reading.value;
  const box = boundsOf(seen.value);
  if (how && !store.isVisible(how.layer)) store.chosenLayers.value = [...store.visibleLayers.value, how.layer];
  if (box) fly({ bounds: box });
}

const POINT_MARGIN = 0.0004;

function grow(box: Bounds | null, value: unknown): Bounds | null {
  if (!Array.isArray(value)) return box;
  const [x, y] = value as unknown[];
  if (typeof x !== 'number' || typeof y !== 'number') return (value as unknown[]).reduce<Bounds | null>(grow, box);
  return box ? [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)] : [x, y, x, y];
}

const withMargin = (box: Bounds | null): Bounds | null =>
  box && [box[0] - POINT_MARGIN, box[1] - POINT_MARGIN, box[2] + POINT_MARGIN, box[3] + POINT_MARGIN];

/** The box around a geometry, a little larger than a point. */
export const boundsOfGeometry = (geometry: Geometry): Bounds | null =>
  withMargin('coordinates' in geometry ? grow(null, geometry.coordinates) : null);

/** The box around the rows that would be written. */
export function boundsOf(answer: Seen | null): Bounds | null {
  const rows = (answer?.preview.features ?? []).filter((row) => row.properties.outcome !== 'rejected');
  return withMargin(rows.reduce<Bounds | null>((box, row) => (row.geometry && 'coordinates' in row.geometry ? grow(box, row.geometry.coordinates) : box), null));
}

export async function readPast(): Promise<void> {
  try {
    past.value = await getImports();
  } catch {
    past.value ??= [];
  }
}

/** Undoes an import; what went wrong is told where it was asked. */
export async function undo(name: string): Promise<string | null> {
  const controller = begin('undoing');
  try {
    const answer = await undoImport(name);
    undone.value = name;
    tell('ok', t('import.undone', { removed: answer.removed, restored: answer.restored }));
    refreshAll();
    return null;
  } catch (error) {
    return errorText(error);
  } finally {
    end(controller);
    await readPast();
  }
}
