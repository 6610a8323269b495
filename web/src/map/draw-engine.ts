// Terra Draw on our map, in a chunk of its own that is fetched when somebody draws. Two states: a shape
// is being drawn, or a finished geometry is being edited (one Terra Draw feature per piece of it).
import { effect } from '@preact/signals';
import type { Geometry, Position } from 'geojson';
import type { Map as GlMap } from 'maplibre-gl';
import { TerraDraw, TerraDrawCircleMode, TerraDrawLineStringMode, TerraDrawPointMode, TerraDrawPolygonMode, TerraDrawSelectMode, type GeoJSONStoreFeatures, type SnapToCustom } from 'terra-draw';
import { closeRing, geometryOf, isMulti, openRing, piecesOf, roundDegree, type Piece } from '../geo/pieces';
import { shownTheme } from '../state/store';
import type { DrawKind } from './draw';
import { DrawAdapter, PRECISION } from './draw-adapter';
import { looksOf } from './draw-looks';

const REACH_PX = 14;
const MODE_OF = { point: 'point', line: 'linestring', polygon: 'polygon', circle: 'circle' } as const;

export interface EngineHandlers {
  /** A finished geometry was made or changed; `isSettled` false while a vertex is still being dragged. */
  onEdit(geometry: Geometry | null, isSettled: boolean): void;
  /** Vertices set so far of a shape being drawn, and where its loose end is. */
  onPartial(vertices: Position[], cursor: Position | null): void;
}

export interface Engine {
  /** Shows a finished geometry for editing, or starts a new drawing. */
  show(geometry: Geometry | null): void;
  finish(): void;
  undoVertex(): boolean;
  redoVertex(): boolean;
  isDrawing(): boolean;
  close(): void;
}

type FeatureId = ReturnType<TerraDraw['getFeatureId']>;

const round = (position: Position): Position => position.slice(0, 2).map(roundDegree);
const trim = (position: Position): Position => position.slice(0, 2).map((value) => Number(value.toFixed(PRECISION)));

function featureOf(piece: Piece, id: FeatureId): GeoJSONStoreFeatures {
  const properties = { mode: MODE_OF[piece.kind], part: piece.part, ring: piece.ring };
  const vertices = piece.vertices.map(trim);
  const geometry = piece.kind === 'point' ? { type: 'Point' as const, coordinates: vertices[0] ?? [] }
    : piece.kind === 'line' ? { type: 'LineString' as const, coordinates: vertices }
      : { type: 'Polygon' as const, coordinates: [closeRing(vertices)] };
  return { type: 'Feature', id, properties, geometry };
}

function pieceOf(feature: GeoJSONStoreFeatures): Piece {
  const { geometry, properties } = feature;
  const place = { part: Number(properties['part'] ?? 0), ring: Number(properties['ring'] ?? 0) };
  if (geometry.type === 'Point') return { kind: 'point', ...place, vertices: [round(geometry.coordinates)] };
  if (geometry.type === 'LineString') return { kind: 'line', ...place, vertices: geometry.coordinates.map(round) };
  return { kind: 'polygon', ...place, vertices: openRing((geometry.coordinates[0] ?? []).map(round)) };
}

/** Terra Draw's own helpers (vertex handles, midpoints, snapping and closing points) are not shapes. */
const HELPERS = ['selectionPoint', 'midPoint', 'closingPoint', 'snappingPoint', 'coordinatePoint', 'currentlyDrawing'];
const isShape = (feature: GeoJSONStoreFeatures): boolean => !HELPERS.some((name) => feature.properties[name]);

