// The rooms "Chuyển loại" and "Đề án": the matrix against counting, and measures against the page's own
// parameters.
import { describe, expect, it } from 'vitest';
import type { Feature, Field, Flow, Layer, Move } from '../src/api/types';
import { heldAgainst } from '../src/model/departures';
import { isLate, readMeasure, standingOf } from '../src/model/measure';
import { changeOf, comparisonsOf, groupsOf, inSentence, matrixOf, rankedCodes, yearPairs } from '../src/model/moves';
import { layerParams } from '../src/model/query';
import { areas, cases } from './sample';

const code = (name: string) => ({ code: name, vi: name, en: name });
const field: Field = { name: 'class', type: 'code', title: { vi: 'Loại', en: 'Class' }, codes: ['bad', 'none', 'good', 'fair'].map(code), ranks: ['good', 'fair', 'bad'] };
const flows: Flow[] = [
  { from: 'bad', to: 'good', count: 2 }, { from: 'good', to: 'good', count: 5 }, { from: 'fair', to: 'bad', count: 1 },
  { from: null, to: 'fair', count: 3 }, { from: 'fair', to: null, count: 4 }, { from: 'none', to: 'fair', count: 1 },
];

describe('moves', () => {
  it('puts codes from best to worst, what stands outside last', () => expect(rankedCodes(field).map((one) => one.code)).toEqual(['good', 'fair', 'bad', 'none']));
  it('sums the flows along rows and columns', () => {
    const matrix = matrixOf(flows, field);
    expect(matrix.rows).toEqual(['good', 'fair', 'bad', 'none', null]);
    expect(matrix.columns).toEqual(['good', 'fair', 'bad', 'none', null]);
    const all = flows.reduce((sum, flow) => sum + flow.count, 0);
    expect(matrix.rows.reduce((sum, end) => sum + matrix.rowSum(end), 0)).toBe(all);
    expect(matrix.columns.reduce((sum, end) => sum + matrix.columnSum(end), 0)).toBe(all);
    expect([matrix.rowSum('fair'), matrix.columnSum('fair'), matrix.count('bad', 'good'), matrix.count('good', 'bad')]).toEqual([5, 4, 2, 0]);
  });
  it('leaves out a code outside the order that nobody has', () => expect(matrixOf(flows.slice(0, 3), field).rows).toEqual(['good', 'fair', 'bad']));
  it('ranks by the definition and never what stands outside the order', () => {
    expect(flows.map((flow) => changeOf(field, flow))).toEqual(['better', 'same', 'worse', 'appeared', 'ended', 'other']);
  });
  it('tells regressions first and narrows to a cell', () => {
    const move = (label: string, from: string, to: string): Move => ({ entity: label, label, from, to, change: changeOf(field, { from, to }), before: label, after: label, on: null, by: null, properties: {} });
    const moves = [move('Tổ 10', 'bad', 'good'), move('Tổ 2', 'bad', 'good'), move('Tổ 1', 'good', 'bad')];
    expect(groupsOf(moves, null).map((group) => [group.change, group.moves.map((one) => one.label)])).toEqual([['worse', ['Tổ 1']], ['better', ['Tổ 2', 'Tổ 10']]]);
    expect(groupsOf(moves, { from: 'good', to: 'bad' }).map((group) => group.moves.length)).toEqual([1]);
  });
  it('offers the ends of years that have data', () => expect(yearPairs('2022-05-01', '2024-06-30')).toEqual([{ from: '2022-12-31', to: '2023-12-31' }]));
  it('prefers drawn layers, and those whose codes have an order', () => {
    const ranked: Layer = { ...areas, fields: [field] };
    const table: Layer = { ...ranked, id: 'rows', geometry: 'none' };
    expect(comparisonsOf([cases, areas])).toEqual([]);
    expect(comparisonsOf([table, ranked])).toEqual([{ layer: 'areas', field: 'class' }]);
    expect(comparisonsOf([table])).toEqual([{ layer: 'rows', field: 'class' }]);
  });
  it('makes a title part of a sentence', () => {
    expect(inSentence('Trọng điểm về ma túy')).toBe('trọng điểm về ma túy');
    expect(inSentence('ANTT tốt')).toBe('ANTT tốt');
    expect(inSentence('Đạt')).toBe('đạt');
  });
});

