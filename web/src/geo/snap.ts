// Finds the vertex or edge nearest to the pointer, in screen pixels. Positions are kept in Web Mercator
// (the map's own plane, never used to measure metres), so that a search is arithmetic over a flat array.
import type { Geometry, Position } from 'geojson';
import { closeRing, piecesOf } from './pieces';

const TILE = 512;

/** Mercator as a fraction of the world's width, from the north-west corner. */
export function toMercator([lon = 0, lat = 0]: Position): [number, number] {
  return [lon / 360 + 0.5, 0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI)];
}

function toLonLat(x: number, y: number): Position {
  return [(x - 0.5) * 360, (360 / Math.PI) * Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) - 90];
}

export interface SnapOptions { zoom: number; vertexPx: number; edgePx: number }

export interface SnapIndex {
  /** The vertex within reach, else the nearest place on an edge within reach, else nothing. */
  near(position: Position, options: SnapOptions): Position | null;
  size: number;
}

/** An index over the vertices and edges of geometries. */
export function snapIndex(geometries: Geometry[]): SnapIndex {
  const exact: Position[] = [];
  const flat: number[] = [];
  const edges: number[] = [];
  for (const geometry of geometries) {
    for (const piece of piecesOf(geometry) ?? []) {
      const first = exact.length;
      for (const vertex of piece.vertices) {
        exact.push(vertex);
        flat.push(...toMercator(vertex));
      }
      const count = piece.vertices.length;
      const last = piece.kind === 'polygon' && closeRing(piece.vertices).length > count ? count : count - 1;
      for (let at = 0; at < last; at++) edges.push(first + at, first + ((at + 1) % count));
    }
  }
  const points = Float64Array.from(flat);
  const pairs = Uint32Array.from(edges);

  const near = (position: Position, { zoom, vertexPx, edgePx }: SnapOptions): Position | null => {
    const scale = TILE * 2 ** zoom;
    const [x, y] = toMercator(position);
    let best = (vertexPx / scale) ** 2;
    let vertex = -1;
    for (let at = 0; at < exact.length; at++) {
      const square = ((points[2 * at] as number) - x) ** 2 + ((points[2 * at + 1] as number) - y) ** 2;
      if (square <= best) [best, vertex] = [square, at];
    }
    if (vertex >= 0) return exact[vertex] ?? null;
    let reach = (edgePx / scale) ** 2;
    let found: Position | null = null;
    for (let at = 0; at < pairs.length; at += 2) {
      const a = 2 * (pairs[at] as number);
      const b = 2 * (pairs[at + 1] as number);
      const [ax, ay, bx, by] = [points[a] as number, points[a + 1] as number, points[b] as number, points[b + 1] as number];
      const length = (bx - ax) ** 2 + (by - ay) ** 2;
      const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
      const [px, py] = [ax + along * (bx - ax), ay + along * (by - ay)];
      const square = (px - x) ** 2 + (py - y) ** 2;
      if (square <= reach) [reach, found] = [square, [px, py]];
    }
    return found ? toLonLat(found[0] as number, found[1] as number) : null;
  };
  return { near, size: exact.length };
}
