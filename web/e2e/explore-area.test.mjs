// Where to look: an area drawn, typed, or taken from a feature selects exactly what lies in it, by a
// brute-force count, on the map, in the counts, in the list and in the file. And saved views.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { everyItem, isInside, said, searchOf, until } from './exploring.mjs';
import { WAIT_MS, api, axe, launch, openPage, screenOf, settled, site } from './support.mjs';

let browser;
let opening;
let centre;
let cases;
before(async () => {
  browser = await launch();
  const { as_of: asOf, bounds } = await site();
  opening = asOf;
  centre = [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2];
  cases = (await everyItem('violations', new URLSearchParams({ datetime: `../${opening}`, located: 'true' }))).features;
});
after(() => browser.close());

const inRing = (ring) => cases.filter((feature) => isInside(feature.geometry.coordinates, ring)).map((feature) => feature.id).toSorted();
const ringOf = (wkt) => wkt.slice('POLYGON(('.length, -2).split(',').map((corner) => corner.split(/[ +]/).map(Number));
const start = 'lang=vi&layers=violations&list=violations&period=all';

/** The page says these features and no others: counts, rows, file. */
async function shows(page, ids) {
  const { numbers } = await said(page);
  const now = await until(numbers, (one) => one.rows === ids.length && one.located === ids.length && one.waiting === 0, `${ids.length} in the area`);
  assert.match(now.file, /intersects=/);
  assert.deepEqual((await api(now.file)).body.features.map((feature) => feature.id).toSorted(), ids);
}

async function openFilters(page) {
  await page.click('.rail-button[data-open="filter"]');
  await page.waitForSelector('#draw-polygon');
}

test('a polygon drawn and the same typed select what lies inside', async () => {
  const { page, context, wrong } = await openPage(browser, `${start}&at=${centre[0]},${centre[1]},15.2`);
  await page.click('.sheet-turns .icon-button:last-child');
  await openFilters(page);
  await page.click('#draw-polygon');
  await page.waitForFunction(() => globalThis.diabanMap.getSource('page-drawing-polygon') !== undefined, undefined, { timeout: WAIT_MS });
  const middle = await screenOf(page, centre);
  for (const [dx, dy] of [[-180, -90], [170, -120], [60, 20], [150, 110], [-140, 90]]) await page.mouse.click(middle.x + dx, middle.y + dy);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.chip[data-chip="area"] .chip-count', { timeout: WAIT_MS });
  const wkt = searchOf(page).get('area');
  const ids = inRing(ringOf(wkt));
  assert.ok(ids.length > 5, `${ids.length} in the drawn area`);
  await page.keyboard.press('l');
  await shows(page, ids);
  assert.ok(await page.evaluate(() => globalThis.diabanMap.queryRenderedFeatures({ layers: ['page-area-line'] }).length > 0), 'the area is on the map');
  assert.deepEqual(await axe(page), []);

  const corners = ringOf(wkt).slice(0, -1).map((corner) => corner.join(', ')).join('\n');
  await page.click('.chip[data-chip="area"]');
  await page.waitForSelector('.chip[data-chip="area"]', { state: 'detached' });
  await page.click('details.aside:has(#area-corners) summary');
  await page.fill('#area-corners', 'không phải toạ độ');
  await page.click('#area-apply');
  assert.equal(await page.getAttribute('#area-corners', 'aria-invalid'), 'true');
  await page.fill('#area-corners', corners);
  await page.click('#area-apply');
  assert.equal(searchOf(page).get('area'), wkt);
  await shows(page, ids);
  assert.deepEqual(wrong, { foreign: [], csp: [], errors: [] });
  await context.close();
});

