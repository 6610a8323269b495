// Where to look: a polygon or circle drawn on the map, typed, or taken from something that has a name.
// The area narrows every layer that has a place; it stays on the map and is a chip above it.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Geometry } from 'geojson';
import { sizeOf } from '../../geo/measure';
import { number, t } from '../../i18n';
import { isDrawing, startDrawing, type DrawKind, type Drawing } from '../../map/draw';
import { boundsOf } from '../../map/shapes';
import { circleAround, cornersText, fromWkt, readCorners, toWkt } from '../../model/area';
import { fly } from '../../state/actions';
import * as store from '../../state/store';
import { Icon } from '../icons';
import { AroundSelected, NamedSelect } from './NamedAreas';

/** Hectares, or square metres when it is small. */
function areaText(squareMetres: number): string {
  return squareMetres >= 10_000 ? t('area.ha', { n: number(Math.round(squareMetres / 1000) / 10) }) : t('area.m2', { n: number(Math.round(squareMetres)) });
}

function useAreaDrawing() {
  const [kind, setKind] = useState<DrawKind | null>(null);
  const drawing = useRef<Drawing | null>(null);
  const end = (): void => {
    drawing.current?.cancel();
    drawing.current = null;
    setKind(null);
  };
  const start = (next: DrawKind, geometry: Geometry | null = null): void => {
    const name = geometry ? (store.area.value?.name ?? '') : t(next === 'circle' ? 'area.circle' : 'area.polygon');
    const keep = (drawn: Geometry | null): void => {
      const wkt = toWkt(drawn);
      if (wkt) store.area.value = { wkt, name };
    };
    setKind(next);
    drawing.current = startDrawing({
      kind: next,
      geometry,
      // An outline given is edited in place; a new one counts once it is finished.
      onChange: (changed) => { if (geometry) keep(changed); },
      onFinish: (drawn) => {
        keep(drawn);
        // The drawing tool is still inside its own event: it is put away after it.
        setTimeout(end);
      },
      onCancel: end,
    });
  };
  useEffect(() => end, []);
  return { kind, start, end, finish: () => { drawing.current?.finish(); } };
}

function Typed() {
  const shown = store.area.value ? cornersText(store.area.value.wkt) : '';
  const [text, setText] = useState<string | null>(null);
  const [isWrong, setWrong] = useState(false);
  const apply = (): void => {
    const wkt = toWkt(readCorners(text ?? shown));
    setWrong(wkt === null);
    if (!wkt) return;
    store.area.value = { wkt, name: t('area.typed') };
    setText(null);
  };
  return (
    <div class="form">
      <div class="field">
        <label for="area-corners">{t('area.corners')}</label>
        <textarea id="area-corners" rows={5} spellcheck={false} aria-invalid={isWrong} aria-describedby="area-corners-hint" value={text ?? shown} onInput={(event) => setText(event.currentTarget.value)} />
        <span id="area-corners-hint" class={isWrong ? 'field-error' : 'hint'}>{t(isWrong ? 'area.corners_wrong' : 'area.corners_hint')}</span>
      </div>
      <button type="button" class="secondary" id="area-apply" onClick={apply}>{t('area.apply')}</button>
    </div>
  );
}

function TypedCircle() {
  const [values, setValues] = useState({ lon: '', lat: '', radius: '200' });
  const [isWrong, setWrong] = useState(false);
  const read = (text: string): number => Number(text.trim().replace(',', '.') || Number.NaN);
  const apply = (): void => {
    const [lon, lat, radius] = [read(values.lon), read(values.lat), read(values.radius)];
    const isRight = Math.abs(lon) <= 180 && Math.abs(lat) < 85 && radius > 0 && radius <= 100_000;
    setWrong(!isRight);
    const wkt = isRight ? toWkt(circleAround(lon, lat, radius)) : null;
    if (wkt) store.area.value = { wkt, name: t('area.circle_of', { n: radius }) };
  };
  const centre = (): void => {
    const camera = store.camera.value;
    if (camera) setValues({ ...values, lon: camera.lon.toFixed(6), lat: camera.lat.toFixed(6) });
  };
  const box = (name: keyof typeof values, label: string) => (
    <div class="field">
      <label for={`circle-${name}`}>{label}</label>
      <input type="text" id={`circle-${name}`} inputMode="decimal" autocomplete="off" aria-invalid={isWrong} value={values[name]} onInput={(event) => setValues({ ...values, [name]: event.currentTarget.value })} />
    </div>
  );
  return (
    <div class="form">
      <div class="area-circle">{box('lon', t('form.lon'))}{box('lat', t('form.lat'))}{box('radius', t('area.radius'))}</div>
      {isWrong && <span class="field-error">{t('area.circle_wrong')}</span>}
      <div class="area-tools"><button type="button" class="secondary" id="circle-apply" onClick={apply}>{t('area.circle_apply')}</button><button type="button" class="quiet" onClick={centre}>{t('form.place_center')}</button></div>
    </div>
  );
}

export function AreaSection() {
  const { kind, start, end, finish } = useAreaDrawing();
  const area = store.area.value;
  const geometry = area ? fromWkt(area.wkt) : null;
  const box = geometry ? boundsOf(geometry) : null;
  const size = geometry ? sizeOf(geometry).area_m2 : null;
  return (
    <section class="filter-part" aria-labelledby="area-title">
      <h3 id="area-title">{t('filter.area')}</h3>
      {area && (
        <div class="area-now">
          <b>{area.name || t('filter.area_drawn')}</b>{size ? <span class="faint">{areaText(size)}</span> : null}
          <span class="area-tools">
            {box && <button type="button" class="icon-button" aria-label={t('area.fly')} title={t('area.fly')} onClick={() => fly({ bounds: box })}><Icon name="fly" size={16} /></button>}
            <button type="button" class="icon-button" aria-label={t('area.edit')} title={t('area.edit')} disabled={isDrawing.value} onClick={() => start('polygon', geometry)}><Icon name="edit" size={16} /></button>
            <button type="button" class="icon-button" aria-label={t('area.remove')} title={t('area.remove')} onClick={() => { end(); store.area.value = null; }}><Icon name="close" size={16} /></button>
          </span>
        </div>
      )}
      {kind
        ? (
          <div class="area-drawing" role="status">
            <p>{t(kind === 'circle' ? 'area.draw_circle_hint' : 'area.draw_hint')}</p>
            <div class="area-tools">
              <button type="button" class="primary" onClick={() => { finish(); end(); }}>{t('area.done')}</button>
              <button type="button" class="secondary" onClick={end}>{t('form.cancel')}</button>
            </div>
          </div>
        )
        : (
          <div class="area-tools">
            <button type="button" class="secondary" id="draw-polygon" onClick={() => start('polygon')}><Icon name="shape" size={16} />{t('area.draw_polygon')}</button>
            <button type="button" class="secondary" id="draw-circle" onClick={() => start('circle')}>{t('area.draw_circle')}</button>
          </div>
        )}
      <NamedSelect />
      <AroundSelected />
      <details class="aside"><summary>{t('area.type_corners')}</summary><Typed /></details>
      <details class="aside"><summary>{t('area.type_circle')}</summary><TypedCircle /></details>
    </section>
  );
}
