// Changing a case's state: only the states its workflow allows next, the day it takes effect, and a
// reason for the history. The fields and words all come from the layer definition.
import { useState } from 'preact/hooks';
import { patchItem, type Held } from '../api/client';
import type { ApiError } from '../api/problem';
import type { Layer } from '../api/types';
import { errorText, t, title } from '../i18n';
import { codeOf, fieldOf, nextStates } from '../model/layers';
import { save } from '../state/edits';
import * as store from '../state/store';
import { DayField } from './DayField';
import { canMake } from './form/MiniForm';
import { RefField } from './form/RefField';
import { Swatch } from './Swatch';

/** The map's day, unless the case already moved after it: then today. */
function firstDay(held: Held, field: string): string {
  const last = (held.feature.transitions ?? []).filter((step) => step.field === field).map((step) => step.on.slice(0, 10)).toSorted().at(-1);
  const today = store.site.value?.today ?? store.asOf.value;
  if (!last || last <= store.asOf.value) return store.asOf.value;
  return last > today ? last : today;
}

export function StateForm({ layer, held, onDone }: { layer: Layer; held: Held; onDone: () => void }) {
  const workflows = layer.workflows ?? [];
  const [fieldName, setFieldName] = useState(workflows[0]?.field ?? '');
  const [to, setTo] = useState('');
  const [day, setDay] = useState<string | null>(() => firstDay(held, fieldName));
  const [reason, setReason] = useState('');
  const [isSaving, setSaving] = useState(false);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const [cited, setCited] = useState<Record<string, string>>({});
  const workflow = workflows.find((one) => one.field === fieldName);
  const field = fieldOf(layer, fieldName);
  if (!workflow || !field) return null;
  const current = String(held.feature.properties[fieldName] ?? '');
  const next = nextStates(layer, workflow, current);
  // A change of state may rest on a document: the references to one are asked for with it.
  const citing = layer.fields.filter((one) => one.type === 'ref' && !one.read_only && canMake(store.layerById(one.layer)));
  const stored = (name: string): string => String(held.feature.properties[name] ?? '');
  const citations = Object.fromEntries(Object.entries(cited).filter(([name, value]) => value !== stored(name)).map(([name, value]) => [name, value || null]));

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!to || !day) return;
    setSaving(true);
    const edit = { properties: { [fieldName]: to, ...citations }, effective_on: day, ...(reason.trim() ? { reason: reason.trim() } : {}) };
    const error = await save(layer.id, () => patchItem(layer.id, held.feature.id, held.etag, edit), 'form.saved');
    setSaving(false);
    setRefused(error);
    if (!error) onDone();
  };
  return (
    <form class="form block" noValidate aria-labelledby="state-title" onSubmit={(event) => { void submit(event); }}>
      <h3 id="state-title">{t('form.state_title')}</h3>
      {workflows.length > 1 && (
        <div class="field">
          <select id="state-field" aria-label={t('form.state_title')} value={fieldName} onChange={(event) => { setFieldName(event.currentTarget.value); setTo(''); }}>
            {workflows.map((one) => <option key={one.field} value={one.field}>{title(fieldOf(layer, one.field)?.title)}</option>)}
          </select>
        </div>
      )}
      <p class="state-now"><span class="faint">{t('form.state_from')}</span> <b>{codeOf(field, current)?.[store.lang.value] ?? current}</b></p>
      {next.length === 0 && <p class="hint">{t('form.state_none')}</p>}
      {next.length > 0 && (
        <fieldset class="choices">
          <legend>{t('form.state_to')}</legend>
          {next.map((code) => (
            <label key={code.code} class={`choice${to === code.code ? ' is-chosen' : ''}`}>
              <input type="radio" name="state-to" value={code.code} checked={to === code.code} onChange={() => setTo(code.code)} />
              {fieldName === layer.style?.by && <Swatch layer={layer} code={code} />}
              <span>{code[store.lang.value]}</span>
            </label>
          ))}
        </fieldset>
      )}
      {next.length > 0 && (
        <>
          <div class="field">
            <label for="state-day">{t('form.effective_on')}</label>
            <DayField id="state-day" value={day} isInvalid={day === null} onDay={setDay} />
          </div>
          {citing.map((one) => <RefField key={one.name} prefix="state" field={one} text={cited[one.name] ?? stored(one.name)} error={refused?.forField(one.name) ?? null} onText={(text) => setCited((old) => ({ ...old, [one.name]: text }))} />)}
          <div class="field">
            <label for="state-reason">{t('form.reason')}</label>
            <input id="state-reason" type="text" autocomplete="off" placeholder={t('form.reason_hint')} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
          </div>
        </>
      )}
      {refused && <p class="field-error" role="alert">{errorText(refused)}</p>}
      <div class="form-actions">
        {next.length > 0 && <button type="submit" class="primary" disabled={isSaving || !to || !day}>{t(isSaving ? 'form.saving' : 'form.save')}</button>}
        <button type="button" class="secondary" onClick={onDone}>{t('form.cancel')}</button>
      </div>
    </form>
  );
}
