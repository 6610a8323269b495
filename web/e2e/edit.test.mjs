// Editing in the browser: change a state and see it in a second browser, recolour a zone from outside,
// create, move, delete and restore. Every test leaves its own features behind and touches no other's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WAIT_MS, api, at, axe, caseIn, items, launch, layerOf, openPage, patch, screenOf, settled, site } from './support.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const drawnState = (page, id) => page.evaluate((wanted) => {
  const map = globalThis.diabanMap;
  return map.queryRenderedFeatures({ layers: ['violations-mark', 'violations-circle'].filter((one) => map.getLayer(one)) }).find((one) => one.properties.id === wanted)?.properties.state ?? null;
}, id);

/** Waits until the map draws the case in the state (null: not at all). */
async function untilDrawn(page, id, state) {
  const end = Date.now() + WAIT_MS;
  while (Date.now() < end) {
    if ((await drawnState(page, id)) === state) return;
    await page.waitForTimeout(100);
  }
  assert.equal(await drawnState(page, id), state);
}

test('a state changed in one browser is seen in another without a reload', async () => {
  const feature = await caseIn('found');
  const query = `period=all&layers=violations&${at(feature.geometry.coordinates)}&sel=violations/${feature.id}`;
  const one = await openPage(browser, `lang=vi&${query}`);
  const two = await openPage(browser, `lang=en&${query}`);
  await untilDrawn(two.page, feature.id, 'found');
  await one.page.click('.action.is-main');
  const offered = await one.page.$$eval('.choice input', (boxes) => boxes.map((box) => box.value));
  const flow = (await layerOf('violations')).workflows.find((workflow) => workflow.field === 'state');
  assert.deepEqual(offered.toSorted(), flow.next.found.toSorted());
  assert.deepEqual(await axe(one.page), []);
  await one.page.check('.choice input[value="reminded"]');
  await one.page.click('.form .primary');
  await one.page.waitForSelector('[data-notice="ok"]', { timeout: WAIT_MS });
  assert.equal((await api(`/api/collections/violations/items/${feature.id}`)).body.properties.state, 'reminded');
  await two.page.waitForSelector('.drawer .badge[data-field="state"][data-code="reminded"]', { timeout: WAIT_MS });
  await untilDrawn(two.page, feature.id, 'reminded');
  await untilDrawn(one.page, feature.id, 'reminded');
  await one.page.waitForFunction(() => document.querySelectorAll('.steps li').length >= 2);
  await one.context.close();
  await two.context.close();
});

test('a refused change says why and says nothing was saved', async () => {
  const feature = await caseIn('found');
  const { page, context } = await openPage(browser, `lang=en&period=all&sel=violations/${feature.id}`);
  await page.click('.action.is-main');
  await page.route('**/api/collections/violations/items/*', (route) => (route.request().method() === 'PATCH' ? route.abort() : route.continue()));
  await page.check('.choice input >> nth=0');
  await page.click('.form .primary');
  await page.waitForSelector('[data-notice="error"]');
  assert.match(await page.textContent('[data-notice="error"]'), /Nothing was saved/);
  assert.equal(await page.locator('[data-notice="ok"]').count(), 0);
  await context.close();
});

test('a class changed by another program recolours the zone', async () => {
  const { as_of: asOf } = await site();
  const { features } = await items('unit_classes', `datetime=${asOf}&limit=1000`);
  const row = features.find((one) => one.properties.class === 'low_complexity' || one.properties.class === 'has_drug_problem');
  const before = row.properties.class;
  const { page, context } = await openPage(browser, 'lang=vi&layers=zones');
  const colour = () => page.evaluate((unit) => {
    const hit = globalThis.diabanMap.queryRenderedFeatures({ layers: ['zones-fill'] }).find((one) => one.properties.unit === unit);
    return hit ? `${hit.properties.class} ${JSON.stringify(hit.layer.paint['fill-color'])}` : null;
  }, row.properties.unit);
  const old = await colour();
  assert.ok(old?.startsWith(before));
  await patch('unit_classes', row.id, { properties: { class: 'drug_free' } });
  const end = Date.now() + WAIT_MS;
  while ((await colour())?.startsWith('drug_free') !== true && Date.now() < end) await page.waitForTimeout(100);
  const now = await colour();
  assert.ok(now?.startsWith('drug_free'), now ?? 'the zone is gone');
  assert.notEqual(now.split(' ')[1], old.split(' ')[1]);
  const counted = (await api(`/api/collections/zones/count?by=class&datetime=${asOf}`)).body.by;
  await page.waitForFunction((want) => Number(document.querySelector('[data-layer="zones"] .code[data-code="drug_free"] .code-count').textContent) === want, counted.drug_free, { timeout: WAIT_MS });
  await patch('unit_classes', row.id, { properties: { class: before } });
  await context.close();
});

