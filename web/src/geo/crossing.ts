// Whether a boundary crosses itself: what the server would refuse, told while it is drawn. Pure.
import type { Geometry, Position } from 'geojson';
import { closeRing, piecesOf } from './pieces';

/** Above this a check of every pair would be felt while dragging; the server still checks. */
const MAX_VERTICES = 1500;

const turn = (a: Position, b: Position, c: Position): number =>
  ((b[0] ?? 0) - (a[0] ?? 0)) * ((c[1] ?? 0) - (a[1] ?? 0)) - ((b[1] ?? 0) - (a[1] ?? 0)) * ((c[0] ?? 0) - (a[0] ?? 0));

const onSegment = (a: Position, b: Position, p: Position): boolean =>
  Math.min(a[0] ?? 0, b[0] ?? 0) <= (p[0] ?? 0) && (p[0] ?? 0) <= Math.max(a[0] ?? 0, b[0] ?? 0) && Math.min(a[1] ?? 0, b[1] ?? 0) <= (p[1] ?? 0) && (p[1] ?? 0) <= Math.max(a[1] ?? 0, b[1] ?? 0);

/** Whether two segments share a point. */
function meet(a: Position, b: Position, c: Position, d: Position): boolean {
  const [abc, abd, cda, cdb] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (((abc > 0 && abd < 0) || (abc < 0 && abd > 0)) && ((cda > 0 && cdb < 0) || (cda < 0 && cdb > 0))) return true;
  return (abc === 0 && onSegment(a, b, c)) || (abd === 0 && onSegment(a, b, d)) || (cda === 0 && onSegment(c, d, a)) || (cdb === 0 && onSegment(c, d, b));
}

function crosses(ring: Position[]): boolean {
  const closed = closeRing(ring);
  const count = closed.length - 1;
  if (count > MAX_VERTICES) return false;
  for (let first = 0; first < count; first++) {
    for (let second = first + 2; second < count; second++) {
      // The last segment ends where the first begins.
      if (first === 0 && second === count - 1) continue;
      if (meet(closed[first] as Position, closed[first + 1] as Position, closed[second] as Position, closed[second + 1] as Position)) return true;
    }
  }
  return false;
}

/** Whether a ring of the geometry touches or crosses itself. */
export const crossesItself = (geometry: Geometry | null): boolean =>
  (geometry ? piecesOf(geometry) ?? [] : []).some((piece) => piece.kind === 'polygon' && crosses(piece.vertices));
