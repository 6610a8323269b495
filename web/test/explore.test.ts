// What exploring rests on: windows and steps, conditions as text, areas, the clock, and that the
// parameters of a window select exactly the cases a brute-force reading of its words selects.
import { describe, expect, it } from 'vitest';
import { canonicalWkt, circleAround, cornersText, fromWkt, readCorners, toWkt } from '../src/model/area';
import { hourField, weekdayField } from '../src/model/clock';
import { readCondition, writeCondition } from '../src/model/condition';
import { addDays } from '../src/model/days';
import { advance, isPeriod, keepBefore, periodOf, quarterOf, quartersBefore, shiftEnd, windowOf } from '../src/model/period';
import { isNarrowed, layerParams } from '../src/model/query';
import { dice } from './dice';
import { areas, cases } from './sample';

describe('periods', () => {
  it('reads presets, days and ranges, nothing else', () => {
    for (const text of ['P30D', 'all', '2023-01-01', '2023-01-01/2023-01-01', '../2023-01-01']) expect(isPeriod(text)).toBe(true);
    for (const text of ['', 'P1D', '2023-02-30', '2023-01-02/2023-01-01', '2023-01-01/..', '/', '2023-01-01/2023-01-02/x']) expect(isPeriod(text)).toBe(false);
  });
  it('never looks past the as-of day', () => {
    expect(windowOf('2023-01-01/2023-03-31', '2023-02-10')).toEqual({ from: '2023-01-01', to: '2023-02-10' });
    expect(windowOf('2023-01-01/2023-03-31', '2024-02-10')).toEqual({ from: '2023-01-01', to: '2023-03-31' });
    expect(windowOf('P3M', '2023-05-31')).toEqual({ from: '2023-03-01', to: '2023-05-31' });
    expect(windowOf('../2023-03-31', '2024-01-01')).toEqual({ from: null, to: '2023-03-31' });
  });
  it('writes a window so that it reads back', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const d = dice(seed);
      const asOf = addDays('2020-01-01', d.roll(2000));
      const to = addDays(asOf, -d.roll(400));
      const window = { from: d.flip() ? addDays(to, -d.roll(400)) : null, to };
      expect(windowOf(periodOf(window, asOf), asOf)).toEqual(window);
    }
  });
  it('knows quarters', () => {
    expect(quarterOf('2024-02-29')).toEqual({ year: 2024, quarter: 1, from: '2024-01-01', to: '2024-03-31' });
    expect(quartersBefore('2024-02-29', 3).map((one) => one.from)).toEqual(['2024-01-01', '2023-10-01', '2023-07-01']);
  });
  it('moves the end of a month to the end of a month', () => {
    expect(shiftEnd('2023-02-28', 'month', 1)).toBe('2023-03-31');
    expect(shiftEnd('2023-03-31', 'quarter', 1)).toBe('2023-06-30');
    expect(shiftEnd('2023-03-31', 'month', -1)).toBe('2023-02-28');
  });
  it('moves the as-of day, or a window of its own, and cumulative only its end', () => {
    const asOf = '2023-06-30';
    expect(advance({ asOf, period: 'P3M' }, 'month', 1, false)).toEqual({ asOf: '2023-07-31', period: 'P3M' });
    expect(advance({ asOf, period: '2023-04-01' }, 'quarter', -1, false)).toEqual({ asOf: '2023-03-31', period: '2023-01-01' });
    expect(advance({ asOf, period: 'P3M' }, 'month', 1, true)).toEqual({ asOf: '2023-07-31', period: '2023-03-31' });
    expect(advance({ asOf, period: '2023-01-01/2023-03-31' }, 'quarter', 1, false)).toEqual({ asOf, period: '2023-04-01/2023-06-30' });
    expect(advance({ asOf, period: '2023-04-01/2023-06-30' }, 'quarter', 1, false)).toEqual({ asOf: '2023-09-30', period: '2023-07-01/2023-09-30' });
    expect(advance({ asOf, period: '2023-01-01/2023-03-31' }, 'month', 1, true)).toEqual({ asOf, period: '2023-01-01/2023-04-30' });
    expect(advance({ asOf, period: '2023-03-01/2023-03-31' }, 'month', -1, true).period).toBe('2023-03-01/2023-03-31');
  });
  it('takes a window back with the as-of day', () => {
    expect(keepBefore('2023-01-01/2023-03-31', '2022-12-31')).toBe('2022-10-03/2022-12-31');
    expect(keepBefore('2023-01-01/2023-03-31', '2023-02-01')).toBe('2023-01-01/2023-03-31');
    expect(keepBefore('2023-01-01', '2022-12-31')).toBe('all');
    expect(keepBefore('P3M', '2022-12-31')).toBe('P3M');
  });
});

