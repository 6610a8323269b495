// Without WebGL the ward is still there: a sketch whose areas open the drawer by click and by keyboard.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BASE, axe, items, launch, site } from './support.mjs';

let browser;
before(async () => { browser = await launch(['--disable-gpu', '--disable-webgl', '--disable-3d-apis']); });
after(() => browser.close());

test('a browser without WebGL shows a sketch that can be used', async () => {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
  const page = await context.newPage();
  await page.addInitScript(() => localStorage.setItem('diaban.tour', 'seen'));
  await page.goto(`${BASE}/?lang=vi`);
  await page.waitForSelector('.sketch-area');
  const { as_of: asOf } = await site();
  const { features } = await items('zones', `datetime=${asOf}&located=true&limit=1000`);
  const names = await page.$$eval('.sketch-name', (texts) => texts.map((text) => text.textContent));
  assert.deepEqual(names.toSorted(), features.map((feature) => feature.properties.name).toSorted());
  assert.match(await page.textContent('.map-blind'), /WebGL/);
  assert.deepEqual(await axe(page), []);
  await page.focus('.sketch-area');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.drawer .facts');
  const chosen = await page.textContent('.drawer h2');
  assert.ok(names.some((name) => chosen.includes(name)), chosen);
  await context.close();
});
