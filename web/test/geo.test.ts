// Geometry for drawing: pieces that lose nothing, sizes against known ellipsoid values, snapping by
// reasoning over small shapes.
import type { Geometry, Position } from 'geojson';
import { describe, expect, it } from 'vitest';
import { circleRing, distance, pathLength, ringArea, sizeOf } from '../src/geo/measure';
import { closeRing, geometryOf, isMulti, openRing, piecesOf } from '../src/geo/pieces';
import { snapIndex, toMercator } from '../src/geo/snap';

const square = (x: number, y: number, side: number): Position[] => [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]];

describe('pieces', () => {
  const shapes: Geometry[] = [
    { type: 'Point', coordinates: [103.9, 21.3] },
    { type: 'MultiPoint', coordinates: [[1, 2], [3, 4]] },
    { type: 'LineString', coordinates: [[1, 2], [3, 4], [5, 4]] },
    { type: 'MultiLineString', coordinates: [[[1, 2], [3, 4]], [[5, 6], [7, 8], [9, 9]]] },
    { type: 'Polygon', coordinates: [square(0, 0, 10), square(2, 2, 1), square(5, 5, 2)] },
    { type: 'MultiPolygon', coordinates: [[square(0, 0, 10), square(2, 2, 1)], [square(20, 0, 4)]] },
  ];
  it('come together again as the same geometry, holes and parts included', () => {
    for (const shape of shapes) expect(geometryOf(piecesOf(shape) ?? [], isMulti(shape))).toEqual(shape);
  });
  it('keep a multi-geometry of one part a multi-geometry', () => {
    const one: Geometry = { type: 'MultiPolygon', coordinates: [[square(0, 0, 1)]] };
    expect(geometryOf(piecesOf(one) ?? [], true)).toEqual(one);
  });
  it('make no geometry of too few vertices, and nothing of a collection', () => {
    expect(geometryOf([{ kind: 'line', part: 0, ring: 0, vertices: [[1, 1]] }])).toBeNull();
    expect(geometryOf([{ kind: 'polygon', part: 0, ring: 0, vertices: [[1, 1], [2, 2]] }])).toBeNull();
    expect(geometryOf([])).toBeNull();
    expect(piecesOf({ type: 'GeometryCollection', geometries: [] })).toBeNull();
  });
  it('open and close rings once', () => {
    const ring = square(0, 0, 1);
    expect(openRing(ring)).toHaveLength(4);
    expect(openRing(openRing(ring))).toHaveLength(4);
    expect(closeRing(openRing(ring))).toEqual(ring);
    expect(closeRing(ring)).toEqual(ring);
  });
});

