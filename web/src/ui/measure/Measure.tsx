// Measuring on the ellipsoid: a path with the length and direction of each part, or an area. Drawn on
// the map or typed; nothing is stored.
import type { Geometry, Position } from 'geojson';
import { useEffect, useRef, useState } from 'preact/hooks';
import { geodesic, sizeOf } from '../../geo/measure';
import { piecesOf } from '../../geo/pieces';
import { t } from '../../i18n';
import { showBearing } from '../../model/bearing';
import { showArea, showLength } from '../../model/values';
import { overlay } from '../../state/reach';
import * as store from '../../state/store';
import { ShapeInput } from '../form/ShapeInput';
import { Icon } from '../icons';
import { Pointer, copy } from './Pointer';

type Kind = 'line' | 'polygon';

interface Part { metres: number; bearing: number }

function partsOf(kind: Kind, geometry: Geometry | null): Part[] {
  const vertices = (geometry ? piecesOf(geometry)?.[0]?.vertices : null) ?? [];
  const path = kind === 'polygon' && vertices[0] ? [...vertices, vertices[0]] : vertices;
  return path.slice(1).map((to, at) => geodesic(path[at] as Position, to));
}

function Parts({ parts }: { parts: Part[] }) {
  if (parts.length === 0) return null;
  const { lang } = store;
  return (
    <div class="measure-parts">
      <table>
        <caption class="sr-only">{t('measure.parts')}</caption>
        <thead><tr><th scope="col">{t('measure.part')}</th><th scope="col" class="number">{t('measure.length')}</th><th scope="col" class="number">{t('measure.bearing')}</th></tr></thead>
        <tbody>{parts.map((part, at) => <tr key={at} data-metres={part.metres.toFixed(3)} data-bearing={part.bearing.toFixed(4)}><th scope="row">{at + 1}</th><td class="number">{showLength(part.metres, lang.value)}</td><td class="number">{showBearing(part.bearing)}</td></tr>)}</tbody>
      </table>
    </div>
  );
}

/** The result as text, for a report. */
function summary(kind: Kind, geometry: Geometry, parts: Part[]): string {
  const lang = store.lang.value;
  const size = sizeOf(geometry);
  const head = [
    size.area_m2 === null ? '' : t('shape.area', { area: showArea(size.area_m2, lang) }),
    size.length_m === null ? '' : t(kind === 'polygon' ? 'shape.around' : 'shape.length', { length: showLength(size.length_m, lang) }),
  ].filter(Boolean);
  const vertices = piecesOf(geometry)?.[0]?.vertices ?? [];
  return [...head, ...parts.map((part, at) => `${at + 1}\t${showLength(part.metres, lang)}\t${showBearing(part.bearing)}`), ...vertices.map(([lon = 0, lat = 0]) => `${lon.toFixed(7)}\t${lat.toFixed(7)}`)].join('\n');
}

export function Measure() {
  const [kind, setKind] = useState<Kind>('line');
  const [geometry, setGeometry] = useState<Geometry | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const parts = partsOf(kind, geometry);
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus({ preventScroll: true });
    return () => { if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true }); };
  }, []);
  const close = (): void => { overlay.value = null; };
  const tab = (one: Kind, text: string) => <button type="button" class="tab" aria-pressed={kind === one} onClick={() => { setKind(one); setGeometry(null); }}>{text}</button>;
  return (
    <section class="measure" aria-labelledby="measure-name">
      <header class="dialog-head">
        <h2 id="measure-name" ref={heading} tabIndex={-1}>{t('measure.name')}</h2>
        <button type="button" class="icon-button" aria-label={t('close')} title={t('close')} onClick={close}><Icon name="close" size={16} /></button>
      </header>
      <div class="measure-body">
        <div class="tabs" role="group" aria-label={t('measure.name')}>{tab('line', t('measure.distance'))}{tab('polygon', t('measure.area'))}</div>
        <ShapeInput key={kind} kind={kind} start={null} onShape={(next) => setGeometry(next)} />
        <Parts parts={parts} />
        {geometry && <button type="button" class="quiet" onClick={() => { void copy(summary(kind, geometry, parts)); }}><Icon name="link" size={15} />{t('measure.copy')}</button>}
        <Pointer />
        <p class="hint">{t('measure.method')}</p>
      </div>
    </section>
  );
}
