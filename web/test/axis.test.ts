// The arithmetic behind the axis and the list: bars keep every feature once, a day and its place agree,
// sorting and columns turn as a person presses.
import { describe, expect, it } from 'vitest';
import type { Collection, Histogram } from '../src/api/types';
import { axisOf, barStep, brushed, dataRange, runningTotals, scaleOf, ticksOf, type Series } from '../src/model/axis';
import { addDays } from '../src/model/days';
import { columnsOf, nextSort, possibleColumns, sortDirection, sortOf, toggleColumn } from '../src/ui/list/columns';
import { nextParams } from '../src/state/rows';
import { dice } from './dice';
import { cases } from './sample';

const month = (index: number): string => `2024-${String(index + 1).padStart(2, '0')}-01`;
const histogram = (counts: number[], before = 0, without = 0): Histogram => ({ bars: counts.map((count, index) => ({ from: month(index), to: month(index + 1), count })), before, without });

describe('the axis', () => {
  it('has every selected feature in one bar or pile, whatever the layers', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const d = dice(seed);
      const series: Series[] = ['a', 'b', 'c'].slice(0, 1 + d.roll(3)).map((layer) => {
        const inside = Array.from({ length: 6 }, () => d.roll(5));
        return { layer, inside: histogram(inside, d.roll(9), d.roll(3)), all: histogram(inside.map((count) => count + d.roll(4))), later: histogram([0, 0, 0, 0, 0, 0, 2]).bars };
      });
      const axis = axisOf(series);
      const expected = series.flatMap(({ inside }) => [...inside.bars.map((bar) => bar.count), inside.before ?? 0, inside.without ?? 0]).reduce((sum, count) => sum + count, 0);
      expect(axis.total).toBe(expected);
      expect(axis.columns.reduce((sum, column) => sum + column.inside, 0) + axis.before.total + axis.without.total).toBe(expected);
      for (const column of axis.columns) expect(column.inside).toBe(column.parts.reduce((sum, part) => sum + part.count, 0));
      expect(runningTotals(axis).at(-1)?.total).toBe(expected - axis.without.total);
    }
  });
  it('takes a server that tells no piles', () => expect(axisOf([{ layer: 'a', all: { bars: [] }, inside: { bars: [] }, later: [] }])).toMatchObject({ total: 0, before: { total: 0 }, columns: [] }));
  it('puts a day where it finds it again', () => {
    const range = { from: '2021-01-01', to: '2025-12-31' };
    const scale = scaleOf(range);
    for (let offset = 0; offset < scale.days; offset += 7) {
      const day = addDays(range.from, offset);
      expect(scale.day(scale.at(day) + 0.5 / scale.days)).toBe(day);
    }
    expect(scale.at('2020-01-01')).toBe(0);
    expect(scale.at('2030-01-01')).toBe(1);
    expect(scale.day(2)).toBe('2025-12-31');
  });
  it('has narrower bars the closer it is', () => {
    expect(['2025-03-31', '2026-01-01', '2030-01-01', '2050-01-01'].map((to) => barStep({ from: '2025-01-01', to }))).toEqual(['day', 'week', 'month', 'year']);
  });
  it('is as long as the data, in days of the ward', () => {
    const from = (text: string | null): Collection => ({ id: 'x', title: 'x', layer: cases, extent: { temporal: { interval: [[text, null]] } } });
    expect(dataRange([from('2020-12-31T17:00:00Z'), from('2022-01-01T00:00:00Z'), from(null)], '2025-12-31')).toEqual({ from: '2021-01-01', to: '2025-12-31' });
    expect(dataRange([from('2025-12-30T00:00:00Z')], '2025-12-31').from).toBe('2025-12-01');
    expect(dataRange([], '2025-12-31').from < '2021-01-02').toBe(true);
  });
  it('brushes either way round, and a click is no window', () => {
    expect(brushed('2024-05-01', '2024-03-01')).toEqual({ from: '2024-03-01', to: '2024-05-01' });
    expect(brushed('2024-05-01', '2024-05-01')).toBeNull();
  });
  it('names years, and months where there is room', () => {
    expect(ticksOf({ from: '2021-06-01', to: '2025-01-01' }).map((tick) => tick.day)).toEqual(['2022-01-01', '2023-01-01', '2024-01-01', '2025-01-01']);
    expect(ticksOf({ from: '2024-01-01', to: '2024-03-31' }).map((tick) => tick.day)).toEqual(['2024-01-01', '2024-02-01', '2024-03-01']);
  });
});

describe('the list', () => {
  it('sorts up, down, not at all; with Shift after the others', () => {
    expect(nextSort([], 'fine', false)).toEqual(['fine']);
    expect(nextSort(['fine'], 'fine', false)).toEqual(['-fine']);
    expect(nextSort(['-fine'], 'fine', false)).toEqual([]);
    expect(nextSort(['state'], 'fine', true)).toEqual(['state', 'fine']);
    expect(nextSort(['state', 'fine'], 'state', true)).toEqual(['fine', '-state']);
    expect(sortDirection(['-fine'], 'fine')).toBe('descending');
  });
  it('knows only keys the layer has, each field once', () => expect(sortOf(cases, ['-fine', 'nonsense', 'fine', 'summary', 'state'])).toEqual(['-fine', 'state']));
  it('shows and hides columns, and forgets the choice when it is the default again', () => {
    const usual = columnsOf(cases, null).map((field) => field.name);
    expect(usual).toContain('state');
    expect(possibleColumns(cases).map((field) => field.name)).not.toContain('summary');
    const less = toggleColumn(cases, null, 'state');
    expect(less).not.toContain('state');
    expect(toggleColumn(cases, less, 'state')).toBeNull();
    expect(columnsOf(cases, ['fine', 'nonsense']).map((field) => field.name)).toEqual(['fine']);
  });
  it('goes on where the server says', () => {
    const page = { features: [], numberMatched: 3, numberReturned: 0, links: [{ rel: 'next', href: 'http://h/api/collections/cases/items?limit=1&sortby=-fine&after=7b' }] };
    expect(nextParams(page)?.toString()).toBe('limit=1&sortby=-fine&after=7b');
    expect(nextParams({ ...page, links: [] })).toBeNull();
  });
});
