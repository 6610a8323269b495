// The officer's form on a phone: which kind (big tiles), a photo, save. The place is the device's, else
// the middle of the map; the day is today. The full form is one press away.
import { useEffect, useMemo, useState, useLayoutEffect } from 'preact/hooks';
import { createItem } from '../api/client';
import type { ApiError } from '../api/problem';
import { t, title } from '../i18n';
import { photoField } from '../model/form';
import { quickProperties, type Quick } from '../model/quick';
import { roundDegree } from '../geo/pieces';
import { fly, openRoom, select } from '../state/actions';
import { save } from '../state/edits';
import { HERE_TEXT, here, hereState, locate } from '../state/here';
import { photoList } from '../state/photos';
import * as store from '../state/store';
import { forgetUnsaved, setUnsaved } from '../state/unsaved';
import { PhotoInput } from './form/PhotoInput';
import { Icon } from './icons';

const FORM = 'quick';

function Tiles({ quick, onCode, onMore }: { quick: Quick; onCode: (code: string) => void; onMore: () => void }) {
  return (
    <>
      <ul class="tiles" aria-label={title(quick.category.title)}>
        {quick.codes.map((code) => <li key={code.code}><button type="button" class="tile" data-code={code.code} onClick={() => onCode(code.code)}>{code[store.lang.value]}</button></li>)}
      </ul>
      <button type="button" class="quiet" data-do="full-form" onClick={onMore}>{t('quick.more')}</button>
    </>
  );
}

/** The place that will be saved: the device's unless the reader chose the map's middle. */
function usePlace(): { point: [number, number] | null; accuracy_m: number | null; isHere: boolean; choose: (isHere: boolean) => void } {
  const [wantsHere, setWantsHere] = useState(true);
  useEffect(() => {
    void locate().then((place) => { if (place) fly({ lon: place.lon, lat: place.lat, zoom: 17.5 }); });
  }, []);
  const place = here.value;
  const center = store.camera.value;
  const isHere = wantsHere && place !== null;
  const point: [number, number] | null = isHere ? [place.lon, place.lat] : center ? [center.lon, center.lat] : null;
  return { point: point ? [roundDegree(point[0]), roundDegree(point[1])] : null, accuracy_m: isHere ? place.accuracy_m : null, isHere, choose: setWantsHere };
}

export function QuickRecord({ quick, onMore }: { quick: Quick; onMore: () => void }) {
  const { layer } = quick;
  const photo = photoField(layer);
  const [code, setCode] = useState<string | null>(null);
  const [isSaving, setSaving] = useState(false);
  const [hint, setHint] = useState('');
  const [refused, setRefused] = useState<ApiError | null>(null);
  const photos = useMemo(() => photoList([], () => store.lang.value), []);
  const { point, accuracy_m, isHere, choose } = usePlace();
  useEffect(() => {
    store.pick.value = point && code !== null ? { purpose: 'create', lon: point[0], lat: point[1] } : null;
    return () => { store.pick.value = null; };
  }, [point?.[0], point?.[1], code]);
  const count = photos.photos.value.length;
  useLayoutEffect(() => { setUnsaved(FORM, count > 0); }, [count]);
  useEffect(() => () => { setUnsaved(FORM, false); photos.close(); }, []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (code === null) return;
    setSaving(true);
    setHint('');
    setRefused(null);
    const hashes = await photos.settled();
    if (hashes === null) {
      setHint(t('photo.unsent'));
      setSaving(false);
      return;
    }
    const today = store.site.value?.today ?? store.asOf.value;
    const properties = { ...quickProperties(quick, code, today, accuracy_m), ...(photo && hashes.length > 0 ? { [photo.name]: hashes } : {}) };
    let id = '';
    const error = await save(layer.id, async () => { id = await createItem(layer.id, { properties, geometry: point ? { type: 'Point', coordinates: point } : null }); }, 'form.created');
    setSaving(false);
    setRefused(error);
    if (error) return;
    forgetUnsaved();
    if (today > store.asOf.value) store.chosenDay.value = today;
    openRoom(null);
    select(layer.id, id);
  };

  if (code === null) {
    return (
      <div class="panel-body">
        <header class="panel-head"><h2>{t('quick.title', { layer: title(layer.title) })}</h2></header>
        <Tiles quick={quick} onCode={setCode} onMore={onMore} />
      </div>
    );
  }
  const chosen = quick.codes.find((one) => one.code === code);
  const why = HERE_TEXT[hereState.value];
  return (
    <form class="panel-body quick" noValidate onSubmit={(event) => { void submit(event); }}>
      <header class="panel-head"><h2>{chosen?.[store.lang.value]}</h2></header>
      {photo && <PhotoInput field={photo} list={photos} error={refused?.at(`/properties/${photo.name}`) ?? null} />}
      <div class="quick-place">
        <p><Icon name="locate" size={16} /> {isHere ? t('quick.here', { n: accuracy_m ?? 0 }) : point ? t('quick.center') : t('shape.none')}</p>
        {!isHere && why && <p class="hint">{t(why)}</p>}
        {here.value && <button type="button" class="quiet" onClick={() => choose(!isHere)}>{t(isHere ? 'quick.use_center' : 'quick.use_here')}</button>}
      </div>
      <p class="form-hint" role="status">{hint || refused?.at('/geometry') || ''}</p>
      <div class="form-actions">
        <button type="submit" class="primary" disabled={isSaving}>{t(isSaving ? 'form.saving' : 'form.save')}</button>
        <button type="button" class="secondary" onClick={() => setCode(null)}>{t('quick.back')}</button>
      </div>
    </form>
  );
}
