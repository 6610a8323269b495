// Small geometry for the screen only: where to put a polygon's label, a feature's box and centre.
// Measuring is the server's work; nothing here is shown as a number.
import type { Geometry, Position } from 'geojson';
import type { Bounds } from '../api/types';

const GRID = 20;

/** Every position of a geometry, flat. */
export function positionsOf(geometry: Geometry): Position[] {
  if (geometry.type === 'GeometryCollection') return geometry.geometries.flatMap(positionsOf);
  if (geometry.type === 'Point') return [geometry.coordinates];
  if (geometry.type === 'MultiPoint' || geometry.type === 'LineString') return geometry.coordinates;
  if (geometry.type === 'MultiLineString' || geometry.type === 'Polygon') return geometry.coordinates.flat();
  return geometry.coordinates.flat(2);
}

/** The box around a geometry; null for an empty one. */
export function boundsOf(geometry: Geometry): Bounds | null {
  const positions = positionsOf(geometry);
  if (positions.length === 0) return null;
  const bounds: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon = 0, lat = 0] of positions) {
    bounds[0] = Math.min(bounds[0], lon);
    bounds[1] = Math.min(bounds[1], lat);
    bounds[2] = Math.max(bounds[2], lon);
    bounds[3] = Math.max(bounds[3], lat);
  }
  return bounds;
}

function isInside(rings: Position[][], x: number, y: number): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [xi = 0, yi = 0] = ring[i] ?? [];
      const [xj = 0, yj = 0] = ring[j] ?? [];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
  }
  return inside;
}

function edgeDistance(rings: Position[][], x: number, y: number): number {
  let best = Infinity;
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i++) {
      const [ax = 0, ay = 0] = ring[i - 1] ?? [];
      const [bx = 0, by = 0] = ring[i] ?? [];
      const length = (bx - ax) ** 2 + (by - ay) ** 2;
      const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
      best = Math.min(best, (x - ax - along * (bx - ax)) ** 2 + (y - ay - along * (by - ay)) ** 2);
    }
  }
  return best;
}

/** The point of a coarse grid that lies deepest inside the polygon with the largest box. */
export function labelPoint(geometry: Geometry): Position | null {
  if (geometry.type === 'Point') return geometry.coordinates;
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.type === 'MultiPolygon' ? geometry.coordinates : [];
  let chosen: { rings: Position[][]; box: Bounds; area: number } | null = null;
  for (const rings of polygons) {
    const box = boundsOf({ type: 'Polygon', coordinates: rings });
    if (!box) continue;
    const area = (box[2] - box[0]) * (box[3] - box[1]);
    if (!chosen || area > chosen.area) chosen = { rings, box, area };
  }
  if (!chosen) return null;
  const { rings, box } = chosen;
  let best: Position | null = null;
  let depth = -1;
  for (let row = 1; row < GRID; row++) {
    for (let column = 1; column < GRID; column++) {
      const x = box[0] + ((box[2] - box[0]) * column) / GRID;
      const y = box[1] + ((box[3] - box[1]) * row) / GRID;
      if (!isInside(rings, x, y)) continue;
      const distance = edgeDistance(rings, x, y);
      if (distance > depth) [best, depth] = [[x, y], distance];
    }
  }
  return best ?? rings[0]?.[0] ?? null;
}
