// Six tasks of six people, in Vietnamese, each with a mouse and with a keyboard, at a desk and on a phone.
// What they take away is held against what the API says or what looking at every feature gives.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WAYS, person } from './hands.mjs';
import { BASE, PLANNER, WAIT_MS, api, at, launch, site } from './support.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const eachWay = (name, options, run) => {
  for (const way of WAYS) test(`${name}: ${way.where}, ${way.hand.name}`, options, () => run(way));
};

/** Whether a point lies in a ring, by counting crossings; the oracle of every drawn area. */
function isIn([x, y], ring) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [[ax, ay], [bx, by]] = [ring[i], ring[j]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** The ring of the area in the link. */
function areaOf(page) {
  const wkt = new URL(page.url()).searchParams.get('area') ?? '';
  return (/\(\(([^()]+)\)/.exec(wkt)?.[1] ?? '').split(',').map((pair) => pair.trim().split(/\s+/).map(Number));
}

const idsOf = (features) => features.map((feature) => feature.id).toSorted();

async function allOf(layer, query, base = BASE) {
  const { body } = await api(`/api/collections/${layer}/items?limit=10000&${query}`, undefined, base);
  assert.equal(body.numberReturned, body.numberMatched);
  return body.features;
}

/** The hour on the ward's clock. */
const hourOf = (instant) => (new Date(instant).getUTCHours() + 7) % 24;
const EVENING = [17, 18, 19, 20, 21];

eachWay('an analyst narrows violations to a market\'s evenings in a quarter and exports them', {}, async (way) => {
  const known = await allOf('violations', 'found_on=2025-10-01/2025-12-31');
  const evenings = known.filter((one) => one.geometry && one.properties.found_at && EVENING.includes(hourOf(one.properties.found_at)));
  // The busiest evening spot of the quarter stands for the market.
  const near = (a, b) => Math.hypot((a[0] - b[0]) * 0.93, a[1] - b[1]) < 0.002;
  const busiest = evenings.map((one) => one.geometry.coordinates).toSorted((a, b) => evenings.filter((one) => near(one.geometry.coordinates, b)).length - evenings.filter((one) => near(one.geometry.coordinates, a)).length)[0];
  const one = await person(browser, way, 'lang=vi&layers=violations');
  if (one.isPhone) await one.press('#time-unfold');
  await one.choose('#period', '2025-10-01/2025-12-31');
  await one.choose('#mode', 'began');
  await one.room('filter');
  await one.press('.filter-part details:has(#circle-lon) > summary');
  await one.type('#circle-lon', String(busiest[0]));
  await one.type('#circle-lat', String(busiest[1]));
  await one.type('#circle-radius', '200');
  await one.press('#circle-apply');
  await one.press('.clock-parts >> nth=0 >> button >> nth=2');
  await one.page.waitForFunction(() => new URLSearchParams(location.search).get('hours') === '17,18,19,20,21' && new URLSearchParams(location.search).has('area'));
  const ring = areaOf(one.page);
  assert.ok(ring.length > 20);
  const expected = idsOf(evenings.filter((feature) => isIn(feature.geometry.coordinates, ring)));
  assert.ok(expected.length > 0 && expected.length < evenings.length, `${expected.length} of ${evenings.length}`);
  await one.room('data');
  const file = await one.download('a[download="violations.geojson"]');
  assert.deepEqual(idsOf(file.features), expected);
  const wkt = new URL(one.page.url()).searchParams.get('area');
  const asked = new URLSearchParams({ found_on: '2025-10-01/2025-12-31', 'found_at.hour': EVENING.join(','), intersects: wkt });
  assert.deepEqual(idsOf(await allOf('violations', asked)), expected);
  await one.done();
});

const NO_PLANNER = PLANNER ? {} : { skip: 'DIABAN_PLANNER_URL is not set' };
let noted = 0;

eachWay('a planner opens a site that departs from its permit and notes it', NO_PLANNER, async (way) => {
  const { as_of: asOf } = (await api('/api/site', undefined, PLANNER)).body;
  const departing = await allOf('sites', `departs=true&datetime=../${asOf}`, PLANNER);
  assert.ok(departing.length > 0);
  const one = await person(browser, way, 'lang=vi&period=all&layers=sites', { base: PLANNER });
  await one.room('layers');
  const row = '.layer[data-layer="sites"]';
  if ((await one.page.locator(row).count()) === 0) await one.press('[data-group="works"] .group-fold');
  if ((await one.page.getAttribute(`${row} .layer-name`, 'aria-expanded')) !== 'true') await one.press(`${row} .layer-name`);
  await one.press(`${row} [data-departs="sites"]`);
  await one.see('.chip[data-chip="sites.departs"]', 'attached');
  await one.press(`${row} .layer-actions .quiet:last-child`);
  await one.page.waitForFunction((want) => Number(document.querySelector('.sheet-count')?.dataset.total) === want, departing.length, { timeout: WAIT_MS });
  if (one.hand.name === 'keyboard') await one.press('.sheet tbody tr[tabindex="0"]');
  else await one.press('.sheet tbody tr >> nth=0 >> .linklike');
  await one.see('.drawer .departs tbody[data-departs="true"]');
  const id = (await one.page.getAttribute('.drawer', 'data-item')).split('/')[1];
  assert.ok(departing.some((feature) => feature.id === id));
  const { body: found } = await api(`/api/collections/sites/items/${id}`, undefined, PLANNER);
  // A sign and words say it, not a colour alone; the numbers are the record's own.
  for (const pair of await one.page.$$eval('.departs tbody', (bodies) => bodies.map((body) => ({ field: body.dataset.pair, departs: body.dataset.departs, text: body.textContent, signs: body.querySelectorAll('svg').length })))) {
    assert.equal(pair.signs, pair.departs === 'null' ? 0 : 1, pair.field);
    if (pair.departs === 'true') assert.match(pair.text, /vượt dung sai/);
    if ((found.properties[pair.field] ?? null) === null) assert.match(pair.text, /không có số liệu/);
  }
  assert.match(await one.page.textContent('.departs'), /không phải kết luận vi phạm/);
  noted += 1;
  const text = `Đối chiếu giấy phép lần ${noted}: cần đo lại.`;
  await one.press('.actions .action:has-text("Ghi chú")');
  await one.type('#note-text', text);
  await one.type('#note-reason', 'Kiểm tra hồ sơ');
  await one.press('.drawer .form .primary');
  await one.see('[data-notice="ok"]', 'attached');
  await one.page.waitForFunction(() => /Kiểm tra hồ sơ/.test(document.querySelector('.history > li')?.textContent ?? ''), undefined, { timeout: WAIT_MS });
  const { body: after } = await api(`/api/collections/sites/items/${id}`, undefined, PLANNER);
  assert.ok(Object.values(after.properties).includes(text));
  const { body: history } = await api(`/api/collections/sites/items/${id}/history`, undefined, PLANNER);
  assert.equal(history.entries[0].reason, 'Kiểm tra hồ sơ');
  await one.done();
});

/** A photo drawn by the browser, another one every time. */
const photo = async (page, seed) => ({ name: 'anh.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(await page.evaluate(async (hue) => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [320, 240];
  const context = canvas.getContext('2d');
  context.fillStyle = `hsl(${hue} 60% 50%)`;
  context.fillRect(0, 0, 320, 240);
  const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', 0.9); });
  return [...new Uint8Array(await blob.arrayBuffer())];
}, seed)) });

