// Link → state → link: what is in the address bar is the whole state, for any state.
import { describe, expect, it } from 'vitest';
import { fromQuery, toQuery, type UrlState } from '../src/state/url';

const EMPTY: UrlState = { camera: null, asOf: null, period: 'P12M', layers: null, order: null, opacity: {}, filters: {}, selection: null, lang: null, theme: 'auto', list: null };

/** A small generator with a fixed seed, so that a failure can be seen again. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 48271) % 2147483647;
    return state % sides;
  };
}

function anyState(seed: number): UrlState {
  const roll = dice(seed);
  const day = (): string => `20${10 + roll(20)}-0${1 + roll(9)}-1${roll(10)}`;
  const name = (): string => ['zones', 'violations', 'my_layer', 'a1'][roll(4)] ?? 'zones';
  const codes = (): string[] => ['key', 'low_complexity', 'I', 'a-b.c'].slice(0, 1 + roll(4));
  return {
    camera: roll(2) ? { lon: (roll(360000) - 180000) / 1000, lat: (roll(160000) - 80000) / 1000, zoom: roll(2200) / 100 } : null,
    asOf: roll(2) ? day() : null,
    period: ['P30D', 'P3M', 'P12M', 'all', day()][roll(5)] ?? 'all',
    layers: roll(3) ? [...new Set(Array.from({ length: 1 + roll(3) }, name))] : null,
    order: roll(2) ? [...new Set(Array.from({ length: 1 + roll(3) }, name))] : null,
    opacity: roll(2) ? { [name()]: roll(100) } : {},
    filters: roll(2) ? { [name()]: { state: codes(), category: codes() } } : {},
    selection: roll(2) ? { layer: name(), id: `0190b6a0-${1000 + roll(9000)}-7abc-8def-0123456789ab` } : null,
    lang: ([null, 'vi', 'en'] as const)[roll(3)] ?? null,
    theme: (['auto', 'light', 'dark', 'contrast'] as const)[roll(4)] ?? 'auto',
    list: roll(2) ? name() : null,
  };
}

describe('url', () => {
  it('gives back every state', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const state = anyState(seed);
      expect(fromQuery(toQuery(state))).toEqual(state);
    }
  });
  it('leaves defaults out', () => expect(toQuery(EMPTY)).toBe(''));
  it('keeps "no layer at all" apart from the default layers', () => {
    expect(fromQuery(toQuery({ ...EMPTY, layers: [] })).layers).toEqual([]);
    expect(fromQuery('').layers).toBeNull();
  });
  it('falls back where a link is not readable', () => {
    expect(fromQuery('at=x,1,2&asof=2023-02-30&period=zzz&f=nonsense&sel=../x&lang=fr&theme=pink&list=A-B&opacity=zones:200,a:x,B:4')).toEqual(EMPTY);
  });
  it('can be read by a person', () => {
    expect(toQuery({ ...EMPTY, asOf: '2023-05-01', filters: { violations: { state: ['found', 'fixed'] } } })).toBe('asof=2023-05-01&f=violations.state:found,fixed');
  });
});
