// One box of a generated form: label with unit, the right control for the field's type, how much of a
// text is used, what the field means where that is not plain, and its error beside it.
import type { ComponentChildren } from 'preact';
import type { Field } from '../api/types';
import { t, title } from '../i18n';
import { parseDay, showDay } from '../model/days';
import { maxLength } from '../model/form';
import { lang } from '../state/store';
import { DayField } from './DayField';
import { RefCombobox } from './form/RefCombobox';

export interface FieldInputProps {
  field: Field;
  text: string;
  error: string | null;
  /** Tells boxes of two open forms apart. */
  prefix?: string;
  onText: (text: string) => void;
  onBlur?: () => void;
  children?: ComponentChildren;
}

const LONG_TEXT = 1000;
/** From this share of its length on a text says how much is left. */
const TELL_LENGTH = 0.6;

/** System fields whose meaning is explained under the box. */
const EXPLAINED = ['location_quality', 'quality', 'accuracy_m', 'source', 'source_date', 'valid_from', 'valid_to'] as const;

type Explained = (typeof EXPLAINED)[number];
const isExplained = (name: string): name is Explained => (EXPLAINED as readonly string[]).includes(name);

interface ControlProps extends FieldInputProps { id: string; describedBy: string | undefined }

function Control({ field, text, error, onText, onBlur, id, describedBy }: ControlProps) {
  const common = { id, name: field.name, required: field.required ?? false, 'aria-invalid': error !== null, 'aria-describedby': describedBy, onBlur };
  const empty = <option value="">{t('form.not_recorded')}</option>;
  switch (field.type) {
    case 'code':
      return (
        <select {...common} value={text} onChange={(event) => onText(event.currentTarget.value)}>
          {empty}
          {(field.codes ?? []).map((code) => <option key={code.code} value={code.code}>{code[lang.value]}</option>)}
        </select>
      );
    case 'boolean':
      return (
        <select {...common} value={text} onChange={(event) => onText(event.currentTarget.value)}>
          {empty}
          <option value="true">{t('value.yes')}</option>
          <option value="false">{t('value.no')}</option>
        </select>
      );
    case 'ref':
      return <RefCombobox id={id} field={field} value={text} isInvalid={error !== null} describedBy={describedBy} onValue={onText} />;
    case 'date':
      return <DayField id={id} value={parseDay(text)} isInvalid={error !== null} {...(describedBy ? { describedBy } : {})} onDay={(day, raw) => onText(day ? showDay(day) : raw)} />;
    case 'text':
      if (field.cold || (field.max_length ?? 0) > LONG_TEXT) return <textarea {...common} rows={3} value={text} onInput={(event) => onText(event.currentTarget.value)} />;
      return <input {...common} type="text" autocomplete="off" value={text} onInput={(event) => onText(event.currentTarget.value)} />;
    default:
      return <input {...common} type="text" autocomplete="off" inputMode={field.type === 'datetime' ? 'text' : 'decimal'} placeholder={field.type === 'datetime' ? 'dd/mm/yyyy hh:mm' : ''} value={text} onInput={(event) => onText(event.currentTarget.value)} />;
  }
}

export function FieldInput(props: FieldInputProps) {
  const { field, error, text, prefix = 'field', children } = props;
  const id = `${prefix}-${field.name}`;
  const name = title(field.title);
  const most = field.type === 'text' ? maxLength(field) : 0;
  const isCounted = most > 0 && text.length > most * TELL_LENGTH;
  const describedBy = [error ? `${id}-error` : '', isExplained(field.name) ? `${id}-help` : ''].filter(Boolean).join(' ') || undefined;
  return (
    <div class={`field${error ? ' is-wrong' : ''}`}>
      <label for={id}>
        {field.unit ? t('form.unit', { title: name, unit: field.unit }) : name}{field.required && <span class="required" aria-hidden="true"> *</span>}
        {isCounted && <span class="counter">{t('form.length', { n: text.length, max: most })}</span>}
      </label>
      <Control {...props} id={id} describedBy={describedBy} />
      {isExplained(field.name) && <p class="hint" id={`${id}-help`}>{t(`form.help_${field.name}`)}</p>}
      {error && <p class="field-error" id={`${id}-error`}>{error}</p>}
      {children}
    </div>
  );
}
