// One box of a generated form: label with unit, the right control for the field's type, its error
// beside it. Codes are a select, dates are typed as dd/mm/yyyy, references choose among names.
import type { Field } from '../api/types';
import { t, title } from '../i18n';
import { parseDay, showDay } from '../model/days';
import { lang } from '../state/store';
import { useOptions } from '../state/refs';
import { DayField } from './DayField';

interface FieldInputProps { field: Field; text: string; error: string | null; onText: (text: string) => void }

const LONG_TEXT = 200;

function Control({ field, text, error, onText, id }: FieldInputProps & { id: string }) {
  const options = useOptions(field.type === 'ref' ? field.layer : null);
  const common = { id, name: field.name, required: field.required ?? false, 'aria-invalid': error !== null, 'aria-describedby': error ? `${id}-error` : undefined };
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
      return (
        <select {...common} value={text} onChange={(event) => onText(event.currentTarget.value)}>
          {empty}
          {text !== '' && !options.some((option) => option.value === text) && <option value={text}>{text}</option>}
          {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
        </select>
      );
    case 'date':
      return <DayField id={id} value={parseDay(text)} isInvalid={error !== null} {...(error ? { describedBy: `${id}-error` } : {})} onDay={(day, raw) => onText(day ? showDay(day) : raw)} />;
    case 'text':
      if (field.cold || (field.max_length ?? 0) > LONG_TEXT * 5) return <textarea {...common} rows={3} value={text} onInput={(event) => onText(event.currentTarget.value)} />;
      return <input {...common} type="text" autocomplete="off" value={text} onInput={(event) => onText(event.currentTarget.value)} />;
    default:
      return <input {...common} type="text" autocomplete="off" inputMode={field.type === 'datetime' ? 'text' : 'decimal'} placeholder={field.type === 'datetime' ? 'dd/mm/yyyy hh:mm' : ''} value={text} onInput={(event) => onText(event.currentTarget.value)} />;
  }
}

export function FieldInput(props: FieldInputProps) {
  const { field, error } = props;
  const id = `field-${field.name}`;
  const name = title(field.title);
  return (
    <div class={`field${error ? ' is-wrong' : ''}`}>
      <label for={id}>{field.unit ? t('form.unit', { title: name, unit: field.unit }) : name}{field.required && <span class="required" aria-hidden="true"> *</span>}</label>
      <Control {...props} id={id} />
      {error && <p class="field-error" id={`${id}-error`}>{error}</p>}
    </div>
  );
}