describe('sizes on the ellipsoid', () => {
  it('knows the quarter meridian and a degree of the equator', () => {
    // GRS/WGS 84: 10 001 965.729 m from equator to pole; a degree of the equator is 2πa/360.
    expect(distance([0, 0], [0, 90])).toBeCloseTo(10_001_965.729, 2);
    expect(distance([10, 0], [11, 0])).toBeCloseTo((2 * Math.PI * 6_378_137) / 360, 3);
    expect(distance([5, 5], [5, 5])).toBe(0);
  });
  it('agrees with the grid distance of the VN-2000 vectors (k 0.9999, near the axis)', () => {
    // P0 to P1 of the vectors: E 490238.8064, 490064.0757; N 2360900.0560, 2360877.2423. The projection's
    // scale at E 490 km is k0·(1 + d²/2R²) with d ≈ 9.85 km.
    const grid = Math.hypot(490_238.8064 - 490_064.0757, 2_360_900.056 - 2_360_877.2423);
    const scale = 0.9999 * (1 + 9_850 ** 2 / (2 * 6_371_000 ** 2));
    expect(distance([103.9077795, 21.342757], [103.906095, 21.34255])).toBeCloseTo(grid / scale, 2);
  });
  it('knows the whole zone between two latitudes and a small square', () => {
    // The ellipsoid's surface is 510 065 621.724 km²; half of it lies between equator and pole.
    const ring: Position[] = [[0, 0], [90, 0], [90, 90], [0, 90]];
    expect(ringArea(ring) / 1e6).toBeCloseTo(510_065_621.724 / 8, 0);
    const side = 0.001;
    const small: Position[] = [[103.9, 21.34], [103.9 + side, 21.34], [103.9 + side, 21.34 + side], [103.9, 21.34 + side]];
    const sides = pathLength([small[0] as Position, small[1] as Position]) * pathLength([small[1] as Position, small[2] as Position]);
    expect(ringArea(small) / sides).toBeCloseTo(1, 4);
    expect(ringArea(small.toReversed())).toBeCloseTo(ringArea(small), 6);
  });
  it('takes holes away and gives points no size', () => {
    const outer = square(103.9, 21.34, 0.002);
    const inner = square(103.9005, 21.3405, 0.001);
    const whole = sizeOf({ type: 'Polygon', coordinates: [outer] }).area_m2 ?? 0;
    const hole = sizeOf({ type: 'Polygon', coordinates: [inner] }).area_m2 ?? 0;
    expect(sizeOf({ type: 'Polygon', coordinates: [outer, inner] }).area_m2).toBeCloseTo(whole - hole, 6);
    expect(sizeOf({ type: 'Point', coordinates: [1, 2] })).toEqual({ length_m: null, area_m2: null });
    expect(sizeOf(null)).toEqual({ length_m: null, area_m2: null });
  });
  it('draws a circle whose every vertex is at its radius', () => {
    const center: Position = [103.9, 21.34];
    const ring = circleRing(center, 250);
    expect(ring).toHaveLength(64);
    for (const vertex of ring) expect(distance(center, vertex)).toBeCloseTo(250, 1);
    expect(ringArea(ring) / (32 * Math.sin((2 * Math.PI) / 64) * 250 ** 2)).toBeCloseTo(1, 4);
  });
});

describe('snapping', () => {
  const px = (zoom: number, pixels: number): number => (pixels * 360) / (512 * 2 ** zoom);
  const line: Geometry = { type: 'LineString', coordinates: [[103.9, 21.34], [103.91, 21.34]] };
  const options = { zoom: 17, vertexPx: 12, edgePx: 8 };
  it('prefers a vertex within reach, exactly as it is stored', () => {
    expect(snapIndex([line]).near([103.9 + px(17, 10), 21.34], options)).toEqual([103.9, 21.34]);
  });
  it('takes the foot on an edge where no vertex is near', () => {
    const near = snapIndex([line]).near([103.905, 21.34 + px(17, 5) * Math.cos((21.34 * Math.PI) / 180)], options);
    expect(near?.[0]).toBeCloseTo(103.905, 9);
    expect(near?.[1]).toBeCloseTo(21.34, 9);
  });
  it('finds nothing out of reach, and the closing edge of a ring', () => {
    expect(snapIndex([line]).near([103.905, 21.34 + px(17, 20)], options)).toBeNull();
    const ring: Geometry = { type: 'Polygon', coordinates: [square(103.9, 21.34, 0.01)] };
    expect(snapIndex([ring]).near([103.9 + px(17, 4), 21.345], options)?.[0]).toBeCloseTo(103.9, 9);
  });
  it('agrees with a search over every vertex', () => {
    let seed = 7;
    const random = (): number => { seed = (seed * 48_271) % 2_147_483_647; return seed / 2_147_483_647; };
    const points: Position[] = Array.from({ length: 400 }, () => [103.9 + random() * 0.02, 21.33 + random() * 0.02]);
    const index = snapIndex([{ type: 'MultiPoint', coordinates: points }]);
    for (let turn = 0; turn < 200; turn++) {
      const at: Position = [103.9 + random() * 0.02, 21.33 + random() * 0.02];
      const [x, y] = toMercator(at);
      const ranked = points.map((point) => { const [a, b] = toMercator(point); return { point, pixels: Math.hypot(a - x, b - y) * 512 * 2 ** 15 }; }).toSorted((a, b) => a.pixels - b.pixels);
      const [best] = ranked;
      expect(index.near(at, { zoom: 15, vertexPx: 12, edgePx: 8 })).toEqual(best && best.pixels <= 12 ? best.point : null);
    }
  });
});
