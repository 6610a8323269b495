// Undoing an import: asked once, done in one commit, or refused with the reason and nothing changed.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t } from '../../i18n';
import * as importing from '../../state/importing';
import { Icon } from '../icons';

interface UndoProps { batch: string; stored: number; updated: number; label: string; spoken?: string }

export function UndoImport({ batch, stored, updated, label, spoken }: UndoProps) {
  const [isAsking, setAsking] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const yes = useRef<HTMLButtonElement>(null);
  // The button that asked is gone: the answer takes its place under the keyboard.
  useLayoutEffect(() => { if (isAsking) yes.current?.focus(); }, [isAsking]);
  const isBusy = importing.busy.value !== null;
  const undo = async (): Promise<void> => {
    setAsking(false);
    setRefused(await importing.undo(batch));
  };
  return (
    <>
      {!isAsking && <button type="button" class="secondary" disabled={isBusy} data-undo={batch} aria-label={spoken ?? label} onClick={() => setAsking(true)}><Icon name="undo" size={15} />{label}</button>}
      {isAsking && (
        <div class="ask" role="group" aria-label={label}>
          <p>{t('import.undo_ask', { stored, updated })}</p>
          <button ref={yes} type="button" class="danger" onClick={() => { void undo(); }}>{t('import.undo_yes')}</button>
          <button type="button" class="secondary" onClick={() => setAsking(false)}>{t('import.cancel')}</button>
        </div>
      )}
      {refused !== null && <p class="field-error" role="alert" data-undo-refused>{t('import.undo_refused', { reason: refused })}</p>}
    </>
  );
}
