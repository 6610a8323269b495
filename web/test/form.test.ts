// Forms come from the definition: which boxes, what they accept, and what is sent.
import { describe, expect, it } from 'vitest';
import { formFields, newTexts, parseNumber, parsePlace, parseTexts, pointOf, textsOf } from '../src/model/form';
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
  it('takes a point, nothing, or says which half is missing', () => {
    expect(parsePlace({ lon: '103,9', lat: '21.34' })).toEqual({ point: [103.9, 21.34] });
    expect(parsePlace({ lon: ' ', lat: '' })).toEqual({ point: null });
    expect(parsePlace({ lon: '103.9', lat: '' })).toEqual({ wrong: { lon: undefined, lat: { key: 'form.half_place' } } });
    expect(parsePlace({ lon: '190', lat: '91' })).toEqual({ wrong: { lon: { key: 'form.bad_lon' }, lat: { key: 'form.bad_lat' } } });
  });
  it('knows a point from other shapes', () => {
    expect(pointOf({ geometry: { type: 'Point', coordinates: [1, 2] } })).toEqual([1, 2]);
    expect(pointOf({ geometry: null })).toBeNull();
  });
});
