// Every number on the page means the same set: for random filters, windows, clocks and areas the bars of
// the axis with what began before, the rows of the list, located and waiting, and the API all agree, and
// where the data can say it, so does a brute-force count.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addDays, axisBox, dice, drag, everyItem, goTo, hourOf, isInside, said, searchOf, until, weekdayOf, wktOf } from './exploring.mjs';
import { WAIT_MS, axe, launch, layerOf, openPage, settled, site } from './support.mjs';

const COMBINATIONS = 40;
const SEED = 20251231;

let browser;
let opening;
let ward;
let category;
before(async () => {
  browser = await launch();
  const { as_of: asOf, bounds } = await site();
  opening = asOf;
  ward = bounds;
  const layer = await layerOf('violations');
  category = layer.fields.find((field) => field.name === 'category').codes.map((code) => code.code);
});
after(() => browser.close());

/** A random exploration of violations, as a query and as a predicate on a feature where that is possible. */
function combination(d) {
  const asOf = d.roll(3) ? opening : addDays(opening, -d.roll(700));
  const last = d.flip() ? asOf : addDays(asOf, -d.roll(300));
  const first = d.roll(5) ? addDays(last, -d.roll(500)) : null;
  const mode = d.one(['open', 'began']);
  const query = new URLSearchParams({ lang: 'vi', layers: 'violations', list: 'violations', asof: asOf, period: `${first ?? '..'}/${last}`, mode });
  const tests = [({ properties }) => properties.found_on <= last && (mode === 'open' || first === null || properties.found_on >= first)];
  if (d.flip()) {
    const codes = [d.one(category), ...d.some(category)].filter((code, at, all) => all.indexOf(code) === at);
    query.append('f', `violations.category:${codes.join(',')}`);
    tests.push(({ properties }) => codes.includes(properties.category));
  }
  const state = d.roll(4) === 0 ? d.one(['found', 'recorded', 'fixed', 'rechecked']) : null;
  if (state) query.append('f', `violations.state:${state}`);
  if (d.roll(3) === 0) {
    const low = 100_000 * d.roll(20);
    query.append('f', `violations.fine:${low}..`);
    tests.push(({ properties }) => properties.fine !== null && properties.fine >= low);
  }
  if (d.roll(4) === 0) {
    query.append('f', 'violations.address:~cho');
    tests.push(({ properties }) => (properties.address ?? '').normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().includes('cho'));
  }
  if (d.roll(3) === 0) {
    const start = d.roll(20);
    const hours = [start, start + 1, start + 2, start + 3];
    query.set('hours', hours.join(','));
    tests.push(({ properties }) => properties.found_at !== null && hours.includes(hourOf(properties.found_at)));
  }
  if (d.roll(3) === 0) {
    const days = [1, 2, 3, 4, 5, 6, 7].filter(() => d.flip());
    if (days.length > 0) {
      query.set('days', days.join(','));
      tests.push(({ properties }) => days.includes(weekdayOf(properties.found_on)));
    }
  }
  if (d.flip()) {
    const [west, south, east, north] = ward;
    const at = (low, high) => Number((low + ((high - low) * d.roll(1000)) / 1000).toFixed(6));
    const [x, y] = [at(west, east), at(south, north)];
    const size = 0.001 + d.roll(8) / 1000;
    // A star: not convex, so that a bounding box would not do.
    const ring = Array.from({ length: 10 }, (_none, point) => {
      const radius = point % 2 === 0 ? size : size / 3;
      const angle = (point / 10) * 2 * Math.PI;
      return [Number((x + radius * Math.cos(angle)).toFixed(6)), Number((y + radius * Math.sin(angle)).toFixed(6))];
    });
    query.set('area', wktOf(ring));
    tests.push(({ geometry }) => geometry !== null && isInside(geometry.coordinates, ring));
  }
  // Whether a case was open in a window depends on when it ended: that the server alone can say.
  const canCount = (mode === 'began' || first === null) && state === null;
  return { query, asOf, isRight: canCount ? (feature) => tests.every((one) => one(feature)) : null };
}

test(`bars, rows, located and waiting, and the API agree for ${COMBINATIONS} random explorations`, async () => {
  const { page, context, wrong } = await openPage(browser, 'lang=vi&layers=violations&list=violations');
  await page.click('#axis-table-button');
  const d = dice(SEED);
  let counted = 0;
  let found = 0;
  for (let turn = 0; turn < COMBINATIONS; turn++) {
    const { query, asOf, isRight } = combination(d);
    const shown = `turn ${turn}: ${query}`;
    await goTo(page, query.toString());
    const { numbers, params } = await said(page);
    const asked = await params();
    const { features, matched } = await everyItem('violations', asked);
    assert.equal(features.length, matched, shown);
    const now = await until(numbers, (one) => one.rows === matched && one.axis === matched && one.located + one.waiting === matched && (matched === 0 || one.tableTotal === matched), shown);
    assert.equal(now.error, '', shown);
    assert.equal(now.bars + now.before + now.without, matched, shown);
    assert.equal(now.located, features.filter((feature) => feature.geometry).length, shown);
    found += Number(matched > 0);
    if (isRight) {
      counted += 1;
      const all = await everyItem('violations', new URLSearchParams({ datetime: asOf }));
      const expected = all.features.filter(isRight).map((feature) => feature.id).toSorted();
      assert.deepEqual(features.map((feature) => feature.id).toSorted(), expected, shown);
    }
  }
  assert.ok(counted >= 10, `only ${counted} combinations were counted by brute force`);
  assert.ok(found >= COMBINATIONS / 2, `only ${found} combinations found anything`);
  assert.deepEqual(wrong, { foreign: [], csp: [], errors: [] });
  await context.close();
});