interface Case { from: string; to: string | null }
const LAST = '9999-12-31';

/** What the server does with the time parameters of a case layer, in so many words. */
function selects(params: URLSearchParams, one: Case): boolean {
  const [low, high] = (params.get('datetime') ?? '').split('/');
  // On one day every case known by then is told; over a span those open in it.
  const known = high === undefined ? one.from <= (low ?? '') : one.from <= high && (low === '..' || (one.to ?? LAST) >= (low ?? ''));
  const [from = '..', to = '..'] = (params.get('found_on') ?? '../..').split('/');
  return known && (from === '..' || one.from >= from) && (to === '..' || one.from <= to);
}

describe('a window', () => {
  it('selects cases open in it, or begun in it, whatever the as-of day', () => {
    for (let seed = 1; seed <= 4000; seed++) {
      const d = dice(seed);
      const asOf = addDays('2023-01-01', d.roll(60));
      const to = addDays(asOf, -d.roll(30));
      const window = { from: d.roll(4) ? addDays(to, -d.roll(30)) : null, to };
      const mode = d.one(['open', 'began'] as const);
      const from = addDays('2023-01-01', d.roll(80) - 20);
      const one = { from, to: d.flip() ? addDays(from, d.roll(60)) : null };
      const params = layerParams(cases, { asOf, period: periodOf(window, asOf), filters: {}, mode });
      const isBegun = one.from <= to && (window.from === null || one.from >= window.from);
      const isOpen = one.from <= to && (window.from === null || (one.to ?? LAST) >= window.from);
      expect(selects(params, one), `seed ${seed}: ${params} ${JSON.stringify(one)}`).toBe(mode === 'began' ? isBegun : isOpen);
      expect(params.get('datetime')?.split('/').at(-1), 'states are told on the as-of day').toBe(asOf);
    }
  });
  it('meets a condition on the start field', () => {
    const view = { asOf: '2023-06-30', period: '2023-01-01/2023-03-31', filters: { cases: { found_on: ['2023-02-01/..'] } }, mode: 'began' as const };
    expect(layerParams(cases, view).get('found_on')).toBe('2023-02-01/2023-03-31');
    expect(layerParams(cases, { ...view, filters: { cases: { found_on: ['2024-02-01/..'] } } }).get('found_on')).toBe('9999-12-31/9999-12-31');
    expect(layerParams(cases, { ...view, filters: { cases: { found_on: ['any:'] } } }).get('found_on')).toBe('2023-01-01/2023-03-31');
  });
});

describe('conditions', () => {
  it('come back as they were written', () => {
    for (const text of ['a,b', '100..500', '-1.5..', '..500', '2025-01-01/2025-03-31', '../2025-03-31', '~chợ, phố', 'null:', 'any:']) {
      const condition = readCondition([text]);
      expect(condition && writeCondition(condition).join(',')).toBe(text);
    }
  });
  it('are not read from nonsense', () => {
    for (const text of ['', '..', '5..1', '../..', '2025-13-01/..', '2025-02-01/2025-01-01', '~ ', '<b>', '1..2..3']) expect(readCondition([text])).toBeNull();
  });
});

