// The list is the map's equal: whole by keyboard, complete however it is scrolled, sorted as the server
// sorts, in step with map, drawer and live changes, and the same as a file.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { everyItem, said, until } from './exploring.mjs';
import { WAIT_MS, api, axe, items, launch, openPage, patch, screenOf, settled, site } from './support.mjs';

let browser;
let opening;
before(async () => {
  browser = await launch();
  opening = (await site()).as_of;
});
after(() => browser.close());

const inFocus = (page) => page.evaluate(() => ({ tag: document.activeElement.tagName, id: document.activeElement.dataset.id, index: Number(document.activeElement.dataset.index) }));
const idsOf = (features) => features.map((feature) => feature.id);

/** Presses Tab until the focus is where `isThere` says. */
async function tabTo(page, isThere, key = 'Tab') {
  for (let turn = 0; turn < 120; turn++) {
    await page.keyboard.press(key);
    if (await page.evaluate(isThere)) return;
  }
  assert.fail('not reached by Tab');
}

test('reached, walked, selected, opened and sorted by keyboard alone', async () => {
  const { page, context, wrong } = await openPage(browser, 'lang=vi&layers=violations&period=all');
  await page.keyboard.press('l');
  await page.waitForSelector('.sheet tbody tr');
  const total = (await items('violations', `datetime=../${opening}&limit=1`)).numberMatched;
  await tabTo(page, () => document.activeElement.matches('.sheet tbody tr'));
  assert.equal((await inFocus(page)).index, 0);
  for (let step = 0; step < 3; step++) await page.keyboard.press('ArrowDown');
  await page.waitForFunction(() => document.activeElement?.dataset.index === '3', undefined, { timeout: WAIT_MS });
  await page.keyboard.press('End');
  await page.waitForFunction((last) => document.activeElement?.dataset.index === String(last), total - 1, { timeout: WAIT_MS });
  await page.keyboard.press('Home');
  await page.waitForFunction(() => document.activeElement?.dataset.index === '0');
  const { id } = await inFocus(page);

  await page.keyboard.press('Space');
  await page.waitForSelector(`.drawer[data-item="violations/${id}"] .facts`);
  assert.equal((await inFocus(page)).id, id, 'the row keeps the keyboard');
  await page.keyboard.press('ArrowDown');
  const next = await inFocus(page);
  assert.equal(next.index, 1);
  await page.keyboard.press('Enter');
  await page.waitForSelector(`.drawer[data-item="violations/${next.id}"] .facts`);
  await page.waitForFunction(() => document.activeElement?.closest('.drawer') !== null, undefined, { timeout: WAIT_MS });
  await page.keyboard.press('Escape');
  await page.waitForSelector('.drawer', { state: 'detached' });

  await page.focus('.sheet tbody tr[tabindex="0"]');
  await tabTo(page, () => document.activeElement.matches('.sort[data-sort="found_on"]'), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.waitForSelector('th[aria-sort="descending"] [data-sort="found_on"]');
  const sorted = idsOf((await items('violations', `datetime=../${opening}&sortby=-found_on&limit=12`)).features);
  await page.waitForFunction((want) => JSON.stringify([...document.querySelectorAll('.sheet tbody tr')].slice(0, want.length).map((row) => row.dataset.id)) === JSON.stringify(want), sorted, { timeout: WAIT_MS });
  assert.match(page.url(), /sort=-found_on/);
  assert.deepEqual(wrong, { foreign: [], csp: [], errors: [] });
  await context.close();
});

test('scrolled through, every feature is there once and in order', async () => {
  const { page, context } = await openPage(browser, 'lang=vi&layers=violations&period=all&list=violations&sort=category,-found_on');
  await page.waitForSelector('.sheet tbody tr');
  const seen = await page.evaluate(async () => {
    const box = document.querySelector('.sheet-body');
    const rows = new Map();
    const frame = () => new Promise((resolve) => { requestAnimationFrame(() => resolve()); });
    const take = () => {
      for (const row of box.querySelectorAll('tbody tr')) rows.set(Number(row.dataset.index), row.dataset.id);
    };
    const total = Number(box.querySelector('table').getAttribute('aria-rowcount')) - 1;
    for (let turn = 0; turn < 20_000 && rows.size < total; turn++) {
      take();
      const before = box.scrollTop;
      box.scrollTop += box.clientHeight / 2;
      // At the end of what is there: wait for more, or begin again for what was not read in time.
      if (box.scrollTop === before) box.scrollTop = 0;
      await frame();
    }
    return [...rows].toSorted((a, b) => a[0] - b[0]).map(([, id]) => id);
  });
  const { features } = await everyItem('violations', new URLSearchParams({ datetime: `../${opening}`, sortby: 'category,-found_on' }));
  assert.deepEqual(seen, idsOf(features));
  assert.equal(new Set(seen).size, seen.length);
  await context.close();
});

test('the pointer on a row shows on the map, the pointer on the map shows in the list', async () => {
  const { features } = await everyItem('violations', new URLSearchParams({ datetime: `../${opening}`, located: 'true' }));
  const [first] = features;
  const { page, context } = await openPage(browser, `lang=vi&layers=violations&period=all&list=violations&located=true&at=${first.geometry.coordinates.join(',')},19`);
  await page.hover(`.sheet tr[data-id="${first.id}"]`);
  await page.waitForFunction(() => globalThis.diabanMap.queryRenderedFeatures({ layers: ['page-hover-ring'] }).length > 0, undefined, { timeout: WAIT_MS });
  await settled(page);
  // The list covers the lower part of the map: look at the place from above it.
  await page.evaluate(() => { globalThis.diabanMap.panBy([0, 220], { duration: 0 }); });
  await settled(page);
  const spot = await screenOf(page, first.geometry.coordinates);
  // A hand trembles: a move that comes while the map draws meets nothing yet.
  const began = Date.now();
  for (let turn = 0; (await page.locator('.sheet tr.is-hover').count()) === 0; turn++) {
    assert.ok(Date.now() - began < WAIT_MS, 'the row is never marked');
    await page.mouse.move(spot.x + (turn % 2), spot.y);
    await page.evaluate(() => new Promise((done) => { requestAnimationFrame(done); }));
  }
  await context.close();
});

test('only what is in view, as many as the API finds in the box, and the same as a file', async () => {
  const { bounds } = await site();
  const [lon, lat] = [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2];
  const { page, context } = await openPage(browser, `lang=vi&layers=violations&period=all&list=violations&located=true&at=${lon},${lat},16.5`);
  const { numbers, params } = await said(page);
  const all = (await until(numbers, (one) => one.rows > 0, 'all')).rows;
  await page.check('#list-in-view');
  await until(params, (asked) => asked.has('bbox'), 'a box in the file link');
  const { features, matched } = await everyItem('violations', await params());
  assert.ok(matched > 0 && matched < all);
  const now = await until(numbers, (one) => one.rows === matched && one.located === matched, 'in view');
  const file = (await api(now.file)).body;
  assert.deepEqual(idsOf(file.features).toSorted(), idsOf(features).toSorted());
  await context.close();
});

test('a change made elsewhere shows in its row, in place', async () => {
  const { page, context } = await openPage(browser, 'lang=vi&layers=violations&period=all&list=violations&columns=address');
  await page.waitForSelector('.sheet tbody tr');
  await page.focus('.sheet tbody tr');
  for (let step = 0; step < 4; step++) {
    const { index: from } = await inFocus(page);
    await page.keyboard.press('PageDown');
    await page.waitForFunction((was) => Number(document.activeElement?.closest('tr')?.dataset.index) > was, from, { timeout: WAIT_MS });
  }
  const { id, index } = await inFocus(page);
  const top = await page.$eval('.sheet-body', (box) => box.scrollTop);
  const before = await page.textContent(`.sheet tr[data-id="${id}"] [data-field="address"]`);
  const address = `Ngõ ${Date.now() % 100_000}`;
  await patch('violations', id, { properties: { address } });
  await page.waitForFunction(([row, want]) => document.querySelector(`.sheet tr[data-id="${row}"] [data-field="address"]`)?.textContent === want, [id, address], { timeout: WAIT_MS });
  assert.equal(await page.$eval('.sheet-body', (box) => box.scrollTop), top);
  assert.equal((await inFocus(page)).index, index);
  await patch('violations', id, { properties: { address: before === '—' ? null : before } });
  await context.close();
});

test('an empty list says what to do, and does it', async () => {
  const { page, context } = await openPage(browser, 'lang=vi&layers=violations&list=violations&period=all&f=violations.address:~khongcodiachinhuvay');
  await page.waitForSelector('.sheet-nothing .secondary');
  assert.deepEqual(await axe(page), []);
  await page.click('.sheet-nothing .secondary');
  await page.waitForSelector('.sheet tbody tr');
  assert.equal(await page.locator('.chip').count(), 0);
  await context.close();
});