test('all shown layers together: the axis is the sum of their counts', async () => {
  const { page, context } = await openPage(browser, 'lang=vi&layers=violations,incidents&period=2025-01-01/2025-06-30');
  await page.waitForFunction(() => Number(document.querySelector('.axis')?.dataset.total) > 0, undefined, { timeout: WAIT_MS });
  const total = Number(await page.getAttribute('.axis', 'data-total'));
  const violations = await everyItem('violations', new URLSearchParams({ datetime: `2025-01-01/${opening}`, found_on: '../2025-06-30' }));
  const incidents = await everyItem('incidents', new URLSearchParams({ datetime: '2025-01-01/2025-06-30' }));
  assert.equal(total, violations.matched + incidents.matched);
  assert.equal(Number(await page.getAttribute('.axis-pile.is-before', 'data-pile')), [...violations.features.filter((one) => one.properties.found_on < '2025-01-01'), ...incidents.features.filter((one) => one.properties.occurred_from < '2024-12-31T17:00:00Z')].length);
  await context.close();
});

test('a window dragged, stepped with sliders, or typed is the same window', async () => {
  const start = 'lang=vi&layers=violations&list=violations&period=all';
  const { page, context } = await openPage(browser, start);
  await page.waitForSelector('.axis');
  const box = await axisBox(page);
  const y = box.y + box.height / 2;
  await drag(page, { x: box.x + box.width * 0.3, y }, { x: box.x + box.width * 0.55, y });
  const [from, to] = searchOf(page).get('period').split('/');
  assert.ok(from < to && to < opening);
  const { numbers, params } = await said(page);
  const { matched } = await everyItem('violations', await params());
  const dragged = await until(numbers, (one) => one.axis === matched && one.rows === matched && one.located + one.waiting === matched, 'after the drag');

  const set = (end, day) => page.$eval(`.axis-slider[data-end="${end}"]`, (slider, target) => {
    const value = Math.round((Date.parse(target) - Date.parse(slider.dataset.first)) / 86_400_000);
    slider.value = String(value);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  }, day);
  await goTo(page, start);
  await until(numbers, (one) => one.rows !== dragged.rows, 'back to all');
  await set('from', from);
  await set('to', to);
  assert.equal(searchOf(page).get('period'), `${from}/${to}`);
  assert.deepEqual(await until(numbers, (one) => JSON.stringify(one) === JSON.stringify(dragged), 'with sliders'), dragged);

  await goTo(page, start);
  await until(numbers, (one) => one.rows !== dragged.rows, 'back to all again');
  const typed = (day) => day.split('-').toReversed().join('/');
  await page.fill('#period-from', typed(from));
  await page.keyboard.press('Enter');
  await page.fill('#period-to', typed(to));
  await page.keyboard.press('Enter');
  assert.equal(searchOf(page).get('period'), `${from}/${to}`);
  assert.deepEqual(await until(numbers, (one) => JSON.stringify(one) === JSON.stringify(dragged), 'typed'), dragged);

  // An arrow moves an end by a day; the middle moves the whole; a click lets go of it.
  await page.focus('.axis-slider[data-end="from"]');
  await page.keyboard.press('ArrowLeft');
  assert.equal(searchOf(page).get('period'), `${addDays(from, -1)}/${to}`);
  const shown = await page.locator('.axis-window').boundingBox();
  await drag(page, { x: shown.x + shown.width / 2, y }, { x: shown.x + shown.width / 2 + 60, y });
  const [movedFrom, movedTo] = searchOf(page).get('period').split('/');
  assert.ok(movedFrom > from && movedTo > to);
  const length = (a, b) => Date.parse(b) - Date.parse(a);
  assert.equal(length(movedFrom, movedTo), length(addDays(from, -1), to));
  await page.mouse.click(box.x + box.width * 0.05, y);
  assert.equal(searchOf(page).get('period'), 'all');
  await context.close();
});

