// A small form inside another: makes the thing a reference needs (a document that is cited) without
// leaving what is being written. Not a <form>, which may not lie in a form; Enter saves it.
import { useRef, useState } from 'preact/hooks';
import { createItem } from '../../api/client';
import type { Layer } from '../../api/types';
import { t, title } from '../../i18n';
import { SYSTEM_NAMES } from '../../model/layers';
import { save } from '../../state/edits';
import { FieldInput } from '../FieldInput';
import { useForm } from './useForm';

/** Whether one can be made in passing: something without a place or versions, that this reader may write. */
export const canMake = (layer: Layer | undefined): layer is Layer => Boolean(layer?.editable) && !layer?.derived && layer?.geometry === 'none' && layer.time === 'none';

export function MiniForm({ layer, onMade, onCancel }: { layer: Layer; onMade: (id: string) => void; onCancel: () => void }) {
  const form = useForm({ layer, before: null, name: `mini-${layer.id}` });
  const box = useRef<HTMLDivElement>(null);
  const [isSaving, setSaving] = useState(false);
  const make = async (): Promise<void> => {
    if (form.judge() > 0) {
      requestAnimationFrame(() => box.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
      return;
    }
    setSaving(true);
    let id = '';
    const error = await save(layer.id, async () => { id = await createItem(layer.id, { properties: form.parsed.values }); }, 'form.created');
    setSaving(false);
    form.refuse(error);
    if (!error) onMade(id);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.defaultPrevented || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    void make();
  };
  const name = title(layer.title);
  return (
    // The group listens to Enter on behalf of its boxes.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div ref={box} class="mini form" role="group" aria-label={t('mini.title', { layer: name })} onKeyDown={onKey}>
      <h4>{t('mini.title', { layer: name })}</h4>
      {form.fields.filter((field) => !SYSTEM_NAMES.has(field.name)).map((field) => (
        <FieldInput key={field.name} prefix="mini" field={field} text={form.texts[field.name] ?? ''} error={form.errorOf(field.name)} onText={(text) => form.setText(field.name, text)} onBlur={() => form.leave(field.name)} />
      ))}
      <div class="mini-actions">
        <button type="button" class="primary" data-do="mini-save" disabled={isSaving} onClick={() => { void make(); }}>{t(isSaving ? 'form.saving' : 'mini.save')}</button>
        <button type="button" class="secondary" onClick={onCancel}>{t('form.cancel')}</button>
      </div>
    </div>
  );
}
