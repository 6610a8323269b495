// The typed client of the server. Each function is one endpoint; a failure is an ApiError and a
// success means the server answered 2xx, so "saved" can be said after it and not before.
import { asApiError, problemOf } from './problem';
import type { Collection, Count, Entry, Feature, Histogram, Moves, Page, Site } from './types';
import type { StyleSpecification } from 'maplibre-gl';

let language = 'vi';

/** The language that problem details and collection titles should come in. */
export function setLanguage(next: string): void {
  language = next;
}

export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('Accept-Language', language);
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers });
  } catch (error) {
    throw asApiError(error);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await send(path, signal ? { signal } : {});
  return (await response.json()) as T;
}

const items = (layer: string): string => `/api/collections/${encodeURIComponent(layer)}/items`;
const item = (layer: string, id: string): string => `${items(layer)}/${encodeURIComponent(id)}`;
const query = (params: URLSearchParams): string => (params.size > 0 ? `?${params}` : '');

export const getSite = (): Promise<Site> => read('/api/site');

export async function getCollections(): Promise<Collection[]> {
  const answer = await read<{ collections: Collection[] }>('/api/collections');
  return answer.collections;
}

export const getStyle = (lang: string, theme: string): Promise<StyleSpecification> =>
  read(`/styles/ward?lang=${lang}&theme=${theme}`);

export const getItems = (layer: string, params: URLSearchParams, signal?: AbortSignal): Promise<Page> =>
  read(`${items(layer)}${query(params)}`, signal);

export const getCount = (layer: string, params: URLSearchParams, signal?: AbortSignal): Promise<Count> =>
  read(`/api/collections/${layer}/count${query(params)}`, signal);

export const getHistogram = (layer: string, params: URLSearchParams, signal?: AbortSignal): Promise<Histogram> =>
  read(`/api/collections/${layer}/histogram${query(params)}`, signal);

export const getMoves = (layer: string, params: URLSearchParams, signal?: AbortSignal): Promise<Moves> =>
  read(`/api/collections/${layer}/moves${query(params)}`, signal);

/** A feature with the ETag an edit of it must send back. */
export interface Held { feature: Feature; etag: string }

async function held(response: Response): Promise<Held> {
  return { feature: (await response.json()) as Feature, etag: response.headers.get('ETag') ?? '' };
}

export async function getItem(layer: string, id: string): Promise<Held> {
  return held(await send(item(layer, id)));
}

export async function getHistory(layer: string, id: string): Promise<Entry[]> {
  const answer = await read<{ entries: Entry[] }>(`${item(layer, id)}/history`);
  return answer.entries;
}

/** What an edit may carry; the server ignores nothing and refuses what it does not know. */
export interface Edit {
  properties?: Record<string, unknown>;
  geometry?: unknown;
  effective_on?: string;
  reason?: string;
}

/** A key of its own for every edit, so that one sent twice happens once. `randomUUID` is missing on plain http. */
const requestKey = (): string => Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16).padStart(8, '0')).join('');

function unsafe(method: string, type: string | null, body: unknown, etag?: string): RequestInit {
  const headers: Record<string, string> = { 'Idempotency-Key': requestKey() };
  if (type) headers['Content-Type'] = type;
  if (etag) headers['If-Match'] = etag;
  return { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
}

export async function createItem(layer: string, edit: Edit): Promise<string> {
  const body = { type: 'Feature', geometry: null, properties: {}, ...edit };
  const response = await send(items(layer), unsafe('POST', 'application/geo+json', body));
  const location = response.headers.get('Location');
  const id = location?.split('/').pop();
  if (id) return decodeURIComponent(id);
  return ((await response.json()) as Feature).id;
}

export async function patchItem(layer: string, id: string, etag: string, edit: Edit): Promise<void> {
  await send(item(layer, id), unsafe('PATCH', 'application/merge-patch+json', edit, etag));
}

export async function deleteItem(layer: string, id: string, etag: string): Promise<void> {
  await send(item(layer, id), unsafe('DELETE', null, undefined, etag));
}

/** Undoes a change; without an ETag the feature is a deleted one and is restored. */
export async function revertItem(layer: string, id: string, etag: string | null, mark?: string): Promise<void> {
  const body = mark ? { mark } : {};
  await send(`${item(layer, id)}/revert`, unsafe('POST', 'application/json', body, etag ?? undefined));
}
