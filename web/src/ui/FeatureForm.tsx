// The form made from a layer definition, for a new feature, a new version of one, or one that exists:
// place and shape, every field, photos. Only changed values are sent; errors of the page and of the
// server appear beside what they name.
import type { Geometry } from 'geojson';
import { useEffect, useMemo, useRef, useState, useLayoutEffect } from 'preact/hooks';
import type { ApiError } from '../api/problem';
import type { Feature, Field, Layer, Properties } from '../api/types';
import { sameGeometry } from '../geo/pieces';
import { t } from '../i18n';
import { photoField, photosOf } from '../model/form';
import { SYSTEM_NAMES } from '../model/layers';
import { photoList } from '../state/photos';
import * as store from '../state/store';
import { setUnsaved } from '../state/unsaved';
import { GeometryInput } from './form/GeometryInput';
import { PhotoInput } from './form/PhotoInput';
import { RefField } from './form/RefField';
import { useForm } from './form/useForm';

/** What a form sends: changed values, and a geometry when it was changed. */
export interface Filled { properties: Record<string, unknown>; geometry?: Geometry | null; reason: string }

interface FormProps {
  layer: Layer;
  /** The feature being edited; null for a new one. */
  feature: Feature | null;
  /** What a new feature starts with: a new version starts with the old one's values. */
  preset?: { properties: Properties; geometry: Geometry | null };
  /** Whether the shape of an existing feature is edited here too. */
  hasShape?: boolean;
  onSave: (filled: Filled) => Promise<ApiError | null>;
  onCancel: () => void;
}

/** Folded away unless wanted: where a value came from and how good a place is. */
const isAside = (name: string): boolean => SYSTEM_NAMES.has(name) && !name.startsWith('valid_');

export function FeatureForm({ layer, feature, preset, hasShape = feature === null, onSave, onCancel }: FormProps) {
  const before = feature?.properties ?? null;
  const name = `form-${layer.id}-${feature?.id ?? 'new'}`;
  const form = useForm({ layer, before, name, preset: preset?.properties ?? null });
  const start = feature?.geometry ?? preset?.geometry ?? null;
  const photo = photoField(layer);
  const photos = useMemo(() => photoList(photosOf(before ?? preset?.properties ?? null), () => store.lang.value), []);
  const [geometry, setGeometry] = useState<Geometry | null>(start);
  const [geometryFault, setGeometryFault] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [refused, setRefused] = useState<ApiError | null>(null);
  const [isJudged, setJudged] = useState(false);
  const [isSaving, setSaving] = useState(false);
  const [hint, setHint] = useState('');
  const element = useRef<HTMLFormElement>(null);

  const isMoved = !sameGeometry(geometry, start);
  const isOther = isMoved || photos.isChanged() || reason !== '';
  useLayoutEffect(() => { setUnsaved(`${name}-rest`, isOther); }, [isOther]);
  useEffect(() => () => { setUnsaved(`${name}-rest`, false); photos.close(); }, []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setJudged(true);
    const wrong = form.judge() + (geometryFault ? 1 : 0);
    setRefused(null);
    form.refuse(null);
    if (wrong > 0) {
      setHint(t('form.errors', { n: wrong }));
      requestAnimationFrame(() => element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
      return;
    }
    if (feature && Object.keys(form.parsed.values).length === 0 && !isMoved && !photos.isChanged()) {
      setHint(t('form.unchanged'));
      return;
    }
    setSaving(true);
    setHint('');
    const hashes = await photos.settled();
    if (hashes === null) {
      setSaving(false);
      setHint(t('photo.unsent'));
      return;
    }
    const properties = { ...form.parsed.values, ...(photo && (photos.isChanged() || (preset && hashes.length > 0)) ? { [photo.name]: hashes } : {}) };
    const isSent = layer.geometry !== 'none' && hasShape && (!feature || isMoved);
    const error = await onSave({ properties, reason, ...(isSent ? { geometry } : {}) });
    setSaving(false);
    setRefused(error);
    form.refuse(error);
    if (error) requestAnimationFrame(() => element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  };

  const input = (field: Field) => <RefField key={field.name} field={field} text={form.texts[field.name] ?? ''} error={form.errorOf(field.name)} onText={(text) => form.setText(field.name, text)} onBlur={() => form.leave(field.name)} />;
  const main = form.fields.filter((field) => !isAside(field.name));
  const aside = form.fields.filter((field) => isAside(field.name));
  return (
    <form ref={element} class="form" noValidate onSubmit={(event) => { void submit(event); }}>
      {hasShape && layer.geometry !== 'none' && (
        <GeometryInput layer={layer} purpose={feature ? 'move' : 'create'} start={start} isOptional={!feature} isJudged={isJudged} refused={refused?.at('/geometry') ?? null}
          onGeometry={(next, fault) => { setGeometry(next); setGeometryFault(fault); }} />
      )}
      {main.map(input)}
      {photo && <PhotoInput field={photo} list={photos} error={refused?.at(`/properties/${photo.name}`) ?? null} />}
      {aside.length > 0 && (
        <details class="aside">
          <summary>{aside.map((field) => field.title[store.lang.value]).join(', ')}</summary>
          {aside.map(input)}
        </details>
      )}
      {feature && (
        <div class="field">
          <label for="form-reason">{t('form.reason')}</label>
          <input id="form-reason" type="text" autocomplete="off" placeholder={t('form.reason_hint')} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
          {refused?.at('/reason') && <p class="field-error" role="alert">{refused.at('/reason')}</p>}
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
