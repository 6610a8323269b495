// The area looked in: a polygon drawn, typed, or taken from a feature, as WKT (longitude latitude, six
// decimals, about 10 cm). Reading is strict, so that a link cannot carry anything but a polygon.
import type { Geometry, MultiPolygon, Polygon, Position } from 'geojson';
import { circleRing } from '../geo/measure';
import { closeRing } from '../geo/pieces';

/** The most corners the server takes. */
export const MAX_VERTICES = 2000;
const CIRCLE_SIDES = 72;
const NUMBER = String.raw`-?\d{1,3}(?:\.\d{1,15})?`;
const POINT = new RegExp(`^\\s*(${NUMBER})\\s+(${NUMBER})\\s*$`);

const write = (value: number): string => String(Number(value.toFixed(6)) + 0);
const isSame = (a: Position | undefined, b: Position | undefined): boolean => a?.[0] === b?.[0] && a?.[1] === b?.[1];

/** A ring of six-decimal corners without repeats, closed; null when fewer than three corners remain. */
function tidy(ring: Position[]): Position[] | null {
  const corners = ring.map(([lon = 0, lat = 0]) => [Number(lon.toFixed(6)) + 0, Number(lat.toFixed(6)) + 0]);
  const kept = corners.filter((corner, index) => index === 0 || !isSame(corner, corners[index - 1]));
  while (kept.length > 1 && isSame(kept[0], kept.at(-1))) kept.pop();
  const [first] = kept;
  return first && kept.length >= 3 ? [...kept, first] : null;
}

const ringText = (ring: Position[]): string => `(${ring.map(([lon = 0, lat = 0]) => `${write(lon)} ${write(lat)}`).join(',')})`;

/** The WKT of a polygon or multipolygon; null when nothing of it is an area. */
export function toWkt(geometry: Geometry | null): string | null {
  if (geometry?.type !== 'Polygon' && geometry?.type !== 'MultiPolygon') return null;
  const polygons = (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates).flatMap((rings) => {
    const [outer, ...holes] = rings.map(tidy);
    return outer ? [[outer, ...holes.filter((hole) => hole !== null)]] : [];
  });
  const texts = polygons.map((rings) => `(${rings.map(ringText).join(',')})`);
  const vertices = polygons.flat().reduce((sum, ring) => sum + ring.length, 0);
  if (texts.length === 0 || vertices > MAX_VERTICES) return null;
  return texts.length === 1 ? `POLYGON${texts[0]}` : `MULTIPOLYGON(${texts.join(',')})`;
}

function readRing(text: string): Position[] | null {
  const points = text.split(',').map((point) => POINT.exec(point));
  const ring: Position[] = [];
  for (const point of points) {
    const [lon, lat] = [Number(point?.[1]), Number(point?.[2])];
    if (!point || Math.abs(lon) > 180 || Math.abs(lat) > 90) return null;
    ring.push([lon, lat]);
  }
  return tidy(ring);
}

/** The rings of `((…),(…))`. */
function readRings(text: string): Position[][] | null {
  const inner = /^\s*\(\s*(\(.*\))\s*\)\s*$/.exec(text)?.[1];
  if (!inner || /[^-\d.,()\s]/.test(inner)) return null;
  const parts = inner.slice(1, -1).split(/\)\s*,\s*\(/);
  const rings = parts.map((part) => (/[()]/.test(part) ? null : readRing(part)));
  return rings.every((ring) => ring !== null) ? rings : null;
}

/** Reads WKT of a polygon or multipolygon. */
export function fromWkt(text: string): Polygon | MultiPolygon | null {
  if (text.length > 64_000) return null;
  const [, kind, body = ''] = /^\s*(POLYGON|MULTIPOLYGON)\s*(\(.*\))\s*$/i.exec(text) ?? [];
  if (kind?.toUpperCase() === 'POLYGON') {
    const rings = readRings(body);
    return rings ? { type: 'Polygon', coordinates: rings } : null;
  }
  if (kind?.toUpperCase() !== 'MULTIPOLYGON') return null;
  const parts = body.slice(1, -1).split(/(?<=\)\s*\))\s*,\s*(?=\(\s*\()/);
  const polygons = parts.map(readRings);
  return polygons.every((rings) => rings !== null) ? { type: 'MultiPolygon', coordinates: polygons } : null;
}

/** The same area as this page writes it, or null when the text is none. */
export function canonicalWkt(text: string): string | null {
  return toWkt(fromWkt(text));
}

/** A circle of some metres as a polygon; its corners lie on the circle, on the ellipsoid. */
export function circleAround(lon: number, lat: number, metres: number): Polygon {
  return { type: 'Polygon', coordinates: [closeRing(circleRing([lon, lat], metres, CIRCLE_SIDES))] };
}

/** Corners as people type them: one per line, longitude then latitude; WKT is taken too. */
export function readCorners(text: string): Polygon | MultiPolygon | null {
  const wkt = fromWkt(text);
  if (wkt) return wkt;
  const lines = text.split(/[\n;]/).filter((line) => line.trim() !== '');
  const corners = lines.map((line) => /^\s*(-?\d+(?:\.\d+)?)\s*[,\s]\s*(-?\d+(?:\.\d+)?)\s*$/.exec(line));
  if (corners.some((corner) => corner === null)) return null;
  const ring = readRing(corners.map((corner) => `${corner?.[1]} ${corner?.[2]}`).join(','));
  return ring ? { type: 'Polygon', coordinates: [ring] } : null;
}

/** The corners of an area, for editing as text: the outer ring of a simple one, else WKT. */
export function cornersText(wkt: string): string {
  const geometry = fromWkt(wkt);
  if (geometry?.type !== 'Polygon' || geometry.coordinates.length !== 1) return wkt;
  return (geometry.coordinates[0] ?? []).slice(0, -1).map(([lon = 0, lat = 0]) => `${write(lon)}, ${write(lat)}`).join('\n');
}
