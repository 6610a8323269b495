// Parts of the page that nobody needs in its first second are fetched together when one is first
// shown, or when the map has settled. A part that cannot be fetched says so and can be asked again.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n';

type Part<P> = (props: P) => JSX.Element | null;
type Parts = typeof import('./parts');

let parts: Parts | null = null;

/** Fetches the parts, so that the first of them opens at once. */
export const fetchParts = async (): Promise<Parts> => (parts ??= await import('./parts'));

/** The component that `choose` finds among the parts. */
export function later<P extends object>(choose: (from: Parts) => Part<P>): Part<P> {
  return function Later(props: P) {
    const [, draw] = useState(0);
    const [isLost, setLost] = useState(false);
    const ask = (): void => {
      setLost(false);
      fetchParts().then(() => draw((times) => times + 1), () => setLost(true));
    };
    useEffect(() => { if (!parts) ask(); }, []);
    if (parts) {
      const Here = choose(parts);
      return <Here {...props} />;
    }
    return isLost ? <p class="hint" role="alert">{t('app.part_failed')} <button type="button" class="quiet" onClick={ask}>{t('app.retry')}</button></p> : null;
  };
}
