// Drawing on the map: one at a time, a point, line, polygon or circle, new or given. This file is the
// small part that is always there; Terra Draw itself (`draw-engine.ts`) is fetched when it is needed.
// It owns the history: while a shape is being drawn undo takes back one vertex, after that one edit.
import { signal } from '@preact/signals';
import type { Geometry, Position } from 'geojson';
import { sizeOf, type Size } from '../geo/measure';
import { MIN_VERTICES, closeRing, piecesOf, sameGeometry } from '../geo/pieces';
import { whenMap } from './current';
import type { Engine } from './draw-engine';

export type DrawKind = 'point' | 'line' | 'polygon' | 'circle';

/** What is on the map at this moment, for a live readout and for the buttons. */
export interface Progress extends Size {
  /** Vertices set so far of a shape being drawn; empty once it is finished. */
  vertices: Position[];
  /** The loose end that follows the pointer. */
  cursor: Position | null;
  isFinished: boolean;
  canUndo: boolean;
  canRedo: boolean;
}

export interface DrawOptions {
  kind: DrawKind;
  /** A geometry to edit; without one a new shape is drawn. */
  geometry?: Geometry | null | undefined;
  /** Whether vertices snap to the features of the shown layers. */
  snap?: boolean;
  /** The geometry as it stands, null while there is none; not called for what `set` was given. */
  onChange(geometry: Geometry | null): void;
  onProgress?(progress: Progress): void;
  /** A new shape was finished (double click, its last vertex again, Enter). */
  onFinish?(geometry: Geometry): void;
  /** Escape with nothing begun: the drawing is not wanted any more. */
  onCancel?(): void;
}

export interface Drawing {
  /** Replaces what is drawn, as typing coordinates does. */
  set(geometry: Geometry | null): void;
  undo(): void;
  redo(): void;
  /** Ends the shape being drawn, if it has enough vertices. */
  finish(): void;
  /** Takes the drawing off the map and ends it. */
  cancel(): void;
}

/** Whether somebody is drawing: the map's own clicks then mean nothing else. */
export const isDrawing = signal(false);

let ending: (() => void) | null = null;

const isTyping = (target: EventTarget | null): boolean => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
const isPressable = (target: EventTarget | null): boolean => target instanceof HTMLElement && target.closest('button, a, summary') !== null;

/** A geometry of the vertices set so far, if they are enough. */
function soFar(kind: DrawKind, vertices: Position[]): Geometry | null {
  const shape = kind === 'circle' ? 'polygon' : kind;
  if (vertices.length < MIN_VERTICES[shape]) return null;
  if (shape === 'line') return { type: 'LineString', coordinates: vertices };
  return { type: 'Polygon', coordinates: [closeRing(vertices)] };
}

const vertexCount = (geometry: Geometry | null): number => (geometry ? piecesOf(geometry) ?? [] : []).reduce((sum, piece) => sum + piece.vertices.length, 0);

/** Begins a drawing; the one that was going on ends. */
export function startDrawing(options: DrawOptions): Drawing {
  ending?.();
  isDrawing.value = true;
  let engine: Engine | null = null;
  let isOver = false;
  let current: Geometry | null = options.geometry ?? null;
  let vertices: Position[] = [];
  let cursor: Position | null = null;
  let past: (Geometry | null)[] = [];
  let future: (Geometry | null)[] = [];
  let wasTyped = false;
  let stopSnapping: (() => void) | null = null;

  const report = (): void => {
    const withCursor = cursor && options.kind !== 'circle' ? [...vertices, cursor] : vertices;
    const size = vertices.length > 0 ? sizeOf(soFar(options.kind, withCursor) ?? (withCursor.length === 2 ? { type: 'LineString', coordinates: withCursor } : null)) : sizeOf(current);
    options.onProgress?.({ ...size, vertices, cursor, isFinished: vertices.length === 0 && current !== null, canUndo: vertices.length > 0 || past.length > 0, canRedo: future.length > 0 || vertices.length > 0 });
  };
  const remember = (next: Geometry | null, typed: boolean): void => {
    // Typing within the same rows is one step, not one per key.
    if (!(typed && wasTyped && vertexCount(next) === vertexCount(current))) past.push(current);
    wasTyped = typed;
    future = [];
    current = next;
  };
  const show = (geometry: Geometry | null): void => {
    current = geometry;
    vertices = [];
    cursor = null;
    wasTyped = false;
    engine?.show(geometry);
    options.onChange(geometry);
    report();
  };

  const onEdit = (geometry: Geometry | null, isSettled: boolean): void => {
    const isNew = vertices.length > 0 || current === null;
    vertices = [];
    cursor = null;
    if (isSettled && !sameGeometry(geometry, current)) remember(geometry, false);
    options.onChange(geometry);
    if (isSettled) report();
    else options.onProgress?.({ ...sizeOf(geometry), vertices, cursor, isFinished: true, canUndo: past.length > 0, canRedo: false });
    if (isSettled && isNew && geometry) options.onFinish?.(geometry);
  };
  const onPartial = (set: Position[], loose: Position | null): void => {
    const hasMoved = set.length !== vertices.length;
    vertices = set;
    cursor = loose;
    if (hasMoved || options.kind === 'circle') options.onChange(soFar(options.kind, set));
    report();
  };

  const undo = (): void => {
    if (engine?.undoVertex()) {
      if (!engine.isDrawing()) onPartial([], null);
      return;
    }
    const before = past.pop();
    if (before === undefined) return;
    future.push(current);
    show(before);
  };
  const redo = (): void => {
    if (engine?.redoVertex()) return;
    const after = future.pop();
    if (after === undefined) return;
    past.push(current);
    show(after);
  };
  const finish = (): void => engine?.finish();
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    ending = null;
    isDrawing.value = false;
    removeEventListener('keydown', onKey, true);
    stopSnapping?.();
    engine?.close();
  };
  const onKey = (event: KeyboardEvent): void => {
    const isChord = (event.ctrlKey || event.metaKey) && !event.altKey;
    const key = event.key.toLowerCase();
    if (isChord && !isTyping(event.target) && (key === 'z' || key === 'y')) {
      if (key === 'y' || event.shiftKey) redo();
      else undo();
    } else if (event.key === 'Escape' && engine?.isDrawing()) {
      show(current);
    } else if (event.key === 'Escape' && options.onCancel && !isTyping(event.target)) {
      options.onCancel();
    } else if (event.key === 'Enter' && engine?.isDrawing() && !isTyping(event.target) && !isPressable(event.target)) {
      finish();
    } else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  ending = end;
  addEventListener('keydown', onKey, true);
  void (async () => {
    const map = await whenMap();
    const [{ openEngine }, { followSnaps }] = await Promise.all([import('./draw-engine'), import('./snap-source')]);
    if (!map.isStyleLoaded()) await map.once('idle');
    if (isOver) return;
    const snaps = options.snap ? followSnaps(map) : null;
    stopSnapping = snaps?.stop ?? null;
    engine = openEngine(map, options.kind, snaps?.snap ?? null, { onEdit, onPartial });
    engine.show(current);
    report();
  })();

  return {
    set: (geometry) => {
      if (isOver || sameGeometry(geometry, current)) return;
      remember(geometry, true);
      vertices = [];
      cursor = null;
      engine?.show(geometry);
      report();
    },
    undo,
    redo,
    finish,
    cancel: end,
  };
}