describe('the clock', () => {
  it('finds the hour of the start, or of its sibling', () => {
    const at = { ...cases, fields: [...cases.fields, { name: 'found_at', type: 'datetime' as const, title: { vi: '', en: '' } }] };
    expect(hourField(cases)).toBeNull();
    expect(hourField(at)).toBe('found_at');
    expect(weekdayField(at)).toBe('found_on');
    expect(hourField(areas)).toBeNull();
    const params = layerParams(at, { asOf: '2023-05-01', period: 'all', filters: {}, hours: [17, 18], days: [6, 7] });
    expect(params.get('found_at.hour')).toBe('17,18');
    expect(params.get('found_on.weekday')).toBe('6,7');
    expect(layerParams(at, { asOf: '2023-05-01', period: 'all', filters: {}, hours: [17] }, { without: 'hours' }).has('found_at.hour')).toBe(false);
  });
});

describe('areas', () => {
  const square = 'POLYGON((104 21,104.01 21,104.01 21.01,104 21.01,104 21))';
  it('are written one way', () => {
    expect(canonicalWkt('polygon (( 104.0000001 21.0, 104.01 21, 104.01 21.01, 104 21.01 ))')).toBe(square);
    expect(canonicalWkt(square)).toBe(square);
    expect(canonicalWkt(`MULTIPOLYGON(${square.slice(7)},((105 21,105.5 21,105.5 21.5,105 21)))`)).toBe(`MULTIPOLYGON(${square.slice(7)},((105 21,105.5 21,105.5 21.5,105 21)))`);
  });
  it('keep their holes', () => {
    const holed = 'POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,2 1,2 2,1 1))';
    expect(canonicalWkt(holed)).toBe(holed);
    expect(fromWkt(holed)?.coordinates).toHaveLength(2);
  });
  it('are nothing but areas', () => {
    for (const text of ['', 'POINT(1 2)', 'POLYGON((1 2,3 4))', 'POLYGON((1 2,1 2,1 2,1 2))', 'POLYGON((181 2,3 4,5 6))', 'POLYGON((1 2,3 4,5 x))', 'POLYGON((1 2,3 4,5 6)); drop', 'MULTIPOLYGON()', 'POLYGON(((1 2,3 4,5 6)))']) expect(canonicalWkt(text), text).toBeNull();
    expect(toWkt({ type: 'Point', coordinates: [1, 2] })).toBeNull();
  });
  it('take typed corners, and give them back', () => {
    expect(toWkt(readCorners('104, 21\n104.01 21\n 104.01,21.01\n104,21.01'))).toBe(square);
    expect(cornersText(square)).toBe('104, 21\n104.01, 21\n104.01, 21.01\n104, 21.01');
    expect(readCorners('104, 21\nxyz\n104.01,21.01')).toBeNull();
    expect(readCorners('104, 21\n104.01, 21')).toBeNull();
  });
  it('draw a circle whose corners are as far as asked', () => {
    // Distance on the ellipsoid near 21.4° N: 1° of longitude is 103 721 m, of latitude 110 721 m (standard series).
    const phi = (21.4 * Math.PI) / 180;
    const perLat = 111132.954 - 559.822 * Math.cos(2 * phi) + 1.175 * Math.cos(4 * phi);
    const perLon = 111412.84 * Math.cos(phi) - 93.5 * Math.cos(3 * phi) + 0.118 * Math.cos(5 * phi);
    for (const [lon = 0, lat = 0] of circleAround(104, 21.4, 200).coordinates[0] ?? []) {
      expect(Math.hypot((lon - 104) * perLon, (lat - 21.4) * perLat)).toBeCloseTo(200, 1);
    }
  });
  it('narrow only what has a place', () => {
    const view = { asOf: '2023-05-01', period: 'all', filters: {}, area: { wkt: square, name: '' } };
    expect(layerParams(cases, view).get('intersects')).toBe(square);
    expect(isNarrowed(cases, view)).toBe(true);
    expect(layerParams({ ...cases, geometry: 'none' }, view).has('intersects')).toBe(false);
    expect(isNarrowed({ ...cases, geometry: 'none' }, view)).toBe(false);
    expect(layerParams({ ...cases, purpose: 'base' }, view).size).toBe(0);
  });
});
