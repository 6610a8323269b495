// Importing in the browser, in Vietnamese: a survey's VN-2000 table is previewed where it lies, its bad rows are
// named, a column is given by hand, stored, seen on the map and in the list, and undone; personal data are
// refused; once by keyboard alone, once on a phone.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BASE, PHONE, WAIT_MS, api, axe, launch, openPage, settled, site } from './support.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const count = async () => (await api('/api/collections/violations/count')).body.count;
const exported = async () => (await fetch(`${BASE}/export/violations?format=geojson`)).text();

/** P0 and P1 of the shared vectors (shared/data/vn2000_test_vectors.json): EPSG:9206 and the same in degrees. */
const VECTORS = [
  { north: '2360900.056', east: '490238.8064', lon: 103.9077795, lat: 21.342757 },
  { north: '2360877.2423', east: '490064.0757', lon: 103.906095, lat: 21.34255 },
];

/** Tells the rows of this run from those an interrupted one left. */
const RUN = `lượt ${Date.now().toString(36)}`;

/** A table as a surveyor writes it: X points north. Row 3 has an unknown category, row 4 no place. */
function survey(day) {
  const [a, b] = VECTORS;
  return Buffer.from(`\uFEFFcategory;found_on;Ghi chú;X;Y\nnoise;${day};Ngõ thử nhập 1 ${RUN};${a.north};${a.east}\nother;${day};Ngõ thử nhập 2 ${RUN};${b.north};${b.east}\nngủ quên;${day};Ngõ thử nhập 3 ${RUN};${b.north};${b.east}\nlittering_dumping;${day};Ngõ thử nhập 4 ${RUN};;\n`);
}

const metres = ([lon, lat], one) => Math.hypot((lon - one.lon) * 111_320 * Math.cos((one.lat * Math.PI) / 180), (lat - one.lat) * 110_574);

const idle = (page) => page.waitForFunction(() => document.querySelector('.import-progress')?.dataset.busy === '' || document.querySelector('[data-receipt]'), undefined, { timeout: WAIT_MS });
const give = (page, name, buffer, mimeType = 'text/csv') => page.setInputFiles('[data-import-file]', { name, mimeType, buffer });
const told = (page) => page.$$eval('.outcomes > div', (rows) => Object.fromEntries(rows.map((row) => [row.dataset.outcome, Number(row.querySelector('dd').textContent)])));
const drawn = (page) => page.evaluate(() => globalThis.diabanMap.getSource('import-preview')?.serialize().data.features.map((one) => [one.properties.outcome, one.geometry.coordinates]) ?? null);

async function openRoom(page) {
  await page.click('[data-open="data"]');
  await page.waitForSelector('.import-entry', { timeout: WAIT_MS });
}

test('the vectors are those of the shared data', (context) => {
  const path = join(process.env.DIABAN_SHARED ?? join(import.meta.dirname, '..', '..', '..', 'shared'), 'data', 'vn2000_test_vectors.json');
  if (!existsSync(path)) return context.skip('the shared data is not here');
  const shared = JSON.parse(readFileSync(path, 'utf8'));
  VECTORS.forEach((one, n) => assert.deepEqual([shared[n].n9206, shared[n].e9206, shared[n].lon, shared[n].lat], [Number(one.north), Number(one.east), one.lon, one.lat]));
});

