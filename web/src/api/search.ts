// `GET /api/search`: features and coordinates that answer a text, best first.
import type { Bounds } from './types';
import { read } from './client';

export interface Found {
  kind: 'feature' | 'coordinates';
  layer: string | null;
  id: string | null;
  title: string;
  detail: string | null;
  /** `old`: a name that is no longer valid. */
  match: 'exact' | 'prefix' | 'folded' | 'old' | null;
  bbox: Bounds | null;
  point: [number, number] | null;
  valid_from: string | null;
  valid_to: string | null;
}

export interface Finding { query: string; results: Found[]; more: boolean }

/** Searches everywhere, or in some layers only. */
export const search = (text: string, signal: AbortSignal, layers: string[] = []): Promise<Finding> =>
  read(`/api/search?${new URLSearchParams({ q: text, limit: '20', ...(layers.length > 0 ? { layers: layers.join(',') } : {}) })}`, signal);