test('create by a click, move by typing, edit, delete and restore', async () => {
  const { bounds, as_of: asOf } = await site();
  const middle = [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2];
  const { page, context, wrong } = await openPage(browser, `lang=vi&layers=violations&${at(middle, 16)}`);
  await page.click('.rail-button.is-main');
  await page.waitForSelector('.is-picking #place-lon');
  const spot = await screenOf(page, middle);
  await page.mouse.click(spot.x + 40, spot.y + 30);
  await page.waitForFunction(() => document.querySelector('#place-lon').value !== '');
  await page.click('.form .primary');
  await page.waitForSelector('.field-error');
  assert.deepEqual(await axe(page), []);
  await page.selectOption('#field-category', 'noise');
  await page.fill('#field-address', 'Ngõ thử nghiệm 1');
  await page.click('.form .primary');
  await page.waitForSelector('.drawer .facts', { timeout: WAIT_MS });
  const id = (await page.getAttribute('.drawer', 'data-item')).split('/')[1];
  const made = (await api(`/api/collections/violations/items/${id}`)).body;
  assert.equal(made.properties.category, 'noise');
  assert.equal(made.properties.state, 'found');
  assert.equal(made.properties.found_on, asOf);
  await untilDrawn(page, id, 'found');

  await page.click('.actions .action:nth-of-type(3)');
  const target = [middle[0] + 0.0004, middle[1] + 0.0003].map((value) => value.toFixed(6));
  await page.fill('#place-lon', target[0]);
  await page.fill('#place-lat', target[1].replace('.', ','));
  await page.click('.form .primary');
  await page.waitForSelector('.drawer .actions');
  assert.deepEqual((await api(`/api/collections/violations/items/${id}`)).body.geometry.coordinates, target.map(Number));

  await page.waitForFunction(() => document.querySelectorAll('.history > li').length === 2);
  await page.click('.actions .action:nth-of-type(2)');
  await page.fill('.drawer #field-address', 'Ngõ thử nghiệm 2');
  await page.fill('#form-reason', 'Sửa địa chỉ');
  await page.click('.form .primary');
  await page.waitForSelector('.drawer .actions');
  assert.equal((await api(`/api/collections/violations/items/${id}`)).body.properties.address, 'Ngõ thử nghiệm 2');
  await page.waitForFunction(() => document.querySelectorAll('.history > li').length === 3);
  assert.match(await page.textContent('.history > li'), /Sửa địa chỉ/);

  await page.click('.history > li:first-child .quiet');
  await page.click('.history .ask .primary');
  await page.waitForFunction(() => document.querySelector('[data-field="address"] dd')?.textContent === 'Ngõ thử nghiệm 1', undefined, { timeout: WAIT_MS });

  await page.click('.actions .action:last-of-type');
  await page.click('.ask .danger');
  await page.waitForSelector('.ask .primary', { timeout: WAIT_MS });
  await untilDrawn(page, id, null);
  assert.equal((await fetch(new URL(`/api/collections/violations/items/${id}`, page.url()))).status, 404);
  await page.click('.ask .primary');
  await page.waitForSelector('.drawer .facts', { timeout: WAIT_MS });
  await untilDrawn(page, id, 'found');
  await settled(page);
  assert.deepEqual(wrong.csp, []);
  await context.close();
});