test('a VN-2000 table is previewed, mapped by hand, stored, seen and undone', async () => {
  const { as_of: day } = await site();
  const [before, untouched] = [await count(), await exported()];
  const { page, context, wrong } = await openPage(browser, 'lang=vi&layers=violations&period=all');
  await openRoom(page);
  assert.deepEqual(await axe(page), []);
  await give(page, 'khảo sát.csv', survey(day));
  await idle(page);
  // The layer is found by the header; metres are not taken for degrees, north not for east.
  await page.waitForSelector('[data-warn="plane"]', { timeout: WAIT_MS });
  assert.equal(await page.inputValue('#import-layer'), 'violations');
  await page.click('[data-warn="plane"] button');
  await page.waitForSelector('[data-warn="swapped"]', { timeout: WAIT_MS });
  await idle(page);
  assert.match(await page.textContent('[data-warn="swapped"]'), /X là hướng Bắc/);
  await page.click('[data-warn="swapped"] button');
  await page.waitForSelector('[data-warn]', { state: 'detached', timeout: WAIT_MS });
  await idle(page);
  assert.deepEqual(await told(page), { stored: 2, waiting: 1, rejected: 1 });
  // On the map where the survey says, within a metre.
  await page.waitForFunction(() => globalThis.diabanMap.getSource('import-preview') !== undefined, undefined, { timeout: WAIT_MS });
  const shown = (await drawn(page)).filter(([outcome]) => outcome === 'stored').map(([, place]) => place);
  assert.equal(shown.length, 2);
  shown.forEach((place, n) => assert.ok(metres(place, VECTORS[n]) < 1, `${place}`));
  await settled(page);
  assert.ok(await page.evaluate(([lon, lat]) => globalThis.diabanMap.getBounds().contains([lon, lat]), [VECTORS[0].lon, VECTORS[0].lat]));
  // The refused row comes first and says why, in the reader's language.
  const first = page.locator('.import-rows > li').first();
  assert.equal(await first.getAttribute('data-outcome'), 'rejected');
  assert.match(await first.textContent(), /Dòng 3.*Bị từ chối/s);
  assert.match(await first.locator('.row-fault').textContent(), /\p{L}/u);
  // "Ghi chú" is nobody's name for a field: given by hand.
  assert.match(await page.textContent('[data-dropped]'), /Ghi chú/);
  await page.selectOption('[data-column="Ghi chú"] select', 'address');
  await page.waitForFunction(() => document.querySelector('[data-column="Ghi chú"]')?.className === '', undefined, { timeout: WAIT_MS });
  await idle(page);
  assert.deepEqual(await axe(page), []);
  assert.equal(await count(), before, 'nothing is stored before the button');
  assert.equal(await page.textContent('.import-store'), 'Nhập 3 bản ghi');
  await page.click('.import-store');
  await page.waitForSelector('[data-receipt]', { timeout: WAIT_MS });
  assert.match(await page.textContent('.import-receipt'), /Đã nhập 3 bản ghi vào lớp .*: 2 mới, 0 cập nhật, 1 chờ định vị/);
  assert.equal(await count(), before + 3);
  assert.equal(await drawn(page), null, 'the preview gives way to the rows themselves');
  assert.deepEqual(await axe(page), []);
  // On the map and in the list.
  const { features } = (await api('/api/collections/violations/items?limit=10000')).body;
  const mine = features.filter((one) => one.properties.address?.endsWith(RUN));
  assert.deepEqual(mine.map((one) => one.properties.address).toSorted(), ['Ngõ thử nhập 1', 'Ngõ thử nhập 2', 'Ngõ thử nhập 4'].map((name) => `${name} ${RUN}`));
  const located = mine.filter((one) => one.geometry).map((one) => one.id);
  await page.waitForFunction((ids) => {
    const seen = new Set(globalThis.diabanMap.queryRenderedFeatures().map((one) => one.properties.id));
    return ids.every((id) => seen.has(id));
  }, located, { timeout: WAIT_MS });
  await page.click('.import-ways .secondary >> nth=0');
  await page.check('#list-in-view');
  await page.selectOption('#list-located', 'true');
  const written = day.split('-').toReversed().join('/');
  await page.waitForFunction((text) => [...document.querySelectorAll('.sheet tr')].filter((row) => row.textContent.includes(text)).length >= 2, written, { timeout: WAIT_MS });
  // Undone: everything as before, byte for byte.
  await page.click('.import-ways [data-undo]');
  await page.click('.import-ways .ask .danger');
  await page.waitForSelector('[data-undone]', { timeout: WAIT_MS });
  assert.equal(await count(), before);
  assert.equal(await exported(), untouched);
  await page.click('.import-leave');
  await page.waitForSelector('.import-past [data-undone]', { timeout: WAIT_MS });
  assert.match(await page.textContent('.import-past li'), /khảo sát\.csv/);
  assert.deepEqual(wrong, { foreign: [], csp: [], errors: [] });
  await context.close();
});

