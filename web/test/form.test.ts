// Forms come from the definition: which boxes, what they accept, and what is sent.
import { describe, expect, it } from 'vitest';
import { formFields, newTexts, dayPairs, orderFaults, parseNumber, parseTexts, photosOf, pointOf, textsOf } from '../src/model/form';
import type { Layer } from '../src/api/types';
import { areas, cases } from './sample';

const names = (list: { name: string }[]): string[] => list.map((one) => one.name);

describe('fields asked for', () => {
  it('asks a new case for an initial state only', () => {
    const state = formFields(cases, null).find((one) => one.name === 'state');
    expect(state?.codes?.map((code) => code.code)).toEqual(['found']);
  });
  it('leaves state, read-only fields and the entity out of an edit', () => {
    const fields = names(formFields(cases, { category: 'noise' }));
    expect(fields).not.toContain('state');
    expect(fields).not.toContain('number');
    expect(fields).toEqual(expect.arrayContaining(['category', 'found_on', 'location_quality', 'source']));
  });
  it('never offers a masked count for editing', () => {
    expect(names(formFields(areas, { residents: '<5' }))).not.toContain('residents');
    expect(names(formFields(areas, { residents: 12 }))).toContain('residents');
  });
  it('starts a new case on the given day', () => {
    const fields = formFields(cases, null);
    expect(newTexts(cases, fields, '2023-05-01')).toMatchObject({ state: 'found', found_on: '01/05/2023', category: '' });
  });
});

describe('what boxes accept', () => {
  const fields = formFields(cases, null);
  const parse = (texts: Record<string, string>) => parseTexts(fields, { ...newTexts(cases, fields, '2023-05-01'), category: 'noise', ...texts }, null, 'vi');
  it('sends typed values and leaves empty ones out', () => {
    expect(parse({ fine: '1.500.000', seen_at: '2/5/2023 7:05' })).toEqual({ errors: {}, values: { category: 'noise', state: 'found', found_on: '2023-05-01', fine: 1500000, seen_at: '2023-05-02T07:05:00+07:00' } });
  });
  it('says what is wrong beside the box', () => {
    expect(parse({ category: '' }).errors['category']?.key).toBe('form.required');
    expect(parse({ fine: '1,5' }).errors['fine']?.key).toBe('form.bad_integer');
    expect(parse({ fine: '-1' }).errors['fine']?.key).toBe('form.min');
    expect(parse({ fine: 'x' }).errors['fine']?.key).toBe('form.bad_number');
    expect(parse({ found_on: '31/02/2023' }).errors['found_on']?.key).toBe('form.bad_date');
    expect(parse({ seen_at: '01/05/2023 25:00' }).errors['seen_at']?.key).toBe('form.bad_datetime');
    expect(parse({ summary: 'x'.repeat(21) }).errors['summary']?.key).toBe('form.too_long');
  });
  it('sends only what changed, and null for what was emptied', () => {
    const own = formFields(cases, { category: 'noise', fine: 10 });
    const before = textsOf(own, { category: 'noise', fine: 10, found_on: '2023-05-01' }, 'vi');
    expect(parseTexts(own, { ...before, fine: '' }, before, 'vi')).toEqual({ errors: {}, values: { fine: null } });
    expect(parseTexts(own, before, before, 'vi')).toEqual({ errors: {}, values: {} });
  });
});

describe('numbers and places', () => {
  it('reads both ways of writing a number', () => {
    expect(['1204', '1.204', '1.204.500', '1.204,5', '9,5', '9.5', '-3,25', '1 204', '1,204'].map((text) => parseNumber(text, 'vi'))).toEqual([1204, 1204, 1204500, 1204.5, 9.5, 9.5, -3.25, 1204, 1.204]);
    expect(['1,204', '1,204,500', '1,204.5', '9.5', '9,5', '1.204'].map((text) => parseNumber(text, 'en'))).toEqual([1204, 1204500, 1204.5, 9.5, 9.5, 1.204]);
    expect(['', 'abc', '1e5', '1.2.3', '1,2,3'].map((text) => parseNumber(text, 'vi'))).toEqual([null, null, null, null, null]);
  });
  it('knows a point from other shapes', () => {
    expect(pointOf({ geometry: { type: 'Point', coordinates: [1, 2] } })).toEqual([1, 2]);
    expect(pointOf({ geometry: null })).toBeNull();
  });
});

describe('order of days', () => {
  const works: Layer = {
    ...cases, time: 'interval', start: null, end: null,
    fields: [
      { name: 'planned_start', type: 'date', title: { vi: 'a', en: 'a' } },
      { name: 'planned_end', type: 'date', title: { vi: 'b', en: 'b' } },
      { name: 'seen_from', type: 'datetime', title: { vi: 'c', en: 'c' } },
      { name: 'seen_to', type: 'datetime', title: { vi: 'd', en: 'd' } },
      { name: 'other_start', type: 'date', title: { vi: 'e', en: 'e' } },
    ],
    workflows: [],
  };
  const fields = formFields(works, null);
  it('pairs fields by their names and the validity', () => {
    expect(dayPairs(works, fields).map((pair) => names(pair).join()).toSorted()).toEqual(['planned_start,planned_end', 'seen_from,seen_to', 'valid_from,valid_to']);
    expect(dayPairs({ ...works, start: 'other_start', end: 'planned_end' }, fields).map((pair) => names(pair).join())).toContain('planned_start,planned_end');
  });
  it('refuses an end before its start, takes the same day, and asks a validity for at least one', () => {
    expect(orderFaults(works, fields, { planned_start: '2023-05-02', planned_end: '2023-05-01' }, null)).toEqual({ planned_end: { key: 'form.day_order' } });
    expect(orderFaults(works, fields, { planned_start: '2023-05-02', planned_end: '2023-05-02' }, null)).toEqual({});
    expect(orderFaults(works, fields, { valid_from: '2023-05-02', valid_to: '2023-05-02' }, null)).toEqual({ valid_to: { key: 'form.validity_order' } });
  });
  it('compares instants of different zones and a change with what is stored', () => {
    expect(orderFaults(works, fields, { seen_from: '2023-05-01T07:00:00+07:00' }, { seen_to: '2023-05-01T00:30:00Z' })).toEqual({});
    expect(orderFaults(works, fields, { seen_from: '2023-05-01T08:00:00+07:00' }, { seen_to: '2023-05-01T00:30:00Z' })).toEqual({ seen_to: { key: 'form.day_order' } });
    expect(orderFaults(works, fields, {}, { planned_start: '2023-05-02', planned_end: '2023-05-01' })).toEqual({});
  });
});

describe('photos', () => {
  it('are hashes in their order, whatever else is stored', () => {
    expect(photosOf({ photos: ['b', 'a', 3] } as never)).toEqual(['b', 'a']);
    expect(photosOf({ photos: null })).toEqual([]);
    expect(photosOf(null)).toEqual([]);
  });
});
