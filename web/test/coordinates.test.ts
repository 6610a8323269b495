// Typed coordinates: the projection against PROJ's vectors (domain.md §8), and what people paste.
import { beforeAll, describe, expect, it } from 'vitest';
import { loadVn2000, type Vn2000 } from '../src/geo/vn2000';
import { kilometresOff, orderOf, parseMetric, parsePaste, readRow, rowOf } from '../src/model/coordinates';

/** lon, lat, E, N of EPSG:9206 (PROJ 9.5.1). */
const VECTORS = [
  [103.9077795, 21.342757, 490_238.8064, 2_360_900.056],
  [103.906095, 21.34255, 490_064.0757, 2_360_877.2423],
  [103.8962, 21.3315, 489_036.9546, 2_359_654.542],
  [103.9167, 21.3587, 491_164.9781, 2_362_664.5907],
  [104, 21.33, 499_803.9458, 2_359_484.9305],
  [103.21, 20.57, 417_441.0643, 2_275_548.8265],
  [105.03, 22.04, 606_127.0395, 2_438_450.8281],
  [103.921035, 21.327282, 491_612.8128, 2_359_186.0738],
] as const;

/** E, N, lon, lat the other way. */
const INVERSE = [
  [490_000, 2_360_000, 103.905482313, 21.334625861],
  [490_500, 2_361_000, 103.910297208, 21.343661113],
  [489_000, 2_359_000, 103.895847918, 21.325587546],
  [500_000, 2_360_000, 104.001890127, 21.334652417],
] as const;

const CENTIMETRE = 0.01;
const DEGREE_OF_CM = 1e-7;

let projection: Vn2000;
beforeAll(async () => { projection = await loadVn2000(); });

describe('VN-2000 / TM-3 104-00', () => {
  it('agrees with PROJ within a centimetre, both ways', () => {
    for (const [lon, lat, east, north] of VECTORS) {
      const [e, n] = projection.fromLonLat([lon, lat]);
      expect(Math.hypot(e - east, n - north)).toBeLessThan(CENTIMETRE);
    }
    for (const [east, north, lon, lat] of INVERSE) {
      const [x, y] = projection.toLonLat(east, north);
      expect(Math.hypot(x - lon, y - lat)).toBeLessThan(DEGREE_OF_CM);
    }
  });
  it('writes and reads a row back to the same seven decimals', () => {
    for (const [lon, lat] of VECTORS) {
      const row = rowOf([lon, lat], 'vn2000', projection);
      expect(readRow(row, 'vn2000', projection).position).toEqual([lon, lat]);
    }
  });
});

describe('numbers', () => {
  it('reads comma, point and thousands', () => {
    expect(['490238,8064', '490238.8064', '490.238,8064', '2,360,900.056', '2.360.900', ' 103,9 ', '-1'].map(parseMetric)).toEqual([490_238.8064, 490_238.8064, 490_238.8064, 2_360_900.056, 2_360_900, 103.9, -1]);
    expect(['', 'abc', '1.2.3', '12e3', '.'].map(parseMetric)).toEqual([null, null, null, null, null]);
  });
});

describe('order of the axes', () => {
  it('is told by the ranges', () => {
    expect(orderOf('vn2000', 490_238, 2_360_900)).toBe('right');
    expect(orderOf('vn2000', 2_360_900, 490_238)).toBe('swapped');
    expect(orderOf('vn2000', 103.9, 21.3)).toBe('wrong');
    expect(orderOf('wgs84', 103.9, 21.3)).toBe('right');
    expect(orderOf('wgs84', 21.3, 103.9)).toBe('swapped');
    expect(orderOf('wgs84', 490_238, 2_360_900)).toBe('wrong');
    expect(orderOf('wgs84', 12, 47)).toBe('right');
  });
  it('gives the same place whichever way X and Y are typed, and says so', () => {
    const right = readRow({ x: '490238,8064', y: '2360900,056' }, 'vn2000', projection);
    const swapped = readRow({ x: '2360900,056', y: '490238,8064' }, 'vn2000', projection);
    expect(right).toEqual({ position: [103.9077795, 21.342757], fault: null, isSwapped: false });
    expect(swapped).toEqual({ ...right, isSwapped: true });
  });
  it('names what is wrong with a row', () => {
    expect(readRow({ x: '', y: ' ' }, 'wgs84', null).fault).toBe('empty');
    expect(readRow({ x: '103.9', y: '' }, 'wgs84', null).fault).toBe('number');
    expect(readRow({ x: '490238', y: '2360900' }, 'wgs84', null).fault).toBe('range');
  });
});

describe('pasting', () => {
  it('takes rows of Excel with a number and a side around the pair', () => {
    const text = '1\t2360900,056\t490238,8064\t12,5\r\n2\t2360877,242\t490064,076\t8,1\n';
    expect(parsePaste(text, 'vn2000')).toEqual({ rows: [{ x: '2360900,056', y: '490238,8064' }, { x: '2360877,242', y: '490064,076' }], missed: 0 });
  });
  it('takes lon, lat in the usual ways of writing', () => {
    const rows = [{ x: '103.9', y: '21.3' }];
    expect(parsePaste('103.9, 21.3', 'wgs84').rows).toEqual(rows);
    expect(parsePaste('103.9,21.3', 'wgs84').rows).toEqual(rows);
    expect(parsePaste('103.9;21.3', 'wgs84').rows).toEqual(rows);
    expect(parsePaste('7 103.9 21.3', 'wgs84').rows).toEqual(rows);
    expect(parsePaste('103,9, 21,3', 'wgs84').rows).toEqual([{ x: '103,9', y: '21,3' }]);
    expect(parsePaste('103,9,21,3', 'wgs84').rows).toEqual([{ x: '103,9', y: '21,3' }]);
  });
  it('counts lines that hold no place', () => {
    expect(parsePaste('E N\n490238 2360900\n\n', 'vn2000')).toEqual({ rows: [{ x: '490238', y: '2360900' }], missed: 1 });
  });
});

describe('far away', () => {
  it('is nothing inside the site and told in kilometres outside', () => {
    const bounds: [number, number, number, number] = [103.89, 21.33, 103.92, 21.36];
    expect(kilometresOff([103.9, 21.34], bounds)).toBe(0);
    // The wrong meridian (105) moves a place by about 103.7 km.
    expect(kilometresOff([104.9, 21.34], bounds)).toBeGreaterThan(95);
  });
});