eachWay('an officer records a violation with a photo', {}, async (way) => {
  const { bounds } = await site();
  const place = [Number(((bounds[0] + bounds[2]) / 2).toFixed(6)), Number(((bounds[1] + bounds[3]) / 2).toFixed(6))];
  const one = await person(browser, way, `lang=vi&layers=violations&${at(place, 17)}`);
  if (one.isPhone) {
    await one.context.grantPermissions(['geolocation'], { origin: BASE });
    await one.context.setGeolocation({ longitude: place[0], latitude: place[1], accuracy: 8 });
  }
  await one.room('record');
  const chooser = async (selector) => {
    const waiting = one.page.waitForEvent('filechooser', { timeout: WAIT_MS });
    await one.press(selector);
    await (await waiting).setFiles(await photo(one.page, 37 * WAYS.indexOf(way)));
    await one.see('.thumb');
  };
  if (one.isPhone) {
    await one.press('.tile[data-code="street_vending"]');
    await one.page.waitForFunction(() => /8 m/.test(document.querySelector('.quick-place')?.textContent ?? ''), undefined, { timeout: WAIT_MS });
    await chooser('[data-do="camera"]');
    await one.press('.quick .primary');
  } else {
    await one.choose('#record-layer', 'violations');
    await one.see('.panel .geometry');
    if (way.hand.name === 'keyboard') {
      await one.type('#place-lon', String(place[0]));
      await one.type('#place-lat', String(place[1]));
    } else await one.pressMap(place);
    await one.choose('#field-category', 'street_vending');
    await chooser('.panel .photos [data-do="photo"]');
    await one.press('.panel .form > .form-actions .primary');
  }
  await one.see('.drawer .facts');
  const id = (await one.page.getAttribute('.drawer', 'data-item')).split('/')[1];
  const { body } = await api(`/api/collections/violations/items/${id}`);
  assert.equal(body.properties.category, 'street_vending');
  assert.equal(body.properties.state, 'found');
  assert.equal(body.properties.photos.length, 1);
  const off = Math.hypot(body.geometry.coordinates[0] - place[0], body.geometry.coordinates[1] - place[1]);
  assert.ok(off < 0.00005, `${off} degrees away`);
  assert.equal((await fetch(`${BASE}/attachments/${body.properties.photos[0]}`)).status, 200);
  await one.done();
});

