// A small reader of server data for components: runs a request whenever its key changes, keeps the
// last answer while the next one is on the way, and drops answers that come too late.
import { useEffect, useRef, useState } from 'preact/hooks';
import { asApiError, type ApiError } from '../api/problem';

export interface Loaded<T> { data: T | null; error: ApiError | null; isLoading: boolean }

/** `key` null means there is nothing to read. A changed `scope` (other thing shown) forgets the old answer. */
export function useLoaded<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>, scope = ''): Loaded<T> {
  const [state, setState] = useState<Loaded<T> & { scope: string }>({ data: null, error: null, isLoading: key !== null, scope });
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    if (key === null) {
      setState({ data: null, error: null, isLoading: false, scope });
      return undefined;
    }
    const abort = new AbortController();
    setState((old) => ({ data: old.scope === scope ? old.data : null, error: null, isLoading: true, scope }));
    latest.current(abort.signal).then(
      (data) => { if (!abort.signal.aborted) setState({ data, error: null, isLoading: false, scope }); },
      (error: unknown) => { if (!abort.signal.aborted) setState({ data: null, error: asApiError(error), isLoading: false, scope }); },
    );
    return () => abort.abort();
  }, [key, scope]);
  return state.scope === scope ? state : { data: null, error: null, isLoading: key !== null };
}

/** A text once nobody has changed it for a while: what is typed is asked about when the typing rests. */
export function useSettled(text: string, waitMs: number): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), waitMs);
    return () => clearTimeout(timer);
  }, [text, waitMs]);
  return settled;
}