test('steps and playback move the window, cumulative only its end', async () => {
  const { page, context } = await openPage(browser, 'lang=vi&layers=violations&period=2023-01-01/2023-03-31&step=quarter');
  await page.click('#step-on');
  assert.equal(searchOf(page).get('period'), '2023-04-01/2023-06-30');
  await page.click('#step-back');
  await page.click('#step-back');
  assert.equal(searchOf(page).get('period'), '2022-10-01/2022-12-31');
  await page.click('#cumulative');
  await page.click('#step-on');
  assert.equal(searchOf(page).get('period'), '2022-10-01/2023-03-31');
  assert.equal(await page.locator('.axis-total').count(), 1);
  await page.focus('.axis-slider[data-end="to"]');
  await page.keyboard.press('Space');
  await page.waitForFunction(() => document.querySelector('#play').getAttribute('aria-pressed') === 'true');
  // On a slow machine more than one step may have passed by the time one looks.
  await page.waitForFunction(() => new URLSearchParams(location.search).get('period') >= '2022-10-01/2023-06-30', undefined, { timeout: WAIT_MS });
  await page.keyboard.press('Space');
  await page.waitForFunction(() => document.querySelector('#play').getAttribute('aria-pressed') === 'false');
  await context.close();
});

test('a link opened in a fresh browser shows the same counts, table and camera', async () => {
  const query = `lang=vi&layers=violations,zones&list=violations&sort=-found_on,category&columns=state,found_on,fine&period=2025-01-01/2025-06-30&mode=began&hours=7,8,9,16,17,18&f=violations.category:sidewalk_encroachment,street_vending&asof=2025-09-30&at=${((ward[0] + ward[2]) / 2).toFixed(6)},${((ward[1] + ward[3]) / 2).toFixed(6)},15.50`;
  const look = async (page) => {
    const { numbers } = await said(page);
    const now = await until(numbers, (one) => one.rows > 0 && one.rows === one.axis && one.located + one.waiting === one.rows, 'settled');
    await settled(page);
    const rest = await page.evaluate(() => ({
      chips: [...document.querySelectorAll('.chip')].map((chip) => chip.textContent), table: document.querySelector('.sheet table').textContent,
      camera: [...globalThis.diabanMap.getCenter().toArray(), globalThis.diabanMap.getZoom()].map((part) => part.toFixed(4)),
      layers: [...document.querySelectorAll('.layer')].map((row) => row.textContent),
    }));
    return { ...now, ...rest };
  };
  const first = await openPage(browser, query);
  await until(() => first.page.textContent('.chips'), (text) => /\d \/ \d/.test(text), 'chips count');
  const seen = await look(first.page);
  const link = new URL(first.page.url()).search.slice(1);
  const second = await openPage(browser, link);
  await until(() => second.page.textContent('.chips'), (text) => /\d \/ \d/.test(text), 'chips count');
  assert.deepEqual(await until(() => look(second.page), (one) => JSON.stringify(one) === JSON.stringify(seen), `the same page as ${JSON.stringify(seen)}`), seen);
  assert.equal(new URL(second.page.url()).search.slice(1), link);
  await first.context.close();
  await second.context.close();
});

test('Back, Forward and Ctrl-Z go through the exploration, a drag as one step', async () => {
  const { page, context } = await openPage(browser, 'lang=vi&layers=violations&period=all');
  await page.waitForSelector('.axis');
  const periods = () => searchOf(page).get('period');
  const box = await axisBox(page);
  const y = box.y + box.height / 2;
  await drag(page, { x: box.x + box.width * 0.2, y }, { x: box.x + box.width * 0.4, y });
  const dragged = periods();
  assert.notEqual(dragged, 'all');
  await page.selectOption('#mode', 'began');
  await page.goBack();
  assert.equal(searchOf(page).get('mode'), null);
  assert.equal(periods(), dragged);
  assert.equal(await page.inputValue('#mode'), 'open');
  await page.goBack();
  assert.equal(periods(), 'all');
  await page.goForward();
  await page.goForward();
  assert.equal(searchOf(page).get('mode'), 'began');
  await page.focus('#rail-list');
  await page.keyboard.press('Control+z');
  await page.waitForFunction(() => !location.search.includes('mode='));
  await page.keyboard.press('Control+z');
  await page.waitForFunction(() => new URLSearchParams(location.search).get('period') === 'all');
  await page.keyboard.press('Control+Shift+z');
  await page.waitForFunction((want) => new URLSearchParams(location.search).get('period') === want, dragged);
  await context.close();
});

test('axe finds nothing with axis table, filters, list and columns open', async () => {
  for (const theme of ['light', 'dark']) {
    const { page, context } = await openPage(browser, `lang=vi&theme=${theme}&list=violations&hours=17,18&area=${wktOf([[ward[0], ward[1]], [ward[2], ward[1]], [ward[2], ward[3]]])}`);
    await page.click('.rail-button[data-open="filter"]');
    await page.click('#axis-table-button');
    await page.waitForSelector('.sheet tbody tr');
    await page.waitForSelector('.axis-table tbody tr');
    await page.waitForFunction(() => [...document.querySelectorAll('.clock-cell')].every((cell) => cell.dataset.count !== ''));
    assert.deepEqual(await axe(page), []);
    await page.click('#axis-table-button');
    await page.click('#list-columns');
    assert.deepEqual(await axe(page), []);
    await page.click('#time-fold');
    assert.deepEqual(await axe(page), []);
    await context.close();
  }
});
