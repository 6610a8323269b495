// A day typed as dd/mm/yyyy in either language (the browser's own date box follows the system, not
// the page). Arrow up and down move by a day; the calendar button opens the browser's picker.
import { useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { addDays, parseDay, showDay } from '../model/days';
import { Icon } from './icons';

interface DayFieldProps {
  id: string;
  value: string | null;
  label?: string;
  isInvalid?: boolean;
  /** Without the calendar button, where space is short. */
  isPlain?: boolean;
  describedBy?: string;
  onDay: (day: string | null, text: string) => void;
}

export function DayField({ id, value, label, isInvalid = false, isPlain = false, describedBy, onDay }: DayFieldProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const picker = useRef<HTMLInputElement>(null);
  const isWrong = draft !== null && draft.trim() !== '' && parseDay(draft) === null && draft.length >= 8;

  const commit = (text: string): void => {
    const day = parseDay(text);
    setDraft(day || text.trim() === '' ? null : text);
    if (day !== value) onDay(day, text);
  };
  const move = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') commit((event.currentTarget as HTMLInputElement).value);
    const step = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
    if (step === 0 || !value) return;
    event.preventDefault();
    setDraft(null);
    onDay(addDays(value, step), '');
  };
  return (
    <span class={isPlain ? 'dayfield is-plain' : 'dayfield'}>
      <input id={id} type="text" inputMode="numeric" autocomplete="off" size={10} placeholder="dd/mm/yyyy" aria-label={label} aria-invalid={isInvalid || isWrong} aria-describedby={describedBy}
        value={draft ?? (value ? showDay(value) : '')} onInput={(event) => setDraft(event.currentTarget.value)} onBlur={(event) => commit(event.currentTarget.value)} onKeyDown={move} />
      {!isPlain && <button type="button" class="icon-button" aria-label={t('time.calendar')} title={t('time.calendar')} onClick={() => picker.current?.showPicker?.()}><Icon name="calendar" size={16} /></button>}
      {!isPlain && <input ref={picker} class="dayfield-picker" type="date" tabIndex={-1} aria-hidden="true" value={value ?? ''} onChange={(event) => { setDraft(null); onDay(event.currentTarget.value || null, ''); }} />}
    </span>
  );
}
