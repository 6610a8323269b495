// A phone: the four taps that record a violation with a photo, sheets of three heights without dragging,
// my location, and what is said where the browser refuses it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BASE, PHONE, WAIT_MS, api, axe, launch, layersWhere, openPage, picture, site } from './support.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

async function openPhone(query, place) {
  const opened = await openPage(browser, query, { viewport: PHONE });
  if (place) {
    await opened.context.grantPermissions(['geolocation'], { origin: BASE });
    await opened.context.setGeolocation(place);
  }
  return opened;
}

test('a violation with a photo is recorded in four taps', async () => {
  const { bounds, today } = await site();
  const place = { longitude: (bounds[0] + bounds[2]) / 2, latitude: (bounds[1] + bounds[3]) / 2, accuracy: 12 };
  const { page, context, wrong } = await openPhone('lang=vi', place);
  let taps = 0;
  const tap = async (selector) => {
    await page.waitForSelector(selector);
    const box = await page.locator(selector).first().boundingBox();
    assert.ok(box.width >= 44 && box.height >= 44, `${selector} is ${box.width} × ${box.height}`);
    taps += 1;
    await page.tap(selector);
  };
  await tap('.rail-button.is-main');
  await tap('.tile[data-code="street_vending"]');
  await page.waitForFunction(() => /12 m/.test(document.querySelector('.quick-place').textContent), undefined, { timeout: WAIT_MS });
  const hasPhotos = (await layersWhere((one) => one.id === 'violations'))[0].fields.some((field) => field.type === 'photos');
  assert.ok(hasPhotos, 'violations keep no photos');
  const chooser = page.waitForEvent('filechooser');
  await tap('[data-do="camera"]');
  await (await chooser).setFiles({ name: 'anh.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(await picture(page, 80)) });
  await page.waitForSelector('.thumb');
  assert.deepEqual(await axe(page), []);
  await tap('.quick .primary');
  await page.waitForSelector('.drawer .facts', { timeout: WAIT_MS });
  assert.equal(taps, 4);
  const id = (await page.getAttribute('.drawer', 'data-item')).split('/')[1];
  const { body } = await api(`/api/collections/violations/items/${id}`);
  assert.equal(body.properties.category, 'street_vending');
  assert.equal(body.properties.state, 'found');
  assert.equal(body.properties.found_on, today);
  assert.equal(body.properties.accuracy_m, 12);
  assert.equal(body.properties.photos.length, 1);
  assert.ok(Math.hypot(body.geometry.coordinates[0] - place.longitude, body.geometry.coordinates[1] - place.latitude) < 1e-6);
  assert.deepEqual(wrong, { foreign: [], csp: [], errors: [] });
  await context.close();
});

test('without a fix the place is the middle of the map, and it says why', async () => {
  const { page, context } = await openPhone('lang=vi&at=103.999,21.4,17');
  await page.tap('.rail-button.is-main');
  await page.tap('.tile >> nth=0');
  await page.waitForSelector('.quick-place .hint', { timeout: WAIT_MS });
  const center = await page.evaluate(() => globalThis.diabanMap.getCenter().toArray());
  await page.tap('.quick .primary');
  await page.waitForSelector('.drawer .facts', { timeout: WAIT_MS });
  const id = (await page.getAttribute('.drawer', 'data-item')).split('/')[1];
  const { body } = await api(`/api/collections/violations/items/${id}`);
  assert.ok(Math.hypot(body.geometry.coordinates[0] - center[0], body.geometry.coordinates[1] - center[1]) < 1e-6);
  assert.equal(body.properties.accuracy_m ?? null, null);
  await context.close();
});

test('a sheet has three heights by its buttons and by dragging', async () => {
  const { page, context } = await openPhone('lang=en');
  await page.tap('.rail-button >> nth=0');
  const height = () => page.$eval('.panel', (panel) => panel.offsetHeight / innerHeight);
  const half = await height();
  await page.tap('.panel [data-do="sheet-up"]');
  const full = await height();
  await page.tap('.panel [data-do="sheet-down"]');
  await page.tap('.panel [data-do="sheet-down"]');
  const peek = await height();
  assert.ok(peek < half - 0.2 && half < full - 0.2, `${peek} ${half} ${full}`);
  assert.deepEqual(await axe(page), []);
  const grip = await page.locator('.panel .handle-bar').boundingBox();
  await page.mouse.move(grip.x + 10, grip.y + 2);
  await page.mouse.down();
  await page.mouse.move(grip.x + 10, 120, { steps: 5 });
  await page.mouse.up();
  await page.waitForFunction(() => document.querySelector('.panel').dataset.size === 'full');
  for (const button of await page.$$('.panel .handle button')) {
    const box = await button.boundingBox();
    assert.ok(box.width >= 44 && box.height >= 44);
  }
  await context.close();
});

test('my location is a dot in its circle', async () => {
  const { bounds } = await site();
  const place = { longitude: bounds[0] + 0.004, latitude: bounds[1] + 0.005, accuracy: 40 };
  const { page, context, wrong } = await openPhone('lang=vi', place);
  await page.tap('[data-do="locate"]');
  await page.waitForFunction(() => globalThis.diabanMap.getSource('page-here') !== undefined && globalThis.diabanMap.queryRenderedFeatures({ layers: ['page-here-dot', 'page-here-circle'] }).length >= 2, undefined, { timeout: WAIT_MS });
  const center = await page.evaluate(() => globalThis.diabanMap.getCenter().toArray());
  assert.ok(Math.abs(center[0] - place.longitude) < 1e-4);
  // The dot outlives a change of theme, which brings a new style.
  await page.tap('[data-open="more"]');
  await page.tap('[data-look="theme"]');
  await page.waitForFunction(() => globalThis.diabanMap.getSource('page-here') !== undefined && globalThis.diabanMap.isStyleLoaded(), undefined, { timeout: WAIT_MS });
  assert.deepEqual(wrong.csp, []);
  await context.close();
});

test('on plain http the page says why it cannot know the place', async () => {
  const { page, context } = await openPhone('lang=vi');
  await page.evaluate(() => Object.defineProperty(globalThis, 'isSecureContext', { value: false, configurable: true }));
  await page.tap('[data-do="locate"]');
  await page.waitForSelector('[data-notice="error"]');
  assert.match(await page.textContent('[data-notice="error"]'), /https/);
  await context.close();
});
