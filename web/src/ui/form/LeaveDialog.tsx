// Asks before a form with unsaved values is closed.
import { t } from '../../i18n';
import { forgetUnsaved, leaving } from '../../state/unsaved';
import { Dialog } from '../Dialog';

export function LeaveDialog() {
  const run = leaving.value;
  if (!run) return null;
  const discard = (): void => {
    leaving.value = null;
    forgetUnsaved();
    run();
  };
  return (
    <Dialog title={t('leave.title')} name="leave" onClose={() => { leaving.value = null; }}>
      <p>{t('leave.text')}</p>
      <div class="form-actions">
        <button type="button" class="primary" data-do="stay" onClick={() => { leaving.value = null; }}>{t('leave.stay')}</button>
        <button type="button" class="secondary" data-do="discard" onClick={discard}>{t('leave.discard')}</button>
      </div>
    </Dialog>
  );
}