eachWay('a leader looks at how classes moved between two dates', {}, async (way) => {
  const one = await person(browser, way, 'lang=vi&layers=zones');
  await one.room('moves');
  await one.choose('#moves-years', '2022-12-31');
  await one.page.waitForFunction(() => document.querySelector('.moves-table caption')?.textContent.includes('31/12/2022'), undefined, { timeout: WAIT_MS });
  const { body: told } = await api('/api/collections/zones/moves?field=class&from=2021-12-31&to=2022-12-31');
  const cells = await one.page.$$eval('.moves-table [data-cell]', (buttons) => Object.fromEntries(buttons.map((button) => [button.dataset.cell, Number(button.textContent)])));
  assert.deepEqual(cells, Object.fromEntries(told.flows.map((flow) => [`${flow.from}>${flow.to}`, flow.count])));
  // The sums of the flows are what the layer counts on either day.
  for (const [side, day] of [['from', '2021-12-31'], ['to', '2022-12-31']]) {
    const { body } = await api(`/api/collections/zones/count?by=class&datetime=${day}`);
    const sums = {};
    for (const [key, count] of Object.entries(cells)) {
      const [from, to] = key.split('>');
      const end = side === 'from' ? from : to;
      sums[end] = (sums[end] ?? 0) + count;
    }
    assert.deepEqual(sums, body.by, day);
  }
  const first = await one.page.$eval('.moves-list', (list) => list.dataset.change);
  assert.equal(first, told.moves[0].change, 'what got worse stands in front');
  assert.match(await one.page.textContent('.moves'), /Tổ Mẫu 8 chuyển từ trọng điểm về ma túy xuống .* \(12\/2022\)/);
  await one.press('[data-cell="key>low_complexity"]');
  await one.see('.moves-picked');
  assert.equal(await one.page.locator('.move').count(), told.flows.find((flow) => flow.from === 'key' && flow.to === 'low_complexity').count);
  await one.page.waitForFunction(() => globalThis.diabanMap.querySourceFeatures('page-marked').length > 0, undefined, { timeout: WAIT_MS });
  const link = one.page.url();
  await one.press('.move button');
  await one.see('.drawer .facts');
  assert.match(await one.page.textContent('.drawer h2'), /Tổ Mẫu 8/);
  assert.equal(await one.page.textContent('.drawer [data-field="decision_no"] dd'), told.moves.find((move) => move.label === 'Tổ Mẫu 8').properties.decision_no);
  // The link opens the same comparison.
  await one.page.goto(link);
  await one.page.waitForFunction(() => document.querySelector('.moves-table caption')?.textContent.includes('31/12/2022'), undefined, { timeout: WAIT_MS });
  // Swapped, the same flows run the other way.
  await one.press('.moves-days .icon-button');
  await one.page.waitForFunction(() => document.querySelector('[data-cell="low_complexity>key"]') !== null, undefined, { timeout: WAIT_MS });
  assert.match(await one.page.textContent('.moves'), /ngược thời gian/);
  await one.done();
});