export function openEngine(map: GlMap, kind: DrawKind, snap: SnapToCustom | null, handlers: EngineHandlers): Engine {
  const adapter = new DrawAdapter(map);
  const snapping = snap ? { toCustom: snap } : {};
  const common = { pointerDistance: REACH_PX, keyEvents: { cancel: null, finish: FINISH_KEY } };
  const looks = looksOf(shownTheme.value);
  const vertices = { draggable: true, midpoints: { draggable: true }, deletable: true, snappable: snapping };
  const modes = {
    point: new TerraDrawPointMode({ styles: looks.point, editable: true, pointerDistance: REACH_PX }),
    line: new TerraDrawLineStringMode({ ...common, styles: looks.line, snapping, showCoordinatePoints: true }),
    polygon: new TerraDrawPolygonMode({ ...common, styles: looks.polygon, snapping, showCoordinatePoints: true }),
    circle: new TerraDrawCircleMode({ ...common, styles: looks.circle, drawInteraction: 'click-move-or-drag' }),
    select: new TerraDrawSelectMode({
      pointerDistance: REACH_PX, keyEvents: null, styles: looks.select, allowManualDeselection: false,
      flags: {
        point: { feature: { draggable: true } },
        linestring: { feature: { coordinates: vertices } },
        polygon: { feature: { coordinates: vertices } },
        circle: { feature: { draggable: true, coordinates: { resizable: 'center' } } },
      },
    }),
  };
  const draw = new TerraDraw({ adapter, modes: Object.values(modes) });
  const drawing = kind === 'circle' ? modes.circle : modes[kind];
  let multi = false;
  let isShowing = false;
  let isWaiting = false;
  let isClosed = false;

  const shapes = (): GeoJSONStoreFeatures[] => draw.getSnapshot().filter(isShape);
  const read = (): Geometry | null => geometryOf(shapes().map(pieceOf), multi);

  const partial = (): void => {
    const [current] = draw.getSnapshot().filter((feature) => feature.properties['currentlyDrawing']);
    if (!current || current.geometry.type === 'Point') {
      handlers.onPartial([], null);
      return;
    }
    if (kind === 'circle') {
      handlers.onPartial(openRing((current.geometry.coordinates[0] as Position[]).map(round)), null);
      return;
    }
    const list = current.geometry.type === 'LineString' ? current.geometry.coordinates : openRing(current.geometry.coordinates[0] ?? []);
    const set = drawing.undoSize();
    handlers.onPartial(list.slice(0, set).map(round), list.length > set ? round(list.at(-1) as Position) : null);
  };

  const select = (): void => {
    const [first] = shapes();
    draw.setMode('select');
    if (first?.id !== undefined) draw.selectFeature(first.id);
  };

  const show = (geometry: Geometry | null): void => {
    isShowing = true;
    draw.clear();
    drawing.clearHistory();
    multi = isMulti(geometry);
    const pieces = geometry ? piecesOf(geometry) : null;
    if (pieces && pieces.length > 0) {
      draw.addFeatures(pieces.map((piece) => featureOf(piece, draw.getFeatureId())));
      if (kind === 'point' && pieces.length === 1) draw.setMode('point');
      else select();
    } else draw.setMode(drawing.mode);
    isShowing = false;
  };

  draw.start();
  draw.on('finish', (id, { action }) => {
    if (action === 'draw') {
      // A point clicked again is the same point elsewhere.
      if (kind === 'point') draw.removeFeatures(shapes().flatMap((feature) => (feature.id === undefined || feature.id === id ? [] : [feature.id])));
      // Whoever is told may have ended the drawing by then.
      else queueMicrotask(() => { if (!isClosed) select(); });
    }
    handlers.onEdit(read(), true);
  });
  draw.on('change', (_ids, _type, context) => {
    if (isShowing || (context && 'origin' in context)) return;
    if (draw.getMode() === 'select') handlers.onEdit(read(), false);
    else if (!isWaiting) {
      // Terra Draw counts a vertex as set only after it told of the change.
      isWaiting = true;
      queueMicrotask(() => {
        isWaiting = false;
        if (!isClosed && draw.getMode() !== 'select') partial();
      });
    }
  });

  const restyle = (): void => {
    const now = looksOf(shownTheme.value);
    draw.updateModeOptions<typeof TerraDrawPointMode>('point', { styles: now.point });
    draw.updateModeOptions<typeof TerraDrawLineStringMode>('linestring', { styles: now.line });
    draw.updateModeOptions<typeof TerraDrawPolygonMode>('polygon', { styles: now.polygon });
    draw.updateModeOptions<typeof TerraDrawCircleMode>('circle', { styles: now.circle });
    draw.updateModeOptions<typeof TerraDrawSelectMode>('select', { styles: now.select });
  };
  const onStyle = (): void => {
    adapter.restore();
    restyle();
  };
  map.on('style.load', onStyle);
  const stopTheme = effect(restyle);

  return {
    show,
    isDrawing: () => draw.getMode() !== 'select' && draw.getModeState() === 'drawing',
    finish: () => drawing.onKeyUp({ key: FINISH_KEY, heldKeys: [], preventDefault: () => undefined }),
    undoVertex: () => {
      if (draw.getMode() === 'select' || drawing.undoSize() === 0) return false;
      drawing.undo();
      return true;
    },
    redoVertex: () => {
      if (draw.getMode() === 'select' || drawing.redoSize() === 0) return false;
      drawing.redo();
      return true;
    },
    close: () => {
      isClosed = true;
      stopTheme();
      map.off('style.load', onStyle);
      draw.stop();
    },
  };
}

/** Never a key of the keyboard: only `finish` sends it, the page's own listener decides on keys. */
const FINISH_KEY = 'page-finish';
