// Link → state → link: what is in the address bar is the whole state, for any state.
import { describe, expect, it } from 'vitest';
import { circleAround, toWkt } from '../src/model/area';
import { addDays } from '../src/model/days';
import { STEPS } from '../src/model/period';
import type { Filters } from '../src/model/query';
import { PLAIN_COMPARED, PLAIN_LIST, fromQuery, toQuery, type UrlState } from '../src/state/url';
import { dice, type Dice } from './dice';

/** A thousand states, also on a machine that does other things. */
const PATIENT_MS = 60_000;

const EMPTY: UrlState = {
  camera: null, asOf: null, period: 'P12M', mode: 'open', step: 'month', isCumulative: false, axis: null, layers: null, order: null, opacity: {}, hasBase: true,
  filters: {}, hours: [], days: [], area: null, selection: null, lang: null, theme: 'auto', list: null, listView: PLAIN_LIST, room: null, compared: PLAIN_COMPARED,
};

const NAMES = ['zones', 'violations', 'my_layer', 'a1', 'x'];
const WORDS = ['chợ Mẫu', 'a & b', 'đường 7/5', '100 %', 'x:y,z=#?', '~', '+', 'Ngõ 12 “cũ”', "ông B'"];
const names = (d: Dice): string[] => [...new Set([d.one(NAMES), ...d.some(NAMES)])];
const day = (d: Dice): string => addDays('2010-01-01', d.roll(9000));
const range = (d: Dice): [string, string] => {
  const from = day(d);
  return [from, addDays(from, 1 + d.roll(900))];
};

function anyPieces(d: Dice): string[] {
  const [from, to] = range(d);
  const low = d.roll(2000) - 1000;
  return d.one([
    ['key', 'low_complexity', 'I', 'a-b.c'].slice(0, 1 + d.roll(4)),
    [`${from}/${to}`], [`${from}/..`], [`../${to}`],
    [`${low}..${low + d.roll(500)}`], [`${low / 10}..`], [`..${low}`],
    [`~${d.one(WORDS)}`], ['null:'], ['any:'],
  ]);
}

function anyFilters(d: Dice): Filters {
  const fields = ['state', 'category', 'fine', 'found_on', 'found_at.hour', 'found_on.weekday'];
  return Object.fromEntries(names(d).map((layer) => [layer, Object.fromEntries([d.one(fields), ...d.some(fields)].map((field) => [field, anyPieces(d)]))]));
}

function anyState(seed: number): UrlState {
  const d = dice(seed);
  const [from, to] = range(d);
  const wkt = toWkt(circleAround(103 + d.roll(1000) / 997, 21 + d.roll(1000) / 991, 50 + d.roll(500)));
  return {
    camera: d.flip() ? { lon: (d.roll(360000) - 180000) / 1000, lat: (d.roll(160000) - 80000) / 1000, zoom: d.roll(2200) / 100 } : null,
    asOf: d.flip() ? day(d) : null,
    period: d.one(['P30D', 'P3M', 'P12M', 'all', from, `${from}/${to}`, `../${to}`]),
    mode: d.one(['open', 'began']),
    step: d.one(STEPS),
    isCumulative: d.flip(),
    axis: d.flip() ? { from, to } : null,
    layers: d.roll(3) ? names(d) : d.flip() ? [] : null,
    order: d.flip() ? names(d) : null,
    hasBase: d.flip(),
    opacity: Object.fromEntries(d.some(NAMES).map((name) => [name, d.roll(100)])),
    filters: d.flip() ? anyFilters(d) : {},
    hours: d.some(Array.from({ length: 24 }, (_none, hour) => hour)),
    days: d.some([1, 2, 3, 4, 5, 6, 7]),
    area: d.flip() && wkt ? { wkt, name: d.flip() ? d.one(WORDS) : '' } : null,
    selection: d.flip() ? { layer: d.one(NAMES), id: `0190b6a0-${1000 + d.roll(9000)}-7abc-8def-0123456789ab` } : null,
    lang: d.one([null, 'vi', 'en'] as const),
    theme: d.one(['auto', 'light', 'dark', 'contrast'] as const),
    list: d.flip() ? d.one(NAMES) : null,
    room: d.one([null, 'moves', 'scheme'] as const),
    compared: { of: d.flip() ? { layer: d.one(NAMES), field: d.one(NAMES) } : null, since: d.flip() ? day(d) : null },
    listView: { sort: d.flip() ? names(d).map((name) => (d.flip() ? `-${name}` : name)) : [], columns: d.flip() ? names(d) : null, inView: d.flip(), located: d.one([null, true, false]) },
  };
}

describe('url', () => {
  it('gives back every state', () => {
    for (let seed = 1; seed <= 1000; seed++) {
      const state = anyState(seed);
      expect(fromQuery(toQuery(state)), `seed ${seed}`).toEqual(state);
      expect(toQuery(fromQuery(toQuery(state))), `seed ${seed}`).toBe(toQuery(state));
    }
  }, PATIENT_MS);
  it('is an address as browsers write it, so that the same state is never two steps', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const query = toQuery(anyState(seed));
      expect(new URL(`http://x/?${query}`).search.slice(1), `seed ${seed}`).toBe(query);
    }
  });
  it('leaves defaults out', () => expect(toQuery(EMPTY)).toBe(''));
  it('keeps "no layer at all" apart from the default layers', () => {
    expect(fromQuery(toQuery({ ...EMPTY, layers: [] })).layers).toEqual([]);
    expect(fromQuery('').layers).toBeNull();
  });
  it('falls back where a link is not readable', () => {
    expect(fromQuery('at=x,1,2&asof=2023-02-30&period=zzz&f=nonsense&sel=../x&lang=fr&theme=pink&list=A-B&opacity=zones:200,a:x,B:4')).toEqual(EMPTY);
    expect(fromQuery('period=2023-05-01/2023-04-01&mode=shut&step=hour&cumulative=yes&axis=2023-01-01&hours=24,x,-1&days=0,8&area=POINT(1+2)&sort=A,*&inview=2&located=maybe&f=cases.fine:9..1&f=cases.state.x:a&f=cases.n:~')).toEqual(EMPTY);
  });
  it('reads a list of hours in any order, each once', () => expect(fromQuery('hours=20,17,17,18').hours).toEqual([17, 18, 20]));
  it('can be read by a person', () => {
    expect(toQuery({ ...EMPTY, asOf: '2023-05-01', filters: { violations: { state: ['found', 'fixed'], address: ['~chợ Mẫu'] } }, hours: [17, 18] }))
      .toBe('asof=2023-05-01&f=violations.state:found,fixed&f=violations.address:~ch%E1%BB%A3+M%E1%BA%ABu&hours=17,18');
  });
});