test('an import that was changed since is not undone, and says which', async () => {
  const { as_of: day } = await site();
  const text = `category,found_on,address\nnoise,${day},Ngõ thử sửa ${RUN}\n`;
  const init = { method: 'POST', headers: { 'Content-Type': 'text/csv', Origin: BASE }, body: text };
  const { body: receipt } = await api('/api/imports?layer=violations&filename=s%E1%BB%ADa.csv', init);
  const { features } = (await api('/api/collections/violations/items?limit=10000&located=false')).body;
  const { id } = features.find((one) => one.properties.address === `Ngõ thử sửa ${RUN}`);
  const path = `/api/collections/violations/items/${id}`;
  const { headers } = await api(path);
  await api(path, { method: 'PATCH', headers: { 'Content-Type': 'application/merge-patch+json', 'If-Match': headers.get('etag'), Origin: BASE }, body: JSON.stringify({ properties: { address: 'Ngõ đã sửa' } }) });
  const { page, context } = await openPage(browser, 'lang=vi&layers=violations');
  await openRoom(page);
  const row = page.locator(`[data-batch="${receipt.batch}"]`);
  await row.locator('[data-undo]').click();
  await row.locator('.ask .danger').click();
  await row.locator('[data-undo-refused]').waitFor({ timeout: WAIT_MS });
  assert.match(await row.locator('[data-undo-refused]').textContent(), /không có gì thay đổi.*1 bản ghi đã được sửa sau lượt nhập/s);
  assert.deepEqual(await axe(page), []);
  await api(path, { method: 'DELETE', headers: { 'If-Match': '*', Origin: BASE } });
  await context.close();
});

test('personal data are refused, never shown, and the column can be left out', async () => {
  const { as_of: day } = await site();
  const before = await count();
  const { page, context } = await openPage(browser, 'lang=vi&layers=violations');
  await openRoom(page);
  await give(page, 'có số.csv', Buffer.from(`category,found_on,address\nnoise,${day},gọi 0912345678\nnoise,${day},Ngõ 5\n`));
  await page.waitForSelector('[data-refused="person-data"]', { timeout: WAIT_MS });
  const said = await page.textContent('[data-refused="person-data"]');
  assert.match(said, /Cột “address”: số điện thoại ở 1 dòng \(dòng số 1\)/);
  assert.ok(!(await page.content()).includes('0912345678'));
  assert.deepEqual(await axe(page), []);
  assert.equal(await page.locator('.import-store').count(), 0);
  await page.click('[data-refused="person-data"] button');
  await page.waitForSelector('.import-store', { timeout: WAIT_MS });
  assert.deepEqual(await told(page), { stored: 0, waiting: 2, rejected: 0 });
  assert.equal(await count(), before);
  await page.click('.import-leave');
  await context.close();
});

test('by keyboard alone, on a phone', async () => {
  const { as_of: day } = await site();
  const before = await count();
  const { page, context } = await openPage(browser, 'lang=vi&layers=violations', { viewport: PHONE });
  const press = async (selector, key = 'Enter') => {
    await page.locator(selector).first().focus();
    await page.keyboard.press(key);
  };
  await press('[data-open="more"]');
  await page.waitForSelector('.more');
  await press('.more [data-open="data"]');
  await page.waitForSelector('.import-entry', { timeout: WAIT_MS });
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), press('.dropzone button')]);
  await chooser.setFiles({ name: 'phím.csv', mimeType: 'text/csv', buffer: Buffer.from(`category,found_on,nơi,lon,lat\nnoise,${day},Ngõ phím ${RUN},103.9077,21.3427\n`) });
  await page.waitForSelector('.import-store', { timeout: WAIT_MS });
  await idle(page);
  // The heading takes the focus; every control follows it by Tab.
  const reached = new Set();
  await page.locator('.import-room h2').focus();
  for (let n = 0; n < 30; n += 1) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement?.id || document.activeElement?.className || ''));
  }
  for (const wanted of ['import-layer', 'import-crs', 'import-rows', 'import-column-2', 'import-key', 'primary import-store']) assert.ok(reached.has(wanted), `${wanted} of ${[...reached]}`);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= PHONE.width, `the page is ${width} wide`);
  assert.deepEqual(await axe(page), []);
  await press('.import-store');
  await page.waitForSelector('[data-receipt]', { timeout: WAIT_MS });
  assert.equal(await count(), before + 1);
  await press('.import-ways [data-undo]');
  await page.waitForSelector('.import-ways .ask');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.import-receipt [data-undone]', { timeout: WAIT_MS });
  assert.equal(await count(), before);
  await context.close();
});
