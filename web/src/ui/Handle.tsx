// The grip of a bottom sheet on a phone: pressing it makes the sheet taller or smaller again.
import { t } from '../i18n';
import { isPhone, sheetSize } from '../state/store';

export function Handle() {
  if (!isPhone.value) return null;
  const isFull = sheetSize.value === 'full';
  return <button type="button" class="handle" aria-expanded={isFull} aria-label={t(isFull ? 'sheet.smaller' : 'sheet.taller')} onClick={() => { sheetSize.value = isFull ? 'half' : 'full'; }} />;
}
