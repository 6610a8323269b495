// Where a feature is, whatever its layer takes: a point to click, a line or an area to draw, or a choice
// of the three. A shape this page cannot edit is left alone and said so.
import type { Geometry } from 'geojson';
import { useRef, useState } from 'preact/hooks';
import { piecesOf, type PieceKind } from '../../geo/pieces';
import { t } from '../../i18n';
import type { Layer } from '../../api/types';
import * as store from '../../state/store';
import { PlaceInput } from '../PlaceInput';
import { ShapeInput, canEditShape } from './ShapeInput';

const KINDS = ['point', 'line', 'polygon'] as const;

interface GeometryProps {
  layer: Layer;
  purpose: store.Pick['purpose'];
  start: Geometry | null;
  isOptional: boolean;
  isJudged: boolean;
  /** What the server said about it. */
  refused: string | null;
  onGeometry: (geometry: Geometry | null, fault: string | null) => void;
}

export const kindOf = (geometry: Geometry | null): PieceKind | null => (geometry ? (piecesOf(geometry)?.[0]?.kind ?? null) : null);

function firstKind(layer: Layer, start: Geometry | null): PieceKind {
  const given = kindOf(start);
  if (given) return given;
  return layer.geometry === 'line' || layer.geometry === 'polygon' ? layer.geometry : 'point';
}

export function GeometryInput({ layer, purpose, start, isOptional, isJudged, refused, onGeometry }: GeometryProps) {
  const [kind, setKind] = useState<PieceKind>(() => firstKind(layer, start));
  // Trying another kind must not lose what was drawn of the first.
  const kept = useRef<Partial<Record<PieceKind, Geometry | null>>>({ [kind]: start });
  const put = (geometry: Geometry | null, fault: string | null): void => {
    kept.current[kind] = geometry;
    onGeometry(geometry, fault);
  };
  const choose = (next: PieceKind): void => {
    setKind(next);
    onGeometry(kept.current[next] ?? null, null);
  };
  const given = kept.current[kind] ?? null;
  return (
    <fieldset class="geometry" data-kind={kind}>
      <legend>{t('shape.legend')}</legend>
      {!canEditShape(start) && <p class="hint">{t('shape.collection')}</p>}
      {layer.geometry === 'any' && canEditShape(start) && (
        <div class="kinds" role="radiogroup" aria-label={t('shape.kind')}>
          {KINDS.map((one) => (
            <label key={one} class={`kind${kind === one ? ' is-chosen' : ''}`}>
              <input type="radio" name="shape-kind" value={one} checked={kind === one} onChange={() => choose(one)} />
              <span>{t(`shape.kind_${one}`)}</span>
            </label>
          ))}
        </div>
      )}
      {canEditShape(start) && (kind === 'point' && given?.type !== 'MultiPoint'
        ? <PlaceInput key="point" purpose={purpose} start={given?.type === 'Point' ? [given.coordinates[0] ?? 0, given.coordinates[1] ?? 0] : null} isOptional={isOptional} isJudged={isJudged} onPlace={(point, fault) => put(point ? { type: 'Point', coordinates: point } : null, fault)} />
        : <ShapeInput key={kind} kind={kind} start={given} onShape={put} />)}
      {refused && <p class="field-error" role="alert">{refused}</p>}
    </fieldset>
  );
}
