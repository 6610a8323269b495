// A geometry taken apart into pieces with one list of vertices each (a point, a line, one ring), which
// is what can be edited by dragging, and put together again without losing a part or a hole. Pure.
import type { Geometry, Position } from 'geojson';

export type PieceKind = 'point' | 'line' | 'polygon';

/** One list of vertices: of part `part`, and for polygons of ring `ring` (0 is the outer one). A ring
 * is kept open: its first vertex is not repeated at the end. */
export interface Piece { kind: PieceKind; part: number; ring: number; vertices: Position[] }

/** Fewest vertices that make a shape. */
export const MIN_VERTICES: Record<PieceKind, number> = { point: 1, line: 2, polygon: 3 };

const isSame = (a: Position | undefined, b: Position | undefined): boolean => a !== undefined && b !== undefined && a[0] === b[0] && a[1] === b[1];

/** A ring without its repeated last vertex. */
export const openRing = (ring: Position[]): Position[] => (ring.length > 1 && isSame(ring[0], ring.at(-1)) ? ring.slice(0, -1) : ring);

/** A ring with its first vertex repeated at the end. */
export const closeRing = (ring: Position[]): Position[] => (ring[0] && !(ring.length > 1 && isSame(ring[0], ring.at(-1))) ? [...ring, ring[0]] : ring);

const plane = (position: Position): Position => position.slice(0, 2);

function rings(polygon: Position[][], part: number): Piece[] {
  return polygon.map((ring, index) => ({ kind: 'polygon', part, ring: index, vertices: openRing(ring).map(plane) }));
}

/** The pieces of a geometry; null for a collection, which is shown and left as it is. */
export function piecesOf(geometry: Geometry): Piece[] | null {
  switch (geometry.type) {
    case 'Point': return [{ kind: 'point', part: 0, ring: 0, vertices: [plane(geometry.coordinates)] }];
    case 'MultiPoint': return geometry.coordinates.map((position, part) => ({ kind: 'point', part, ring: 0, vertices: [plane(position)] }));
    case 'LineString': return [{ kind: 'line', part: 0, ring: 0, vertices: geometry.coordinates.map(plane) }];
    case 'MultiLineString': return geometry.coordinates.map((line, part) => ({ kind: 'line', part, ring: 0, vertices: line.map(plane) }));
    case 'Polygon': return rings(geometry.coordinates, 0);
    case 'MultiPolygon': return geometry.coordinates.flatMap(rings);
    default: return null;
  }
}

export const isMulti = (geometry: Geometry | null | undefined): boolean => geometry?.type.startsWith('Multi') ?? false;

/** The geometry made of pieces of one kind; null while a piece has too few vertices. With `multi` a
 * single part stays a multi-geometry, so that an edit does not change the type that is stored. */
export function geometryOf(pieces: Piece[], multi = false): Geometry | null {
  const [first] = pieces;
  if (!first || pieces.some((piece) => piece.vertices.length < MIN_VERTICES[piece.kind])) return null;
  const parts = new Map<number, Piece[]>();
  for (const piece of pieces) parts.set(piece.part, [...(parts.get(piece.part) ?? []), piece]);
  const lists = [...parts.values()].map((list) => list.toSorted((a, b) => a.ring - b.ring));
  const single = lists.length === 1 && !multi;
  if (first.kind === 'point') {
    const points = lists.map((list) => list[0]?.vertices[0] ?? []);
    return single ? { type: 'Point', coordinates: points[0] ?? [] } : { type: 'MultiPoint', coordinates: points };
  }
  if (first.kind === 'line') {
    const lines = lists.map((list) => list[0]?.vertices ?? []);
    return single ? { type: 'LineString', coordinates: lines[0] ?? [] } : { type: 'MultiLineString', coordinates: lines };
  }
  const polygons = lists.map((list) => list.map((piece) => closeRing(piece.vertices)));
  return single ? { type: 'Polygon', coordinates: polygons[0] ?? [] } : { type: 'MultiPolygon', coordinates: polygons };
}

/** Decimals kept of a degree: 7 are about a centimetre, and what RFC 7946 answers carry. */
const DECIMALS = 7;

export const roundDegree = (value: number): number => Number(value.toFixed(DECIMALS));

/** Two geometries with the same vertices in the same order. */
export const sameGeometry = (a: Geometry | null, b: Geometry | null): boolean => JSON.stringify(a) === JSON.stringify(b);
