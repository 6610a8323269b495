// Imports: a file goes in, a receipt comes out. A dry run answers what would happen and stores nothing.
import type { Feature as GeoFeature, FeatureCollection, Geometry } from 'geojson';
import { send } from './client';
import type { Title } from './types';

export type Outcome = 'stored' | 'updated' | 'unchanged' | 'waiting' | 'rejected';

/** Why a row is refused. */
export interface Fault { field: string; code: string; detail: Title }

export interface RowProperties { row: number; outcome: Outcome; faults: Fault[]; values: Record<string, unknown> }
export type Row = GeoFeature<Geometry | null, RowProperties>;

/** A column of the file and the field it fills: `x` and `y` tell the place, null is dropped. */
export interface Column { name: string; samples: string[]; field: string | null; personal?: Title | null }

/** The five counts are disjoint; their sum is `read`. */
export interface Counts { read: number; stored: number; updated: number; unchanged: number; waiting_for_location: number; rejected: number }

export interface Receipt extends Counts {
  batch: string;
  layer: string;
  files: string[];
  mapping: string | null;
  crs: string | null;
  rejects: (Fault & { row: number })[];
  dropped: string[];
}

export interface Seen extends Receipt {
  columns: Column[];
  key: string | null;
  preview: FeatureCollection<Geometry | null, RowProperties>;
}

/** A column with personal data; the values are never told. */
export interface PersonFinding { column: string; kind: Title; rows: number[]; count: number }

export interface Batch extends Counts {
  batch: string;
  layer: string;
  files: string[];
  at: string;
  actor: string;
  undone: boolean;
  undone_at: string | null;
  undoable: boolean;
}

export interface Undone { batch: string; layer: string; removed: number; restored: number; empty: boolean }

/** How a file is to be read. */
export interface Reading {
  layer: string;
  isNew: boolean;
  /** Empty: as the file or the mapping says, else WGS 84. */
  crs: string;
  /** Field → column; an empty column leaves the field alone. */
  map: Record<string, string>;
  /** Empty: as the mapping says, else by content. */
  key: string;
}

/** The address of an import. */
export function importUrl(filename: string, reading: Reading, isDryRun: boolean): string {
  const params = new URLSearchParams({ layer: reading.layer, filename });
  if (isDryRun) params.set('dry_run', 'true');
  if (reading.isNew) params.set('new_layer', 'true');
  if (reading.crs) params.set('crs', reading.crs);
  if (reading.key) params.set('key', reading.key);
  for (const [field, column] of Object.entries(reading.map)) params.append('map', `${field}=${column}`);
  return `/api/imports?${params}`;
}

async function post<T>(url: string, file: Blob, headers: Record<string, string>, signal: AbortSignal): Promise<T> {
  // What the file is, its name says: the browser's guess of a type is not needed.
  const init = { method: 'POST', body: file, headers: { 'Content-Type': 'application/octet-stream', ...headers }, signal };
  return (await (await send(url, init)).json()) as T;
}

export const lookAt = (file: Blob, name: string, reading: Reading, signal: AbortSignal): Promise<Seen> =>
  post(importUrl(name, reading, true), file, {}, signal);

/** `key` names the request: sent again with the same key, it is answered and not done again. */
export const importFile = (file: Blob, name: string, reading: Reading, key: string, signal: AbortSignal): Promise<Receipt> =>
  post(importUrl(name, reading, false), file, { 'Idempotency-Key': key }, signal);

export async function getImports(signal?: AbortSignal): Promise<Batch[]> {
  const response = await send('/api/imports', signal ? { signal } : {});
  return ((await response.json()) as { imports: Batch[] }).imports;
}

export async function undoImport(batch: string): Promise<Undone> {
  return (await (await send(`/api/imports/${encodeURIComponent(batch)}`, { method: 'DELETE' })).json()) as Undone;
}
