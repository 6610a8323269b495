// What is under way. After two seconds it can be cancelled.
import { useEffect, useState } from 'preact/hooks';
import { t, type Key } from '../../i18n';
import * as importing from '../../state/importing';

const CANCEL_MS = 2000;

type Busy = NonNullable<typeof importing.busy.value>;
const NAMES: Record<Busy, Key> = { guessing: 'import.guessing', looking: 'import.looking', storing: 'import.storing', undoing: 'import.undoing' };

export function Progress() {
  const what = importing.busy.value;
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    setLong(false);
    if (what === null) return undefined;
    const timer = setTimeout(() => setLong(true), CANCEL_MS);
    return () => clearTimeout(timer);
  }, [what]);
  return (
    <div class="import-progress" role="status" data-busy={what ?? ''}>
      {what !== null && (
        <>
          <span>{t(NAMES[what])}</span>
          {isLong && <span class="import-bar" aria-hidden="true"><i /></span>}
          {isLong && <button type="button" class="quiet" onClick={importing.cancel}>{t('import.cancel')}</button>}
        </>
      )}
    </div>
  );
}