describe('measures', () => {
  const asOf = '2025-06-30';
  const params = (text: string): string | null => {
    const measure = readMeasure(text, [cases, areas], asOf);
    return measure && layerParams(measure.layer, measure.view).toString();
  };
  it('are asked with the parameters that the page opens with', () => {
    expect(params('cases?state=fixed,closed')).toBe(new URLSearchParams({ datetime: `../${asOf}`, state: 'fixed,closed' }).toString());
    expect(params('areas?class=key')).toBe(new URLSearchParams({ datetime: asOf, class: 'key' }).toString());
    expect(params('areas?class=key&datetime=2024-12-31')).toBe(new URLSearchParams({ datetime: '2024-12-31', class: 'key' }).toString());
    expect(params('cases?found_on=2025-01-01/2025-03-31')).toBe(new URLSearchParams({ datetime: `../${asOf}`, found_on: '2025-01-01/2025-03-31' }).toString());
  });
  it('that the page cannot show are not guessed', () => {
    for (const text of ['nowhere?x=1', 'cases?colour=red', 'cases?datetime=yesterday', '']) expect(params(text)).toBeNull();
  });
  it('judge only what was measured', () => {
    const task = (properties: Record<string, string | number>): Feature => ({ type: 'Feature', id: 'x', geometry: null, properties });
    expect(standingOf(task({ target: 5 }), 5)).toBe('met');
    expect(standingOf(task({ target: 5 }), 4)).toBe('short');
    expect(standingOf(task({ target: 5, goal: 'at_most' }), 4)).toBe('met');
    expect(standingOf(task({ target: 5, goal: 'at_most' }), 6)).toBe('short');
    expect(standingOf(task({ target: 5 }), null)).toBe('unknown');
    expect(standingOf(task({}), 3)).toBe('unknown');
    expect(isLate(task({ due_on: '2025-06-29', state: 'open' }), ['done'], asOf)).toBe(true);
    expect(isLate(task({ due_on: asOf, state: 'open' }), ['done'], asOf)).toBe(false);
    expect(isLate(task({ due_on: '2025-06-29', state: 'done' }), ['done'], asOf)).toBe(false);
  });
});

describe('departures', () => {
  const number = (name: string, more: Partial<Field> = {}): Field => ({ name, type: 'number', title: { vi: name, en: name }, ...more });
  const layer: Layer = { ...areas, fields: [number('allowed'), number('built', { compare: 'allowed', tolerance: 0.2 }), number('gap', { compare: 'allowed', tolerance: 0, limit: 'least' }), { ...number('begun', { compare: 'issued' }), type: 'date' }, { ...number('issued'), type: 'date' }] };
  const held = (properties: Record<string, string | number | null>) => heldAgainst(layer, { type: 'Feature', id: 'x', geometry: null, properties }).map((one) => [one.difference === null ? null : Math.round(one.difference * 1e6) / 1e6, one.departs]);
  it('tell the difference, and a verdict only when both sides are known', () => {
    expect(held({ allowed: 10.1, built: 10.3, gap: 10.3, issued: '2025-03-01', begun: '2025-03-05' })).toEqual([[0.2, false], [0.2, false], [4, true]]);
    expect(held({ allowed: 10, built: 10.3, gap: 9, issued: '2025-03-01', begun: null })).toEqual([[0.3, true], [-1, true], [null, null]]);
    expect(held({ built: 3 })).toEqual([[null, null], [null, null], [null, null]]);
  });
});
