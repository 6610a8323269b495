// Photos in a form: sent at once, kept when a sending fails, ordered, removed; and in the drawer as a strip
// with a large view.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WAIT_MS, api, at, axe, caseIn, layerOf, launch, openPage, picture } from './support.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const read = async (layer, id) => (await api(`/api/collections/${layer}/items/${id}`)).body;

test('photos are added, ordered, removed and sent again; the drawer shows them', async () => {
  assert.ok((await layerOf('violations')).fields.some((field) => field.type === 'photos'), 'violations keep no photos');
  const feature = await caseIn('found');
  const { page, context, wrong } = await openPage(browser, `lang=vi&period=all&${at(feature.geometry.coordinates)}&sel=violations/${feature.id}`);
  await page.click('.actions .action:has-text("Sửa")');
  const files = [];
  for (const hue of [20, 140, 260]) files.push({ name: `${hue}.jpg`, mimeType: 'image/jpeg', buffer: Buffer.from(await picture(page, hue)) });
  // The first upload fails; the file stays and is sent again.
  let failures = 1;
  await page.route('**/attachments', (route) => {
    failures -= 1;
    return failures >= 0 ? route.abort() : route.continue();
  });
  await page.setInputFiles('.drawer .photo-file >> nth=0', files[0]);
  await page.waitForSelector('.thumb.is-failed');
  await page.click('.drawer .form > .form-actions .primary');
  await page.waitForFunction(() => /Gửi lại/.test(document.querySelector('.drawer .form-hint').textContent));
  await page.click('[data-do="retry"]');
  await page.waitForSelector('.thumb.is-done', { timeout: WAIT_MS });
  await page.setInputFiles('.drawer .photo-file >> nth=0', [files[1], files[2], { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('x') }]);
  await page.waitForFunction(() => document.querySelectorAll('.thumb.is-done').length === 3, undefined, { timeout: WAIT_MS });
  await page.click('.thumb.is-failed [data-do="remove"]');
  const order = await page.$$eval('.thumb', (thumbs) => thumbs.map((one) => one.dataset.photo));
  await page.click('.thumb:nth-child(3) .thumb-tools .icon-button >> nth=0');
  assert.deepEqual(await axe(page), []);
  await page.click('.drawer .form > .form-actions .primary');
  await page.waitForSelector('.strip-photo', { timeout: WAIT_MS });
  const { properties } = await read('violations', feature.id);
  assert.deepEqual(properties.photos, [order[0], order[2], order[1]]);
  await page.waitForFunction(() => [...document.querySelectorAll('.strip-photo img')].every((one) => one.complete && one.naturalWidth > 0), undefined, { timeout: WAIT_MS });
  await page.click('.strip-photo >> nth=0');
  await page.waitForSelector('dialog[open] .lightbox img');
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => /2 \/ 3/.test(document.querySelector('.lightbox-tools [role="status"]').textContent));
  await page.click('.lightbox-tools .secondary');
  await page.waitForFunction(() => document.querySelectorAll('.lightbox img').length === 2);
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog[open]', { state: 'detached' });
  assert.equal(await page.locator('.drawer').count(), 1);
  assert.deepEqual(wrong.csp, []);
  await context.close();
});
