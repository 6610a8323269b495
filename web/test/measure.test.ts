// Lengths, directions and areas against Karney's geodesics (GeographicLib), an oracle of another kind.
import { createRequire } from 'node:module';
import type { Position } from 'geojson';
import { describe, expect, it } from 'vitest';
import { geodesic, ringArea } from '../src/geo/measure';
import { showBearing } from '../src/model/bearing';
import { dice } from './dice';

interface Line { s12: number; azi1: number }
interface Polygon { AddPoint(lat: number, lon: number): void; Compute(reverse: boolean, sign: boolean): { area: number; perimeter: number } }
interface Wgs84 { Inverse(lat1: number, lon1: number, lat2: number, lon2: number): Line; Polygon(isLine: boolean): Polygon }
const karney = (createRequire(import.meta.url)('geographiclib-geodesic') as { Geodesic: { WGS84: Wgs84 } }).Geodesic.WGS84;

/** A place in the ward, or anywhere in the country. */
const place = (d: ReturnType<typeof dice>, span: number): Position => [103.9 + (span * (d.roll(20001) - 10000)) / 10000, 21.3 + (span * (d.roll(20001) - 10000)) / 10000];
const turn = (a: number, b: number): number => Math.abs(((a - b + 540) % 360) - 180);

describe('geodesics', () => {
  it('are Karney’s within a millimetre and a hundred-thousandth of a degree', () => {
    for (let seed = 1; seed <= 2000; seed++) {
      const d = dice(seed);
      const span = d.one([0.0005, 0.01, 0.2, 4]);
      const [from, to] = [place(d, span), place(d, span)];
      const ours = geodesic(from, to);
      const theirs = karney.Inverse(from[1] ?? 0, from[0] ?? 0, to[1] ?? 0, to[0] ?? 0);
      expect(Math.abs(ours.metres - theirs.s12)).toBeLessThan(1e-3);
      if (theirs.s12 > 1) expect(turn(ours.bearing, theirs.azi1)).toBeLessThan(1e-5);
    }
  });
  it('between the same place have no length', () => expect(geodesic([104, 21], [104, 21]).metres).toBe(0));
});

describe('areas', () => {
  it('are Karney’s within a hundredth of a percent for shapes of a ward', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const d = dice(seed);
      const [lon = 0, lat = 0] = place(d, 0.05);
      const radius = d.one([0.0002, 0.002, 0.02]);
      const count = 3 + d.roll(9);
      const ring = Array.from({ length: count }, (_none, at): Position => {
        const far = radius * (0.4 + d.roll(600) / 1000);
        return [lon + far * Math.cos((2 * Math.PI * at) / count), lat + far * Math.sin((2 * Math.PI * at) / count)];
      });
      const polygon = karney.Polygon(false);
      for (const [x = 0, y = 0] of ring) polygon.AddPoint(y, x);
      const expected = Math.abs(polygon.Compute(false, true).area);
      expect(Math.abs(ringArea(ring) - expected) / expected).toBeLessThan(1e-4);
    }
  });
});

describe('a bearing', () => {
  it('is written in degrees and minutes', () => {
    expect(showBearing(0)).toBe('000°00′');
    expect(showBearing(87.2)).toBe('087°12′');
    expect(showBearing(359.9999)).toBe('000°00′');
    expect(showBearing(270.5)).toBe('270°30′');
  });
});
