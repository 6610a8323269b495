// A remark in two boxes: the text, and why it is written. Saved as any edit, so it stands in the history.
import { useState } from 'preact/hooks';
import { patchItem, type Held } from '../api/client';
import type { Field, Layer } from '../api/types';
import { t, title } from '../i18n';
import { save } from '../state/edits';

export function NoteForm({ layer, field, held, onDone }: { layer: Layer; field: Field; held: Held; onDone: () => void }) {
  const [text, setText] = useState(() => String(held.feature.properties[field.name] ?? ''));
  const [reason, setReason] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const why = reason.trim();
    const error = await save(layer.id, () => patchItem(layer.id, held.feature.id, held.etag, { properties: { [field.name]: text.trim() || null }, ...(why ? { reason: why } : {}) }), 'form.saved');
    setBusy(false);
    if (error) setWrong(error.forField(field.name) ?? error.detail ?? null);
    else onDone();
  };
  return (
    <form class="form block" onSubmit={(event) => { void submit(event); }}>
      <h3>{t('note.title')}</h3>
      <div class="field">
        <label for="note-text">{title(field.title)}</label>
        <textarea id="note-text" rows={4} maxLength={field.max_length ?? undefined} value={text} aria-invalid={wrong !== null} aria-describedby={wrong ? 'note-error' : undefined} onInput={(event) => setText(event.currentTarget.value)} />
        {wrong && <p class="field-error" id="note-error">{wrong}</p>}
      </div>
      <div class="field">
        <label for="note-reason">{t('form.reason')}</label>
        <input id="note-reason" type="text" autocomplete="off" placeholder={t('form.reason_hint')} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
      </div>
      <div class="form-actions">
        <button type="submit" class="primary" disabled={isBusy}>{t(isBusy ? 'form.saving' : 'form.save')}</button>
        <button type="button" class="secondary" onClick={onDone}>{t('form.cancel')}</button>
      </div>
    </form>
  );
}
