// Days, values, layer definitions and the one filter: the rules everything on the page follows.
import { describe, expect, it } from 'vitest';
import { addMonths, isDay, parseDay, periodStart, showDay } from '../src/model/days';
import { entityOf, filterFields, labelOf, legendOf, nextStates, stateOn } from '../src/model/layers';
import { datetimeOf, layerParams, toggleCode } from '../src/model/query';
import { showInstant, showLonLat, showNumber, showValue } from '../src/model/values';
import { areas, cases } from './sample';

const words = { yes: 'Có', no: 'Không', none: '—' };
const field = (name: string) => [...cases.fields, ...areas.fields].find((one) => one.name === name);

describe('days', () => {
  it('knows which days exist', () => {
    expect(isDay('2024-02-29')).toBe(true);
    expect(isDay('2023-02-29')).toBe(false);
    expect(isDay('2023-2-9')).toBe(false);
  });
  it('reads what people type', () => {
    expect(parseDay(' 1/2/2023 ')).toBe('2023-02-01');
    expect(parseDay('01-02-2023')).toBe('2023-02-01');
    expect(parseDay('2023-02-01')).toBe('2023-02-01');
    expect(parseDay('31/02/2023')).toBeNull();
    expect(parseDay('')).toBeNull();
  });
  it('shows day first', () => expect(showDay('2023-02-01')).toBe('01/02/2023'));
  it('ends short months on their last day', () => {
    expect(addMonths('2024-03-31', -1)).toBe('2024-02-29');
    expect(addMonths('2025-12-31', -12)).toBe('2024-12-31');
  });
  it('starts a period, both ends included', () => {
    expect(periodStart('P12M', '2025-12-31')).toBe('2025-01-01');
    expect(periodStart('P3M', '2025-12-31')).toBe('2025-10-01');
    expect(periodStart('P30D', '2025-12-31')).toBe('2025-12-02');
    expect(periodStart('all', '2025-12-31')).toBeNull();
    expect(periodStart('2025-01-01', '2025-12-31')).toBe('2025-01-01');
    expect(periodStart('2026-01-01', '2025-12-31')).toBeNull();
  });
});

describe('values', () => {
  it('separates thousands and decimals by language', () => {
    expect(showNumber(1204.5, 'vi')).toBe('1.204,5');
    expect(showNumber(1204.5, 'en')).toBe('1,204.5');
  });
  it('adds the unit', () => expect(showValue(field('fine'), 1500000, 'vi', words)).toBe('1.500.000 đồng'));
  it('keeps a masked count', () => expect(showValue(field('residents'), '<5', 'vi', words)).toBe('<5 người'));
  it('names codes and tells nothing from zero', () => {
    expect(showValue(field('state'), 'fixed', 'en', words)).toBe('Fixed');
    expect(showValue(field('fine'), null, 'vi', words)).toBe('—');
    expect(showValue(field('fine'), 0, 'vi', words)).toBe('0 đồng');
    expect(showValue(undefined, false, 'vi', words)).toBe('Không');
  });
  it('shows instants in the zone of the ward', () => expect(showInstant('2025-12-31T20:30:00Z', 'vi')).toBe('01/01/2026 03:30'));
  it('writes coordinates', () => expect(showLonLat(103.9, 21.34, 'en')).toBe('21.340000° N, 103.900000° E'));
});

describe('layers', () => {
  it('takes the legend from the codes of style.by', () => expect(legendOf(cases).map((code) => code.code)).toEqual(['found', 'fixed', 'closed']));
  it('filters by the legend first', () => expect(filterFields(cases).map((one) => one.name)).toEqual(['state', 'category']));
  it('offers only what the workflow allows', () => {
    const [workflow] = cases.workflows ?? [];
    if (!workflow) throw new Error('no workflow');
    expect(nextStates(cases, workflow, 'found').map((code) => code.code)).toEqual(['fixed']);
    expect(nextStates(cases, workflow, 'closed')).toEqual([]);
    expect(nextStates(cases, { field: 'state' }, 'found').map((code) => code.code)).toEqual(['fixed', 'closed']);
  });
  it('knows the state on a day', () => {
    const steps = [{ field: 'state', to: 'fixed', on: '2023-05-10' }, { field: 'state', to: 'found', on: '2023-05-01' }];
    expect(stateOn(steps, 'state', '2023-05-09')).toBe('found');
    expect(stateOn(steps, 'state', '2023-05-10')).toBe('fixed');
    expect(stateOn(steps, 'state', '2023-04-30')).toBeUndefined();
  });
  it('names a feature', () => {
    expect(labelOf(areas, { id: 'x', properties: { name: 'Tổ 8' } }, 'vi')).toBe('Tổ 8');
    expect(labelOf(cases, { id: 'x', properties: { category: 'noise' } }, 'vi')).toBe('Tiếng ồn');
    expect(labelOf(cases, { id: '0190b6a0-aaaa-bbbb', properties: {} }, 'vi')).toBe('aaa-bbbb');
  });
  it('finds whose row it is', () => expect(entityOf(areas, { unit: 'u1' })).toEqual({ target: 'units', value: 'u1' }));
});

describe('the one filter', () => {
  const view = { asOf: '2023-05-01', period: 'P3M', filters: { cases: { state: ['found', 'fixed'], category: ['noise'] } } };
  it('reads each kind of time as the contract says', () => {
    expect(datetimeOf(areas, view)).toBe('2023-05-01');
    expect(datetimeOf(cases, view)).toBe('2023-02-02/2023-05-01');
    expect(datetimeOf(cases, { ...view, period: 'all' })).toBe('../2023-05-01');
    expect(datetimeOf({ time: 'none' }, view)).toBeNull();
  });
  it('makes the parameters of a layer', () => {
    expect(Object.fromEntries(layerParams(cases, view))).toEqual({ datetime: '2023-02-02/2023-05-01', state: 'found,fixed', category: 'noise' });
    expect(layerParams(cases, view, { without: 'state' }).has('state')).toBe(false);
    expect(layerParams(areas, view).has('state')).toBe(false);
    expect(layerParams(cases, view, { unfiltered: true, bbox: [1, 2, 3, 4] }).get('bbox')).toBe('1.000000,2.000000,3.000000,4.000000');
  });
  it('drops a condition that becomes empty', () => {
    const once = toggleCode({}, 'cases', 'state', 'found');
    expect(once).toEqual({ cases: { state: ['found'] } });
    expect(toggleCode(once, 'cases', 'state', 'found')).toEqual({});
  });
});
