// Finding: the field over the map answers as the API does, old names lead to their day, coordinates get a
// pin, every action is in the palette; layers are found, ordered and faded, and a link keeps it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WAIT_MS, api, axe, items, launch, openPage, settled, site } from './support.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const search = async (text) => (await api(`/api/search?${new URLSearchParams({ q: text, limit: '20' })}`)).body;
const show = (day) => day.split('-').toReversed().join('/');
/** The options the field offers, by group, without the detail behind a title. */
const offered = (page) => page.$$eval('.find-group', (groups) => groups.map((group) => [...group.querySelectorAll('[role="option"]')].map((option) => option.querySelector('.find-text').firstChild.textContent)));

async function ask(page, text) {
  await page.keyboard.press('/');
  await page.keyboard.type(text);
  await page.waitForSelector('.find-option', { timeout: WAIT_MS });
}

test('a name without diacritics finds what the API finds first, and Enter opens it', async () => {
  const unit = (await items('units', `datetime=${(await site()).as_of}&limit=1`)).features[0];
  const typed = unit.properties.name.normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll(/[đĐ]/g, 'd').toLowerCase();
  const { results } = await search(typed);
  assert.ok(results.length > 0);
  const { page, context, wrong } = await openPage(browser, 'lang=vi');
  await ask(page, typed);
  const box = page.locator('#find');
  await page.waitForFunction((first) => document.querySelector('.find-option .find-text')?.firstChild?.textContent === first, results[0].title, { timeout: WAIT_MS });
  assert.equal(await box.getAttribute('aria-expanded'), 'true');
  const byLayer = new Map();
  for (const one of results) byLayer.set(one.layer, [...(byLayer.get(one.layer) ?? []), one.title]);
  assert.deepEqual((await offered(page)).slice(0, byLayer.size), [...byLayer.values()]);
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press('ArrowDown');
  assert.equal(await box.getAttribute('aria-activedescendant'), await page.getAttribute('.find-option[aria-selected="true"]', 'id'));
  await page.keyboard.press('Enter');
  await page.waitForSelector('.drawer .facts', { timeout: WAIT_MS });
  assert.equal(await page.getAttribute('.drawer', 'data-item'), `${results[0].layer}/${results[0].id}`);
  // What was searched for is offered again, and kept nowhere but in this page.
  await page.keyboard.press('Control+k');
  await page.waitForSelector('.find-option');
  assert.deepEqual((await offered(page))[0], [typed]);
  assert.ok(!(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).includes(typed));
  assert.deepEqual(wrong, { foreign: [], csp: [], errors: [] });
  await context.close();
});

