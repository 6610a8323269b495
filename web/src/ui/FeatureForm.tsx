// The form made from a layer definition, for a new feature or for the facts of one that exists. Only
// changed values are sent; errors of the page and of the server appear beside the field they name.
import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import type { ApiError } from '../api/problem';
import type { Feature, Layer } from '../api/types';
import { t } from '../i18n';
import { formFields, newTexts, parsePlace, parseTexts, textsOf, type Place, type Texts, type Wrong } from '../model/form';
import { SYSTEM_NAMES } from '../model/layers';
import * as store from '../state/store';
import { FieldInput } from './FieldInput';
import { PlaceInput, usePlace } from './PlaceInput';

export interface Filled { properties: Record<string, unknown>; point?: [number, number] | null; reason: string }

interface FormProps {
  layer: Layer;
  feature: Feature | null;
  onSave: (filled: Filled) => Promise<ApiError | null>;
  onCancel: () => void;
}

/** Folded away unless wanted: where a value came from and how good a place is. */
const isAside = (name: string): boolean => SYSTEM_NAMES.has(name) && !name.startsWith('valid_');

export const canPlace = (layer: Layer): boolean => layer.geometry === 'point' || layer.geometry === 'any';

function NewPlace({ onPlace, wrong }: { onPlace: (place: Place) => void; wrong: Partial<Record<'lon' | 'lat', Wrong | undefined>> | undefined }) {
  const [place, change] = usePlace('create', null);
  useLayoutEffect(() => onPlace(place), [place.lon, place.lat]);
  return <PlaceInput place={place} onPlace={change} isOptional {...(wrong ? { wrong } : {})} />;
}

export function FeatureForm({ layer, feature, onSave, onCancel }: FormProps) {
  const fields = useMemo(() => formFields(layer, feature?.properties ?? null), [layer, feature === null]);
  const [before] = useState<Texts | null>(() => (feature ? textsOf(fields, feature.properties, store.lang.value) : null));
  const [lang] = useState(store.lang.value);
  const [texts, setTexts] = useState<Texts>(() => before ?? newTexts(layer, fields, store.asOf.value));
  const [reason, setReason] = useState('');
  const [place, setPlace] = useState<Place>({ lon: '', lat: '' });
  const [wrong, setWrong] = useState<Record<string, Wrong>>({});
  const [placeWrong, setPlaceWrong] = useState<Partial<Record<'lon' | 'lat', Wrong | undefined>>>();
  const [refused, setRefused] = useState<ApiError | null>(null);
  const [isSaving, setSaving] = useState(false);
  const [hint, setHint] = useState('');

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const parsed = parseTexts(fields, texts, before, lang);
    const placed = !feature && canPlace(layer) ? parsePlace(place) : { point: undefined };
    const errors = Object.keys(parsed.errors).length + ('wrong' in placed ? 1 : 0);
    setWrong(parsed.errors);
    setPlaceWrong('wrong' in placed ? placed.wrong : undefined);
    setRefused(null);
    if (errors > 0 || 'wrong' in placed) {
      setHint(t('form.errors', { n: errors }));
      requestAnimationFrame(() => document.querySelector<HTMLElement>('.drawer [aria-invalid="true"], .panel [aria-invalid="true"]')?.focus());
      return;
    }
    if (feature && Object.keys(parsed.values).length === 0) {
      setHint(t('form.unchanged'));
      return;
    }
    setHint('');
    setSaving(true);
    const error = await onSave({ properties: parsed.values, ...(placed.point !== undefined ? { point: placed.point } : {}), reason });
    setSaving(false);
    setRefused(error);
  };

  const input = (name: string) => {
    const field = fields.find((one) => one.name === name);
    if (!field) return null;
    const own = wrong[name];
    const error = own ? t(own.key, own.params) : (refused?.forField(name) ?? null);
    return <FieldInput key={name} field={field} text={texts[name] ?? ''} error={error} onText={(text) => setTexts((old) => ({ ...old, [name]: text }))} />;
  };
  const main = fields.filter((field) => !isAside(field.name));
  const aside = fields.filter((field) => isAside(field.name));
  return (
    <form class="form" noValidate onSubmit={(event) => { void submit(event); }}>
      {!feature && canPlace(layer) && <NewPlace onPlace={setPlace} wrong={placeWrong} />}
      {!feature && !canPlace(layer) && layer.geometry !== 'none' && <p class="hint">{t('form.shape_later')}</p>}
      {main.map((field) => input(field.name))}
      {aside.length > 0 && (
        <details class="aside">
          <summary>{aside.map((field) => field.title[store.lang.value]).join(', ')}</summary>
          {aside.map((field) => input(field.name))}
        </details>
      )}
      {feature && (
        <div class="field">
          <label for="form-reason">{t('form.reason')}</label>
          <input id="form-reason" type="text" autocomplete="off" placeholder={t('form.reason_hint')} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        </div>
      )}
      <p class="form-hint" role="status">{hint}</p>
      <div class="form-actions">
        <button type="submit" class="primary" disabled={isSaving}>{t(isSaving ? 'form.saving' : 'form.save')}</button>
        <button type="button" class="secondary" onClick={onCancel}>{t('form.cancel')}</button>
      </div>
    </form>
  );
}
