// Length and area on the WGS 84 ellipsoid, for what is being drawn. Lengths follow geodesics
// (Vincenty); areas are taken on the authalic sphere, where the ellipsoid's areas are kept exactly, so
// that nothing is ever measured in Web Mercator. Pure.
import type { Geometry, Position } from 'geojson';
import { piecesOf } from './pieces';

const A = 6_378_137;
const F = 1 / 298.257223563;
const B = A * (1 - F);
const E2 = F * (2 - F);
const E = Math.sqrt(E2);
const RAD = Math.PI / 180;
const MAX_TURNS = 100;

/** A geodesic: its length, and its direction at the start in degrees from north, clockwise. */
export interface Geodesic { metres: number; bearing: number }

/** The geodesic between two places on the ellipsoid. */
export function geodesic(from: Position, to: Position): Geodesic {
  const [lon1 = 0, lat1 = 0] = from;
  const [lon2 = 0, lat2 = 0] = to;
  const difference = (lon2 - lon1) * RAD;
  const u1 = Math.atan((1 - F) * Math.tan(lat1 * RAD));
  const u2 = Math.atan((1 - F) * Math.tan(lat2 * RAD));
  const [sin1, cos1, sin2, cos2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = difference;
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const sinSigma = Math.hypot(cos2 * Math.sin(lambda), cos1 * sin2 - sin1 * cos2 * Math.cos(lambda));
    if (sinSigma === 0) return { metres: 0, bearing: 0 };
    const cosSigma = sin1 * sin2 + cos1 * cos2 * Math.cos(lambda);
    const sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (cos1 * cos2 * Math.sin(lambda)) / sinSigma;
    const cosAlpha2 = 1 - sinAlpha ** 2;
    const cosMid = cosAlpha2 === 0 ? 0 : cosSigma - (2 * sin1 * sin2) / cosAlpha2;
    const c = (F / 16) * cosAlpha2 * (4 + F * (4 - 3 * cosAlpha2));
    const next = difference + (1 - c) * F * sinAlpha * (sigma + c * sinSigma * (cosMid + c * cosSigma * (2 * cosMid ** 2 - 1)));
    const isClose = Math.abs(next - lambda) < 1e-12;
    lambda = next;
    if (!isClose) continue;
    const square = (cosAlpha2 * (A ** 2 - B ** 2)) / B ** 2;
    const big = 1 + (square / 16384) * (4096 + square * (-768 + square * (320 - 175 * square)));
    const small = (square / 1024) * (256 + square * (-128 + square * (74 - 47 * square)));
    const shift = small * sinSigma * (cosMid + (small / 4) * (cosSigma * (2 * cosMid ** 2 - 1) - (small / 6) * cosMid * (4 * sinSigma ** 2 - 3) * (4 * cosMid ** 2 - 3)));
    const start = Math.atan2(cos2 * Math.sin(lambda), cos1 * sin2 - sin1 * cos2 * Math.cos(lambda));
    return { metres: B * big * (sigma - shift), bearing: (start / RAD + 360) % 360 };
  }
  return { metres: NaN, bearing: NaN };
}

/** Metres between two places along the ellipsoid. */
export const distance = (from: Position, to: Position): number => geodesic(from, to).metres;

/** Metres along a list of vertices. */
export function pathLength(vertices: Position[]): number {
  let sum = 0;
  for (let at = 1; at < vertices.length; at++) sum += distance(vertices[at - 1] as Position, vertices[at] as Position);
  return sum;
}

/** Snyder's q: proportional to the area between the equator and a latitude. */
function q(lat: number): number {
  const sin = Math.sin(lat * RAD);
  return (1 - E2) * (sin / (1 - E2 * sin ** 2) - Math.log((1 - E * sin) / (1 + E * sin)) / (2 * E));
}

/** Square metres inside an open ring, whatever its direction. */
export function ringArea(ring: Position[]): number {
  let twice = 0;
  const [lon0 = 0] = ring[0] ?? [];
  for (let at = 0; at < ring.length; at++) {
    const [x1 = 0, y1 = 0] = ring[at] ?? [];
    const [x2 = 0, y2 = 0] = ring[(at + 1) % ring.length] ?? [];
    twice += (x1 - lon0) * RAD * q(y2) - (x2 - lon0) * RAD * q(y1);
  }
  return Math.abs((twice * A ** 2) / 4);
}

export interface Size { length_m: number | null; area_m2: number | null }

/** Length of lines, length around and area of polygons; nulls for points. */
export function sizeOf(geometry: Geometry | null): Size {
  const pieces = geometry ? piecesOf(geometry) : null;
  const kind = pieces?.[0]?.kind;
  if (!pieces || kind === undefined || kind === 'point') return { length_m: null, area_m2: null };
  let length = 0;
  let area = 0;
  for (const piece of pieces) {
    const closed = kind === 'polygon' ? [...piece.vertices, piece.vertices[0] as Position] : piece.vertices;
    length += pathLength(closed);
    if (kind === 'polygon') area += (piece.ring === 0 ? 1 : -1) * ringArea(piece.vertices);
  }
  return { length_m: length, area_m2: kind === 'polygon' ? area : null };
}

/** The open ring of a circle of `radius` metres, its vertices at equal bearings. */
export function circleRing(center: Position, radius: number, steps = 64): Position[] {
  const [lon = 0, lat = 0] = center;
  const sin2 = Math.sin(lat * RAD) ** 2;
  const meridian = (A * (1 - E2)) / (1 - E2 * sin2) ** 1.5;
  const parallel = (A / Math.sqrt(1 - E2 * sin2)) * Math.cos(lat * RAD);
  return Array.from({ length: steps }, (_none, step) => {
    const angle = (2 * Math.PI * step) / steps;
    return [lon + (radius * Math.sin(angle)) / parallel / RAD, lat + (radius * Math.cos(angle)) / meridian / RAD];
  });
}