test('a circle of some metres, typed or around a feature, selects by distance', async () => {
  const { page, context } = await openPage(browser, start);
  await openFilters(page);
  // Metres by the standard series for a degree of latitude and longitude on WGS 84.
  const phi = (centre[1] * Math.PI) / 180;
  const [perLat, perLon] = [111132.954 - 559.822 * Math.cos(2 * phi) + 1.175 * Math.cos(4 * phi), 111412.84 * Math.cos(phi) - 93.5 * Math.cos(3 * phi) + 0.118 * Math.cos(5 * phi)];
  const away = (from) => ([lon, lat]) => Math.hypot((lon - from[0]) * perLon, (lat - from[1]) * perLat);
  const check = async (from, radius) => {
    const { numbers } = await said(page);
    const { file } = await until(numbers, (one) => one.file.includes('intersects') && one.rows === one.located && one.rows > 0, 'the circle');
    const ids = new Set((await api(file)).body.features.map((feature) => feature.id));
    const distance = away(from);
    // Between its sides and its corners a polygon of 72 corners is up to a thousandth short of the circle.
    for (const feature of cases) {
      const metres = distance(feature.geometry.coordinates);
      if (metres < radius * 0.998) assert.ok(ids.has(feature.id), `${feature.id} at ${metres} m`);
      if (metres > radius * 1.001) assert.ok(!ids.has(feature.id), `${feature.id} at ${metres} m`);
    }
    await until(numbers, (one) => one.rows === ids.size, 'rows of the circle');
  };
  await page.click('details.aside:has(#circle-lon) summary');
  await page.fill('#circle-lon', String(centre[0]));
  await page.fill('#circle-lat', String(centre[1]));
  await page.fill('#circle-radius', '400');
  await page.click('#circle-apply');
  await check(centre, 400);

  const feature = cases[10];
  await page.evaluate((id) => {
    history.pushState(null, '', `${location.pathname}?lang=vi&layers=violations&list=violations&period=all&sel=violations/${id}`);
    dispatchEvent(new PopStateEvent('popstate'));
  }, feature.id);
  await page.waitForSelector('#area-around');
  await page.selectOption('#area-radius', '300');
  await page.click('#area-around');
  await check(feature.geometry.coordinates, 300);
  assert.match(await page.textContent('.chip[data-chip="area"]'), /300 m quanh/);
  await context.close();
});

test('a named outline selects what lies in it', async () => {
  const units = (await everyItem('units', new URLSearchParams({ datetime: opening, located: 'true' }))).features;
  const unit = units.find((one) => one.geometry.type === 'Polygon' && one.geometry.coordinates.length === 1 && inRing(one.geometry.coordinates[0]).length > 0);
  const { page, context } = await openPage(browser, start);
  await openFilters(page);
  await page.waitForFunction((id) => document.querySelector(`#area-named option[value="units/${id}"]`) !== null, unit.id, { timeout: WAIT_MS });
  await page.selectOption('#area-named', `units/${unit.id}`);
  await shows(page, inRing(ringOf(searchOf(page).get('area'))));
  assert.ok((await page.textContent('.chip[data-chip="area"]')).includes(unit.properties.name));
  await context.close();
});

test('a view is saved, opened, renamed and deleted, and everyone sees it', async (t) => {
  const { collections } = (await api('/api/collections')).body;
  const layer = collections.find((one) => one.layer.purpose === 'views');
  if (!layer) {
    t.skip('this site keeps no views');
    return;
  }
  const name = `Tối quanh chợ ${Date.now()}`;
  const { page, context } = await openPage(browser, 'lang=vi&layers=violations&hours=17,18,19&period=2025-01-01/2025-03-31&f=violations.category:street_vending');
  await page.click('.rail-button[data-open="views"]');
  await page.fill('#view-name', name);
  await page.keyboard.press('Enter');
  await page.waitForSelector(`.view-row[data-view="${name}"]`, { timeout: WAIT_MS });
  assert.deepEqual(await axe(page), []);
  const saved = new URL(page.url()).search;

  const other = await openPage(browser, 'lang=en&theme=dark');
  await other.page.click('.rail-button[data-open="views"]');
  await other.page.click(`.view-row[data-view="${name}"] .view-open`);
  const opened = searchOf(other.page);
  for (const key of ['layers', 'hours', 'period', 'f']) assert.equal(opened.get(key), new URLSearchParams(saved).get(key), key);
  assert.equal(opened.get('lang'), 'en', 'language stays the reader’s');
  assert.equal(await other.page.getAttribute('html', 'data-theme'), 'dark');
  await settled(other.page);

  await page.click(`.view-row[data-view="${name}"] .icon-button:nth-of-type(3)`);
  await page.fill('.views .view-form input', `${name} (mới)`);
  await page.keyboard.press('Enter');
  await other.page.waitForSelector(`.view-row[data-view="${name} (mới)"]`, { timeout: WAIT_MS });
  await page.waitForSelector(`.view-row[data-view="${name} (mới)"]`, { timeout: WAIT_MS });
  await page.click(`.view-row[data-view="${name} (mới)"] .icon-button:last-child`);
  await page.click('.views .danger');
  await other.page.waitForSelector(`.view-row[data-view="${name} (mới)"]`, { state: 'detached', timeout: WAIT_MS });
  await other.context.close();
  await context.close();
});
