// The rows of a list as far as they were looked at: pages are read by the server's own `next` link, one
// after the other, so that a row is neither repeated nor left out whatever is edited meanwhile. A change
// of the data reads again what was shown and swaps it in at once.
import { useEffect, useRef, useState } from 'preact/hooks';
import { getItems } from '../api/client';
import { asApiError, type ApiError } from '../api/problem';
import type { Feature, Page } from '../api/types';

const FIRST = 100;
const MORE = 500;
/** How much a change reads again at most; what lies further is read when it is scrolled to. */
const MAX_AGAIN = 3000;

export interface Rows {
  features: Feature[];
  /** Features under the filter; null until the first page is read. */
  total: number | null;
  isLoading: boolean;
  error: ApiError | null;
  /** Grows with every new list (not with more of the same), so that the view returns to its top. */
  generation: number;
}

interface Source { key: string; next: URLSearchParams | null; features: Feature[]; total: number; wanted: number; isBusy: boolean; abort: AbortController }

/** The parameters of the page after this one. */
export function nextParams(page: Page): URLSearchParams | null {
  const link = page.links?.find((one) => one.rel === 'next');
  return link ? new URL(link.href, 'http://page.invalid').searchParams : null;
}

const EMPTY: Rows = { features: [], total: null, isLoading: true, error: null, generation: 0 };

/** Reads the rows of a layer under `params`; `need` asks for rows up to an index. */
export function useRows(layer: string, params: URLSearchParams, revision: number): Rows & { need: (index: number) => void } {
  const key = `${layer}?${params}`;
  const [rows, setRows] = useState<Rows>(EMPTY);
  const source = useRef<Source | null>(null);

  const fill = async (from: Source, upTo: () => number, isFresh: boolean): Promise<void> => {
    if (from.isBusy) return;
    from.isBusy = true;
    if (!isFresh) setRows((old) => ({ ...old, isLoading: true }));
    try {
      while (from.next && from.features.length < upTo()) {
        const asked = new URLSearchParams(from.next);
        asked.set('limit', String(from.features.length === 0 && upTo() <= FIRST ? FIRST : MORE));
        // Pages follow one another: each asks for what comes after the one before.
        // eslint-disable-next-line no-await-in-loop
        const page = await getItems(layer, asked, from.abort.signal);
        from.features = [...from.features, ...page.features];
        from.total = page.numberMatched;
        from.next = nextParams(page);
        if (!isFresh) publish(from, false);
      }
      publish(from, isFresh);
    } catch (thrown) {
      if (!from.abort.signal.aborted) setRows((old) => ({ ...old, isLoading: false, error: asApiError(thrown) }));
    } finally {
      from.isBusy = false;
    }
    if (!from.abort.signal.aborted && source.current === from && from.next && from.features.length < from.wanted) void fill(from, () => from.wanted, false);
  };

  const publish = (from: Source, isFresh: boolean): void => {
    if (from.abort.signal.aborted) return;
    const isSame = source.current?.key === from.key;
    source.current = from;
    setRows((old) => ({ features: from.features, total: from.total, isLoading: false, error: null, generation: isFresh && !isSame ? old.generation + 1 : old.generation }));
  };

  useEffect(() => {
    const old = source.current;
    const isSame = old?.key === key;
    const target = Math.min(MAX_AGAIN, isSame ? Math.max(FIRST, old.features.length) : FIRST);
    const fresh: Source = { key, next: new URLSearchParams(params), features: [], total: 0, wanted: target, isBusy: false, abort: new AbortController() };
    setRows((before) => ({ ...before, isLoading: true, error: null }));
    void fill(fresh, () => target, true);
    return () => {
      fresh.abort.abort();
    };
  }, [key, revision]);

  const need = (index: number): void => {
    const from = source.current;
    if (!from || from.key !== key || from.abort.signal.aborted || index < from.features.length || !from.next) return;
    from.wanted = Math.max(from.wanted, index + 1);
    void fill(from, () => from.wanted, false);
  };
  return { ...rows, need };
}