test('an old name is marked and leads to its last day', async () => {
  const { as_of: asOf } = await site();
  const all = (await items('wards', 'limit=1000')).features;
  const names = new Set(all.filter((one) => !one.properties.valid_to || one.properties.valid_to > asOf).map((one) => one.properties.name));
  const gone = all.find((one) => one.properties.valid_to && one.properties.valid_to <= asOf && !names.has(one.properties.name));
  assert.ok(gone, 'the demo has a ward whose name is no longer used');
  const { results } = await search(gone.properties.name);
  const old = results.find((one) => one.match === 'old' && one.valid_to);
  assert.ok(old, `an old name among ${JSON.stringify(results.map((one) => [one.title, one.match]))}`);
  const { page, context } = await openPage(browser, 'lang=vi');
  await ask(page, gone.properties.name);
  await page.waitForSelector('.find-note', { timeout: WAIT_MS });
  const last = new Date(Date.parse(`${old.valid_to.slice(0, 10)}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
  const option = page.locator('.find-option', { has: page.locator('.find-note', { hasText: show(last) }) }).first();
  await option.click();
  await page.waitForSelector('.find-offer');
  await page.click('.find-offer .primary');
  await page.waitForFunction((day) => new URL(location.href).searchParams.get('asof') === day, last, { timeout: WAIT_MS });
  assert.equal(await page.inputValue('#asof'), show(last));
  await context.close();
});

test('coordinates get a pin that Escape takes away', async () => {
  const { bounds } = await site();
  const [lon, lat] = [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2];
  const { page, context } = await openPage(browser, 'lang=vi');
  await ask(page, `${lat.toFixed(5)}, ${lon.toFixed(5)}`);
  await page.keyboard.press('Enter');
  await settled(page);
  const pins = () => page.evaluate(() => globalThis.diabanMap.querySourceFeatures('page-pin').map((one) => one.geometry.coordinates));
  await page.waitForFunction(() => globalThis.diabanMap.querySourceFeatures('page-pin').length > 0, undefined, { timeout: WAIT_MS });
  const [[x, y]] = await pins();
  assert.ok(Math.abs(x - lon) < 2e-4 && Math.abs(y - lat) < 2e-4, `${x}, ${y}`);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => globalThis.diabanMap.querySourceFeatures('page-pin').length === 0, undefined, { timeout: WAIT_MS });
  await context.close();
});

test('the palette has every action: theme, language, a day, a layer, the list', async () => {
  const { page, context } = await openPage(browser, 'lang=vi&theme=light');
  const command = async (words) => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type(`>${words}`);
    await page.waitForSelector('.find-option');
    await page.keyboard.press('Enter');
  };
  await command('nen: nen toi');
  await page.waitForSelector('html[data-theme="dark"]');
  await command('tại ngày 30/06/2025');
  assert.equal(await page.inputValue('#asof'), '30/06/2025');
  const shown = new URL(page.url()).searchParams.get('layers');
  const layer = (await api('/api/collections')).body.collections.find((one) => one.id === 'incidents').layer;
  await command(`an lop ${layer.title.vi}`);
  await page.waitForFunction((before) => new URL(location.href).searchParams.get('layers') !== before, shown);
  assert.ok(!new URL(page.url()).searchParams.get('layers').split(',').includes('incidents'));
  await command('mo hoac dong danh sach');
  await page.waitForSelector('.sheet');
  await command('chuyen sang tieng anh');
  await page.waitForSelector('html[lang="en"]');
  await context.close();
});

test('layers are found by words, ordered and faded by keyboard, and a link keeps it', async () => {
  const { page, context } = await openPage(browser, 'lang=vi');
  const { collections } = (await api('/api/collections')).body;
  const layer = collections.find((one) => one.id === 'violations').layer;
  await page.fill('.layer-words', 'trat tu do thi');
  await page.waitForFunction(() => document.querySelectorAll('.layers > .layer').length === 1);
  assert.equal(await page.getAttribute('.layers > .layer', 'data-layer'), 'violations');
  await page.fill('.layer-words', 'khong co lop nay');
  await page.waitForSelector('.layers-none');
  await page.fill('.layer-words', '');
  await page.click('.tab:nth-child(2)');
  const order = () => page.$$eval('.order-row', (rows) => rows.map((row) => row.dataset.layer));
  const before = await order();
  assert.deepEqual(before, before.toSorted((a, b) => (collections.find((one) => one.id === b).layer.order ?? 0) - (collections.find((one) => one.id === a).layer.order ?? 0)));
  const at = before.indexOf('violations');
  await page.focus('[data-layer="violations"] .grip');
  await page.keyboard.press(at === 0 ? 'ArrowDown' : 'ArrowUp');
  const other = before[at === 0 ? 1 : at - 1];
  await page.waitForFunction(([one, two]) => {
    const rows = [...document.querySelectorAll('.order-row')].map((row) => row.dataset.layer);
    return rows.indexOf(one) > rows.indexOf(two);
  }, at === 0 ? ['violations', other] : [other, 'violations']);
  assert.match(await page.textContent('#app'), new RegExp(layer.title.vi));
  const slider = page.locator('[data-layer="violations"] input[type="range"]');
  await slider.focus();
  for (let press = 0; press < 8; press++) await page.keyboard.press('ArrowLeft');
  await page.waitForFunction(() => new URL(location.href).searchParams.get('opacity') === 'violations:60');
  assert.deepEqual(await axe(page), []);
  const now = await order();
  const link = new URL(page.url()).search.slice(1);
  const drawn = () => page.evaluate(() => {
    const map = globalThis.diabanMap;
    return map.getLayersOrder().filter((id) => map.getLayer(id).source && !map.getLayer(id).source.startsWith('page'));
  });
  await settled(page);
  const parts = await drawn();
  await context.close();
  const again = await openPage(browser, link);
  await again.page.click('.tab:nth-child(2)');
  assert.deepEqual(await again.page.$$eval('.order-row', (rows) => rows.map((row) => row.dataset.layer)), now);
  assert.deepEqual(await again.page.evaluate(() => {
    const map = globalThis.diabanMap;
    return map.getLayersOrder().filter((id) => map.getLayer(id).source && !map.getLayer(id).source.startsWith('page'));
  }), parts);
  assert.equal(await again.page.evaluate(() => JSON.stringify(globalThis.diabanMap.getPaintProperty('violations-mark', 'icon-opacity')).includes('0.6')), true);
  await again.context.close();
});

test('the legend says when, how many and how many wait, and the base map has one switch', async () => {
  const { as_of: asOf } = await site();
  const { page, context } = await openPage(browser, 'lang=vi&period=all');
  const { count, waiting } = (await api(`/api/collections/violations/count?datetime=../${asOf}`)).body;
  const number = (value) => new Intl.NumberFormat('vi-VN').format(value);
  await page.waitForFunction((want) => document.querySelector('[data-layer="violations"] .layer-about')?.textContent === want, `đến ${show(asOf)} · n = ${number(count)}, ${number(waiting)} chờ định vị`, { timeout: WAIT_MS });
  const [newest] = (await items('violations', 'limit=1&sortby=-source_date&source_date=any:')).features;
  const { stale_after_days: stale } = (await api('/api/collections')).body.collections.find((one) => one.id === 'violations').layer;
  if (newest) {
    const line = page.locator('[data-layer="violations"] .layer-source');
    await line.waitFor();
    assert.match(await line.textContent(), new RegExp(`mới nhất ${show(newest.properties.source_date)}`));
    const age = Math.round((Date.parse(asOf) - Date.parse(newest.properties.source_date)) / 86_400_000);
    assert.equal(await line.locator('.badge').count(), age > stale ? 1 : 0);
  }
  const isBaseDrawn = () => page.evaluate(() => {
    const map = globalThis.diabanMap;
    return map.getLayersOrder().filter((id) => map.getLayer(id).sourceLayer === 'base').map((id) => map.getLayoutProperty(id, 'visibility') ?? 'visible');
  });
  const drawn = await isBaseDrawn();
  assert.ok(drawn.length > 3 && drawn.every((one) => one === 'visible'));
  const below = await page.evaluate(() => {
    const map = globalThis.diabanMap;
    const shapes = map.getLayersOrder().filter((id) => ['fill', 'line'].includes(map.getLayer(id).type) && !map.getLayer(id).source.startsWith('page'));
    const first = shapes.findIndex((id) => map.getLayer(id).sourceLayer !== 'base');
    return shapes.slice(first).every((id) => map.getLayer(id).sourceLayer !== 'base');
  });
  assert.ok(below, 'the base map lies under all data');
  await page.click('.base-switch input');
  await page.waitForFunction(() => new URL(location.href).searchParams.get('base') === 'off');
  assert.ok((await isBaseDrawn()).every((one) => one === 'none'));
  await context.close();
});
