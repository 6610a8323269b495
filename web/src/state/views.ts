// Saved views: a name and the page's query, kept as features of the site's layer with purpose `views`,
// so that everyone of the site shares them and their history is kept like any other.
import { createItem, deleteItem, getItem, getItems, patchItem } from '../api/client';
import type { ApiError } from '../api/problem';
import { save } from './edits';
import { applyState, currentState } from './history';
import * as store from './store';
import { fromQuery, toQuery } from './url';

const MAX_VIEWS = 500;
/** What the layer's `query` field takes. */
const MAX_QUERY = 4000;

export interface SavedView { id: string; name: string; query: string }

/** The present state as a view: language and theme stay the reader's own. */
export const presentQuery = (): string => toQuery({ ...currentState(), lang: null, theme: 'auto' });

export const isTooLong = (query: string): boolean => query.length > MAX_QUERY;

export async function readViews(layer: string, signal: AbortSignal): Promise<SavedView[]> {
  const page = await getItems(layer, new URLSearchParams({ limit: String(MAX_VIEWS) }), signal);
  const views = page.features.map(({ id, properties }) => ({ id, name: String(properties['name'] ?? ''), query: String(properties['query'] ?? '') }));
  return views.toSorted((a, b) => a.name.localeCompare(b.name, 'vi', { numeric: true }));
}

/** Goes to a view; one step of the history, so that Back returns. */
export function openView(view: SavedView): void {
  applyState({ ...fromQuery(view.query), lang: store.lang.value, theme: store.theme.value });
}

/** The link of a view, for copying. */
export const linkOf = (view: SavedView): string => `${location.origin}${location.pathname}?${view.query}`;

const withEtag = async (layer: string, id: string, run: (etag: string) => Promise<void>): Promise<void> => run((await getItem(layer, id)).etag);

export const addView = (layer: string, name: string): Promise<ApiError | null> =>
  save(layer, () => createItem(layer, { properties: { name, query: presentQuery() } }), 'views.saved');

export const renameView = (layer: string, view: SavedView, name: string): Promise<ApiError | null> =>
  save(layer, () => withEtag(layer, view.id, (etag) => patchItem(layer, view.id, etag, { properties: { name } })), 'views.renamed');

export const replaceView = (layer: string, view: SavedView): Promise<ApiError | null> =>
  save(layer, () => withEtag(layer, view.id, (etag) => patchItem(layer, view.id, etag, { properties: { query: presentQuery() } })), 'views.replaced');

export const removeView = (layer: string, view: SavedView): Promise<ApiError | null> =>
  save(layer, () => withEtag(layer, view.id, (etag) => deleteItem(layer, view.id, etag)), 'views.removed');
