// What is known of counts is used as long as it holds, and not a moment longer.
import { beforeEach, expect, test, vi } from 'vitest';
import { bump } from '../src/state/actions';
import { countOf } from '../src/state/answers';
import * as store from '../src/state/store';

let asked: string[] = [];
let answer = 1;

beforeEach(() => {
  asked = [];
  answer = 1;
  store.isLive.value = true;
  bump(['incidents', 'sites']);
  vi.stubGlobal('fetch', (path: string) => {
    asked.push(path);
    return Promise.resolve(Response.json({ count: answer }));
  });
});

const count = async (layer: string, params: Record<string, string>): Promise<number> => (await countOf(layer, new URLSearchParams(params))).count;

test('a question is asked once', async () => {
  expect(await count('incidents', { category: 'theft' })).toBe(1);
  expect(await count('incidents', {})).toBe(1);
  expect(await count('incidents', { category: 'theft' })).toBe(1);
  expect(asked).toHaveLength(2);
});

test('a change of the layer makes it new, of another layer it does not', async () => {
  await count('incidents', {});
  await count('sites', {});
  answer = 2;
  bump(['incidents']);
  expect(await count('incidents', {})).toBe(2);
  expect(await count('sites', {})).toBe(1);
});

test('an answer of before a change is not kept', async () => {
  const under = count('incidents', {});
  bump(['incidents']);
  await under;
  answer = 2;
  expect(await count('incidents', {})).toBe(2);
});

test('without the live stream nothing is taken for known', async () => {
  await count('incidents', {});
  store.isLive.value = false;
  answer = 2;
  expect(await count('incidents', {})).toBe(2);
});

test('what was asked long ago is forgotten', async () => {
  for (let n = 0; n < 200; n++) await count('incidents', { n: String(n) });
  await count('incidents', { n: '0' });
  await count('incidents', { n: '199' });
  expect(asked).toHaveLength(201);
});
