// What an import's choices mean: which layer a file fits, which map overrides a change of a select makes,
// whether two columns of plane coordinates are exchanged. Pure; the assistant and its tests use it.
import type { Column, Counts, Seen } from '../api/imports';
import type { Layer } from '../api/types';

export const isPlane = (crs: string | null): boolean => crs !== null && crs !== '' && !['EPSG:4326', 'OGC:CRS84', 'CRS84'].includes(crs);

/** Layers a file can be imported into. */
export const importable = (layers: Layer[]): Layer[] =>
  layers.filter((layer) => layer.editable && !layer.derived && (layer.purpose ?? 'data') === 'data');

/** A name for a new layer made of a file's name: `Ghế đá 2025.csv` → `ghe_da_2025`. */
export function layerName(filename: string): string {
  const plain = filename.replace(/\.[^.]*$/, '').normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll(/[đĐ]/g, 'd').toLowerCase();
  const name = plain.replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^[^a-z]+|_+$/g, '');
  return name.slice(0, 63) || 'lop_moi';
}

/** Fields a column may fill: no field of the system, none that is read only. */
export const fillable = (layer: Layer): Layer['fields'] => layer.fields.filter((field) => !field.read_only && field.type !== 'photos');

/** The overrides after `column` is given to `field` (empty: to none). */
export function assigned(map: Record<string, string>, columns: Column[], column: string, field: string): Record<string, string> {
  const next = { ...map };
  const before = columns.find((one) => one.name === column)?.field;
  if (before && before !== field) next[before] = '';
  if (field) next[field] = column;
  return next;
}

/** The overrides with x and y exchanged. */
export function swapped(map: Record<string, string>, columns: Column[]): Record<string, string> {
  const of = (field: string): string => columns.find((one) => one.field === field)?.name ?? '';
  return { ...map, x: of('y'), y: of('x') };
}

const NORTHING_FROM = 1_000_000;

const numbers = (columns: Column[], field: string): number[] =>
  (columns.find((one) => one.field === field)?.samples ?? []).map(Number).filter(Number.isFinite);

/** Whether the eastings look like northings: in Việt Nam y (north) has seven digits before the point, x has six. */
export function looksSwapped(columns: Column[]): boolean {
  const [x, y] = [numbers(columns, 'x'), numbers(columns, 'y')];
  return x.length > 0 && y.length > 0 && x.every((value) => value > NORTHING_FROM) && y.every((value) => value < NORTHING_FROM);
}

/** Whether coordinates read as degrees are metres. */
export function looksPlane(columns: Column[]): boolean {
  const all = [...numbers(columns, 'x'), ...numbers(columns, 'y')];
  return all.length > 0 && all.every((value) => Math.abs(value) > 180);
}

/** Rows that would be written. */
export const written = (counts: Counts): number => counts.stored + counts.updated + counts.waiting_for_location;

/** How well a dry run's columns fit a layer: a known source beats names; refused rows and dropped columns weigh against. */
export function fit(seen: Seen): number {
  const filled = seen.columns.filter((column) => column.field !== null && column.field !== 'x' && column.field !== 'y').length;
  const refused = seen.read > 0 ? seen.rejected / seen.read : 0;
  return (seen.mapping ? 1000 : 0) + filled * 10 - refused * 15 - seen.dropped.length;
}

const SAMPLE_BYTES = 32 * 1024;
const WHOLE_BYTES = 1024 * 1024;

/** The beginning of a file that is a file of the same kind: whole lines of a table, or all of a small JSON file. */
export async function beginning(file: File): Promise<Blob | null> {
  if (file.size <= SAMPLE_BYTES) return file;
  if (/\.(csv|tsv|txt)$/i.test(file.name)) {
    const bytes = new Uint8Array(await file.slice(0, SAMPLE_BYTES).arrayBuffer());
    const end = bytes.lastIndexOf(10);
    return end > 0 ? new Blob([bytes.slice(0, end + 1)]) : null;
  }
  return file.size <= WHOLE_BYTES ? file : null;
}
