// The layer list and the words one finds things by: headings from definitions, search without
// diacritics, moving in the order. Commands and days in the search field.
import { describe, expect, it } from 'vitest';
import type { Layer } from '../src/api/types';
import { fold, rank } from '../src/model/fold';
import { answers, groupOf, grouped, movedTo } from '../src/model/listing';
import { areas, cases } from './sample';

describe('folding', () => {
  it('leaves no mark, composed or not, and knows every đ', () => {
    for (const text of ['Đường Chiềng Lề', 'Đường Chiềng Lề'.normalize('NFD'), 'ĐƯỜNG  CHIỀNG LỀ', 'ðường chiềng lề']) expect(fold(text)).toBe('duong chieng le');
  });
  it('ranks a beginning before a word before anywhere', () => {
    expect(rank('Tổ 8', 'to')).toBe(0);
    expect(rank('Đường Tổ', 'to')).toBe(1);
    expect(rank('Mở hoặc đóng danh sách', 'sach mo')).toBe(2);
    expect(rank('Tổ 8', 'ban')).toBeNull();
  });
});

describe('headings', () => {
  const table: Layer = { ...cases, id: 'table', geometry: 'none', time: 'none' };
  it('follow the definition, else geometry and time', () => {
    expect(groupOf({ ...cases, group: 'works' })).toBe('works');
    expect([areas, cases, table].map(groupOf)).toEqual(['areas', 'cases', 'tables']);
    expect(groupOf({ ...areas, style: { draw: 'outline' } })).toBe('context');
  });
  it('keep every layer once', () => {
    const all = grouped([table, cases, areas]).flatMap((one) => one.layers.map((layer) => layer.id));
    expect(all).toEqual(['areas', 'cases', 'table']);
  });
  it('find a layer by its title or its legend, in either language, without marks', () => {
    expect(answers(areas, 'vung')).toBe(true);
    expect(answers(areas, 'trong diem')).toBe(true);
    expect(answers(areas, 'areas')).toBe(true);
    expect(answers(areas, 'tieng on')).toBe(false);
  });
});

describe('moving a layer', () => {
  const order = ['a', 'b', 'c', 'd'];
  it('puts it where the other stands', () => {
    expect(movedTo(order, 'd', 'b')).toEqual(['a', 'd', 'b', 'c']);
    expect(movedTo(order, 'a', 'c')).toEqual(['b', 'c', 'a', 'd']);
  });
  it('never loses or doubles one, and back is where it was', () => {
    for (const from of order) for (const to of order) {
      const moved = movedTo(order, from, to);
      expect(moved.toSorted()).toEqual(order);
      expect(movedTo(moved, from, order[order.indexOf(from)] === to ? to : moved[order.indexOf(from)] ?? to)).toEqual(order);
    }
  });
  it('does nothing for what it does not know', () => expect(movedTo(order, 'x', 'a')).toEqual(order));
});
