// A place for a point: click the map, take its centre, or type coordinates (WGS 84 or VN-2000). Typing
// and clicking are the same value, so that nothing needs a mouse.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { vn2000 } from '../geo/vn2000';
import { t } from '../i18n';
import { kilometresOff, readRow, rowOf, type Crs, type Row } from '../model/coordinates';
import * as store from '../state/store';
import { Icon } from './icons';
import { CrsSelect, lastCrs } from './form/CrsSelect';

export type Point = [number, number];

interface PlaceInputProps {
  purpose: store.Pick['purpose'];
  start: Point | null;
  isOptional: boolean;
  /** Whether faults are shown although the box is still being typed in. */
  isJudged: boolean;
  onPlace: (point: Point | null, fault: string | null) => void;
}

const isSame = (a: Point | null, b: Point | null): boolean => a?.[0] === b?.[0] && a?.[1] === b?.[1];

export function PlaceInput({ purpose, start, isOptional, isJudged, onPlace }: PlaceInputProps) {
  const [crs, setCrs] = useState<Crs>(lastCrs.value);
  const projection = vn2000.value;
  const [row, setRow] = useState<Row>(() => (start ? rowOf(start, crs, projection) : { x: '', y: '' }));
  const point = useRef<Point | null>(start);

  useLayoutEffect(() => {
    store.pick.value = { purpose, lon: start?.[0] ?? null, lat: start?.[1] ?? null };
    return () => { if (store.pick.value?.purpose === purpose) store.pick.value = null; };
    // The start is only read when the form opens.
  }, [purpose]);

  const pick = store.pick.value;
  useLayoutEffect(() => {
    if (!pick || pick.lon === null || pick.lat === null) return;
    const picked: Point = [pick.lon, pick.lat];
    // Text that already means the point is left as it was typed.
    if (isSame(point.current, picked)) return;
    point.current = picked;
    setRow(rowOf(picked, crs, projection));
    onPlace(picked, null);
  }, [pick]);
  useLayoutEffect(() => {
    if (point.current) setRow(rowOf(point.current, crs, projection));
  }, [crs, projection === null]);

  const read = readRow(row, crs, projection);
  const change = (part: Partial<Row>): void => {
    const next = { ...row, ...part };
    setRow(next);
    const result = readRow(next, crs, projection);
    point.current = result.position;
    store.pick.value = { purpose, lon: result.position?.[0] ?? null, lat: result.position?.[1] ?? null };
    onPlace(result.position, result.fault === 'number' || result.fault === 'range' ? t(`rows.fault_${result.fault}`) : null);
  };
  const isHalf = (row.x.trim() === '') !== (row.y.trim() === '');
  const fault = read.fault === 'range' || (read.fault === 'number' && (isJudged || !isHalf)) ? t(isHalf ? 'form.half_place' : `rows.fault_${read.fault}`) : null;
  const far = read.position && store.site.value ? kilometresOff(read.position, store.site.value.bounds) : 0;
  const box = (id: string, name: 'x' | 'y') => (
    <div class={`field${fault ? ' is-wrong' : ''}`}>
      <label for={id}>{t(`crs.${crs}_${name}`)}</label>
      <input id={id} type="text" inputMode="decimal" autocomplete="off" value={row[name]} aria-invalid={fault !== null} aria-describedby={fault ? 'place-error' : undefined} onInput={(event) => change({ [name]: event.currentTarget.value })} />
    </div>
  );
  const center = store.camera.value;
  return (
    <div class="place" role="group" aria-label={t('form.place')}>
      <p class="hint">{t('form.place_pick')} {isOptional && t('shape.none')}</p>
      <CrsSelect id="place-crs" crs={crs} onCrs={setCrs} />
      <div class="place-boxes">{box('place-lon', 'x')}{box('place-lat', 'y')}</div>
      {fault && <p class="field-error" id="place-error">{fault}</p>}
      {read.isSwapped && <p class="hint is-told" role="status">{t('rows.swapped')}</p>}
      {far > 0 && <p class="field-error" role="status">{t('rows.far', { n: far })}</p>}
      <div class="place-actions">
        <button type="button" class="quiet" disabled={!center} onClick={() => center && change(rowOf([center.lon, center.lat], crs, projection))}><Icon name="fly" size={15} />{t('form.place_center')}</button>
        {isOptional && (row.x || row.y) && <button type="button" class="quiet" onClick={() => change({ x: '', y: '' })}>{t('form.place_clear')}</button>}
      </div>
    </div>
  );
}
