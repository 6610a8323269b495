// A place for a point: click the map, take its centre, or type longitude and latitude. Typing and
// clicking are the same value, so that nothing needs a mouse.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import type { Place, Wrong } from '../model/form';
import { parsePlace } from '../model/form';
import * as store from '../state/store';
import { Icon } from './icons';

const show = (value: number | null | undefined): string => (value === null || value === undefined ? '' : String(value));

/** Binds the two boxes to the point being placed on the map. Text that already means the point is left
 * as it was typed. */
export function usePlace(purpose: store.Pick['purpose'], start: [number, number] | null): [Place, (change: Partial<Place>) => void] {
  const [place, setPlace] = useState<Place>({ lon: show(start?.[0]), lat: show(start?.[1]) });
  const latest = useRef(place);
  const put = (next: Place): void => {
    latest.current = next;
    setPlace(next);
  };
  useLayoutEffect(() => {
    store.pick.value = { purpose, lon: start?.[0] ?? null, lat: start?.[1] ?? null };
    return () => { if (store.pick.value?.purpose === purpose) store.pick.value = null; };
    // The start is only read when the form opens.
  }, [purpose]);
  const pick = store.pick.value;
  useLayoutEffect(() => {
    if (!pick || pick.lon === null || pick.lat === null) return;
    const typed = parsePlace(latest.current);
    const isSame = 'point' in typed && typed.point?.[0] === pick.lon && typed.point[1] === pick.lat;
    if (!isSame) put({ lon: show(pick.lon), lat: show(pick.lat) });
  }, [pick]);
  const change = (part: Partial<Place>): void => {
    put({ ...latest.current, ...part });
    const parsed = parsePlace(latest.current);
    const point = 'point' in parsed ? parsed.point : null;
    store.pick.value = { purpose, lon: point?.[0] ?? null, lat: point?.[1] ?? null };
  };
  return [place, change];
}

interface PlaceInputProps { place: Place; onPlace: (change: Partial<Place>) => void; isOptional: boolean; wrong?: Partial<Record<'lon' | 'lat', Wrong | undefined>> }

export function PlaceInput({ place, onPlace, isOptional, wrong }: PlaceInputProps) {
  const box = (axis: 'lon' | 'lat') => {
    const problem = wrong?.[axis];
    const id = `place-${axis}`;
    return (
      <div class={`field${problem ? ' is-wrong' : ''}`}>
        <label for={id}>{t(axis === 'lon' ? 'form.lon' : 'form.lat')}</label>
        <input id={id} type="text" inputMode="decimal" autocomplete="off" value={place[axis]} aria-invalid={Boolean(problem)} aria-describedby={problem ? `${id}-error` : undefined} onInput={(event) => onPlace({ [axis]: event.currentTarget.value })} />
        {problem && <p class="field-error" id={`${id}-error`}>{t(problem.key)}</p>}
      </div>
    );
  };
  const center = store.camera.value;
  return (
    <fieldset class="place">
      <legend>{t('form.place')}</legend>
      <p class="hint">{t('form.place_pick')} {isOptional && t('form.place_optional')}</p>
      <div class="place-boxes">{box('lon')}{box('lat')}</div>
      <div class="place-actions">
        <button type="button" class="quiet" disabled={!center} onClick={() => center && onPlace({ lon: center.lon.toFixed(7), lat: center.lat.toFixed(7) })}><Icon name="fly" size={15} />{t('form.place_center')}</button>
        {isOptional && (place.lon || place.lat) && <button type="button" class="quiet" onClick={() => onPlace({ lon: '', lat: '' })}>{t('form.place_clear')}</button>}
      </div>
    </fieldset>
  );
}
