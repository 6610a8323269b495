// A line or an area in a form: drawn on the map, or typed as a list of coordinates; both are the same
// shape. Says its length and area on the ellipsoid while it is drawn.
import type { Geometry } from 'geojson';
import { useEffect, useRef, useState } from 'preact/hooks';
import { crossesItself } from '../../geo/crossing';
import { MIN_VERTICES, piecesOf, type PieceKind } from '../../geo/pieces';
import { t } from '../../i18n';
import { startDrawing, type Drawing, type Progress } from '../../map/draw';
import { showArea, showLength } from '../../model/values';
import * as store from '../../state/store';
import { Icon, type IconName } from '../icons';
import { CoordinateList } from './CoordinateList';

interface ShapeProps {
  kind: PieceKind;
  start: Geometry | null;
  /** The shape and what is wrong with it. */
  onShape: (geometry: Geometry | null, fault: string | null) => void;
}

const EMPTY: Progress = { vertices: [], cursor: null, isFinished: false, canUndo: false, canRedo: false, length_m: null, area_m2: null };

function faultOf(kind: PieceKind, geometry: Geometry | null, hasFault: boolean, begun: number): string | null {
  if (hasFault) return t('shape.rows');
  if (geometry === null && begun > 0) return t('shape.few', { n: MIN_VERTICES[kind] });
  return crossesItself(geometry) ? t('shape.crossing') : null;
}

function Readout({ kind, progress }: { kind: PieceKind; progress: Progress }) {
  const { lang } = store;
  if (progress.length_m === null) return null;
  const length = showLength(progress.length_m, lang.value);
  return (
    <p class="shape-size" data-length={progress.length_m.toFixed(3)} data-area={progress.area_m2?.toFixed(2)}>
      {progress.area_m2 !== null && <b>{t('shape.area', { area: showArea(progress.area_m2, lang.value) })}</b>}
      <span>{t(kind === 'polygon' && progress.area_m2 !== null ? 'shape.around' : 'shape.length', { length })}</span>
    </p>
  );
}

export function ShapeInput({ kind, start, onShape }: ShapeProps) {
  const drawing = useRef<Drawing | null>(null);
  const [geometry, setGeometry] = useState<Geometry | null>(start);
  const [progress, setProgress] = useState<Progress>(EMPTY);
  const [fault, setFault] = useState<string | null>(null);
  const begun = useRef(0);

  const put = (next: Geometry | null, hasFault = false): void => {
    const wrong = faultOf(kind, next, hasFault, begun.current);
    setGeometry(next);
    setFault(wrong);
    onShape(next, wrong);
  };
  const latest = useRef(put);
  latest.current = put;
  useEffect(() => {
    drawing.current = startDrawing({
      kind, geometry: start, snap: true,
      onChange: (next) => latest.current(next),
      onProgress: (now) => {
        const isOther = begun.current !== now.vertices.length;
        begun.current = now.vertices.length;
        setProgress(now);
        if (isOther && now.vertices.length > 0 && now.vertices.length < MIN_VERTICES[kind]) latest.current(null);
      },
    });
    return () => drawing.current?.cancel();
    // The start is only read when the form opens.
  }, [kind]);

  const type = (next: Geometry | null, hasFault: boolean): void => {
    begun.current = next ? 0 : 1;
    drawing.current?.set(next);
    put(next, hasFault);
  };
  const isNew = geometry === null || progress.vertices.length > 0;
  const button = (name: IconName, label: string, isOff: boolean, run: () => void) => <button type="button" class="icon-button" data-do={name} aria-label={label} title={label} disabled={isOff} onClick={run}><Icon name={name} size={16} /></button>;
  return (
    <div class="shape" data-kind={kind} data-drawn={geometry !== null}>
      <p class="hint">{isNew ? t(`shape.draw_${kind}`) : t(store.isPhone.value ? 'shape.edit_touch' : 'shape.edit_help')}</p>
      <div class="shape-tools">
        {button('undo', t('shape.undo'), !progress.canUndo, () => drawing.current?.undo())}
        {button('redo', t('shape.redo'), !progress.canRedo, () => drawing.current?.redo())}
        {kind !== 'point' && progress.vertices.length >= MIN_VERTICES[kind] && <button type="button" class="quiet" data-do="finish" onClick={() => drawing.current?.finish()}><Icon name="check" size={15} />{t('shape.finish')}</button>}
        {geometry !== null && progress.vertices.length === 0 && <button type="button" class="quiet" data-do="again" onClick={() => type(null, false)}><Icon name="trash" size={15} />{t('shape.again')}</button>}
        <Readout kind={kind} progress={progress} />
      </div>
      {fault && <p class="field-error" role="status">{fault}</p>}
      <CoordinateList kind={kind} geometry={geometry} partial={progress.vertices} onGeometry={type} />
    </div>
  );
}

/** Whether a geometry can be edited here at all. */
export const canEditShape = (geometry: Geometry | null): boolean => geometry === null || piecesOf(geometry) !== null;
