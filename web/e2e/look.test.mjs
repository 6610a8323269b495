// Looking: a click and the keyboard open the same drawer; filter, day and list follow the API; a link
// opens the same page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WAIT_MS, api, at, axe, caseIn, factsOf, items, launch, openPage, screenOf, settled, site } from './support.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

test('click, Enter on the map and Enter in the list give the same facts', async () => {
  const feature = await caseIn('found');
  const point = feature.geometry.coordinates;
  const { page, context } = await openPage(browser, `lang=vi&period=all&layers=violations&${at(point)}`);
  const spot = await screenOf(page, point);
  await page.mouse.click(spot.x, spot.y);
  await page.waitForSelector('.drawer .facts', { timeout: WAIT_MS });
  const opened = (await page.getAttribute('.drawer', 'data-item')).split('/')[1];
  const byClick = await factsOf(page);
  assert.ok(Object.keys(byClick).length >= 3);
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press('Escape');
  await page.waitForSelector('.drawer', { state: 'detached' });

  await page.focus('.maplibregl-canvas');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.drawer .facts');
  assert.equal((await page.getAttribute('.drawer', 'data-item')).split('/')[1], opened);
  assert.deepEqual(await factsOf(page), byClick);
  await page.keyboard.press('Escape');

  await page.focus('#rail-list');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.sheet tbody tr');
  await page.focus('.sheet tbody tr');
  // The list reads on as one walks: a page of rows at a time until the row is there.
  for (let turn = 0; turn < 400 && (await page.$(`.sheet tr[data-id="${opened}"]`)) === null; turn++) {
    const first = await page.getAttribute('.sheet tr:focus', 'data-index');
    await page.keyboard.press('PageDown');
    await page.waitForFunction((old) => document.activeElement?.dataset.index !== undefined && document.activeElement.dataset.index !== old, first);
  }
  await page.focus(`.sheet tr[data-id="${opened}"] button`);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.drawer .facts');
  assert.deepEqual(await factsOf(page), byClick);
  const history = (await api(`/api/collections/violations/items/${opened}/history`)).body.entries;
  await page.waitForSelector('.history > li');
  assert.equal(await page.locator('.history > li').count(), history.length);
  await context.close();
});

test('the as-of day changes map, legend and list as it changes the API', async () => {
  const { page, context } = await openPage(browser, 'lang=vi&list=zones');
  for (const [typed, day] of [['31/12/2020', '2020-12-31'], ['30/06/2022', '2022-06-30'], ['31/12/2025', '2025-12-31']]) {
    await page.fill('#asof', typed);
    await page.keyboard.press('Enter');
    const expected = Object.fromEntries((await items('zones', `datetime=${day}&limit=1000`)).features.map((one) => [one.properties.name, one.properties.class]));
    const counted = (await api(`/api/collections/zones/count?by=class&datetime=${day}`)).body;
    const layer = (await api('/api/collections')).body.collections.find((one) => one.id === 'zones').layer;
    const titles = Object.fromEntries(layer.fields.find((field) => field.name === 'class').codes.map((code) => [code.code, code.vi]));
    await page.waitForFunction((want) => {
      const rows = [...document.querySelectorAll('.sheet tbody tr')].map((row) => [row.querySelector('th button').textContent, row.querySelector('[data-field="class"]').textContent]);
      return JSON.stringify(rows.toSorted()) === JSON.stringify(want.toSorted());
    }, Object.entries(expected).map(([name, code]) => [name, titles[code]]), { timeout: WAIT_MS });
    await settled(page);
    await page.waitForFunction((want) => [...document.querySelectorAll('[data-layer="zones"] .code[data-code]')].every((row) => (want[row.dataset.code] ?? 0) === Number(row.querySelector('.code-count').textContent) || row.closest('.folded')), counted.by, { timeout: WAIT_MS });
    const drawn = await page.evaluate(() => Object.fromEntries(globalThis.diabanMap.queryRenderedFeatures({ layers: ['zones-fill'] }).map((one) => [one.properties.name, one.properties.class])));
    for (const [name, code] of Object.entries(drawn)) assert.equal(code, expected[name], `${name} on ${day}`);
    assert.ok(Object.keys(drawn).length > 0);
  }
  await context.close();
});

test('a filter leaves what the API counts, and a link opens the same page', async () => {
  const { as_of: asOf } = await site();
  const { page, context } = await openPage(browser, 'lang=en&period=all');
  await page.click('[data-layer="violations"] .code[data-code="found"]');
  const { count } = (await api(`/api/collections/violations/count?datetime=../${asOf}&state=found`)).body;
  const { count: total } = (await api(`/api/collections/violations/count?datetime=../${asOf}`)).body;
  const show = (value) => new Intl.NumberFormat('en-GB').format(value);
  await page.waitForFunction((want) => document.querySelector('.chip-count')?.textContent === want, `${show(count)} / ${show(total)}`, { timeout: WAIT_MS });
  await settled(page);
  const link = new URL(page.url()).search.slice(1);
  const again = await openPage(browser, link);
  await again.page.waitForSelector('.chip-count');
  assert.equal(await again.page.textContent('.chips'), await page.textContent('.chips'));
  assert.equal(new URL(again.page.url()).search.slice(1), link);
  await page.click('.chip');
  await page.waitForSelector('.chip', { state: 'detached' });
  await again.context.close();
  await context.close();
});

test('what is shown can be taken as a file', async () => {
  const { page, context } = await openPage(browser, 'lang=vi&period=all&f=violations.state:found');
  await page.click('.rail-button[data-open="data"]');
  const href = await page.getAttribute('.exports a[download="violations.geojson"]', 'href');
  assert.match(href, /state=found/);
  const { as_of: asOf } = await site();
  const { count } = (await api(`/api/collections/violations/count?datetime=../${asOf}&state=found`)).body;
  assert.equal((await api(href)).body.features.length, count);
  await context.close();
});