eachWay('an exporter takes a GeoJSON of a drawn area', {}, async (way) => {
  const { bounds, as_of: asOf } = await site();
  const [x, y] = [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2];
  const corners = [[x - 0.003, y - 0.002], [x + 0.003, y - 0.0025], [x + 0.002, y + 0.003], [x - 0.0025, y + 0.002]].map((pair) => pair.map((n) => Number(n.toFixed(6))));
  const one = await person(browser, way, `lang=vi&period=all&layers=violations&${at([x, y], zoomOf(way))}`);
  await one.room('filter');
  if (way.hand.name === 'keyboard') {
    await one.press('.filter-part details:has(#area-corners) > summary');
    await one.type('#area-corners', corners.map(([lon, lat]) => `${lon} ${lat}`).join('\n'));
    await one.press('#area-apply');
  } else {
    await one.press('#draw-polygon');
    await one.see('.area-drawing', 'attached');
    await one.page.waitForFunction(() => globalThis.diabanMap.getSource('page-drawing-polygon') !== undefined, undefined, { timeout: WAIT_MS });
    if (one.isPhone) await one.page.evaluate(([lon, lat]) => globalThis.diabanMap.jumpTo({ center: [lon, lat - 0.0035] }), [x, y]);
    for (const corner of corners) await one.pressMap(corner);
    await one.press('.area-drawing .primary');
  }
  await one.page.waitForFunction(() => new URLSearchParams(location.search).has('area'), undefined, { timeout: WAIT_MS });
  const ring = areaOf(one.page);
  // The outline is the one that was meant, to the pixel or to the typed decimal.
  assert.equal(new Set(ring.map(String)).size, 4);
  for (const corner of corners) assert.ok(ring.some(([lon, lat]) => Math.hypot(lon - corner[0], lat - corner[1]) < 0.0002), `${corner} in ${ring}`);
  const known = await allOf('violations', `datetime=../${asOf}`);
  const expected = idsOf(known.filter((feature) => feature.geometry && isIn(feature.geometry.coordinates, ring)));
  assert.ok(expected.length > 0 && expected.length < known.length);
  await one.room('data');
  const file = await one.download('a[download="violations.geojson"]');
  assert.deepEqual(idsOf(file.features), expected);
  await one.done();
});

/** Close enough that the corners stand apart, far enough that all are on the screen. */
function zoomOf(way) {
  return way.where === 'phone' ? 14.5 : 15.5;
}

eachWay('a newcomer\'s first five minutes with the tour', {}, async (way) => {
  const one = await person(browser, way, 'lang=vi', { isFirstVisit: true });
  await one.see('.tour');
  const steps = [];
  while ((await one.page.locator('.tour').count()) > 0) {
    const name = await one.page.textContent('#tour-name');
    assert.ok(!steps.includes(name), 'the tour stands still');
    steps.push(name);
    await one.press('.tour .primary');
    await one.page.waitForFunction((old) => document.querySelector('#tour-name')?.textContent !== old, name);
  }
  assert.ok(steps.length >= 4);
  // Looks for a place by a word without marks, opens it, reads, goes back.
  await one.type('.find-box input', 'to mau 8');
  await one.see('[role="option"]:has-text("Tổ Mẫu 8")');
  if (way.hand.name === 'keyboard') {
    await one.page.keyboard.press('ArrowDown');
    await one.page.keyboard.press('Enter');
  } else await one.press('[role="option"]:has-text("Tổ Mẫu 8")');
  await one.see('.drawer .facts');
  assert.match(await one.page.textContent('.drawer h2'), /Tổ Mẫu 8/);
  await one.page.keyboard.press('Escape');
  await one.see('.drawer', 'detached');
  // Has seen the tour, and finds help where it was promised.
  await one.page.reload();
  await one.page.waitForFunction(() => globalThis.diabanMap?.loaded(), undefined, { timeout: WAIT_MS });
  assert.equal(await one.page.locator('.tour').count(), 0);
  if (one.isPhone) {
    await one.room('more');
    await one.press('[data-look="help"]');
  } else await one.press('.rail-help');
  await one.see('dialog[open]');
  await one.page.keyboard.press('Escape');
  await one.see('dialog[open]', 'detached');
  await one.done();
});
