// Generated forms: every layer's opens and judges what is typed; a reference with a new document; what is
// unsaved is guarded; two editors; a new version of a thing from a day on; coordinates copied.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BASE, WAIT_MS, api, axe, caseIn, items, launch, layerOf, layersWhere, openPage, patch, site } from './support.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const post = async (layer, feature) => {
  const { headers } = await api(`/api/collections/${layer}/items`, { method: 'POST', headers: { 'Content-Type': 'application/geo+json', Origin: BASE }, body: JSON.stringify({ type: 'Feature', geometry: null, ...feature }) });
  return headers.get('location').split('/').pop();
};
const read = async (layer, id) => (await api(`/api/collections/${layer}/items/${id}`)).body;
const isEditable = (layer) => layer.editable && !layer.derived && (layer.purpose ?? 'data') === 'data';

test('the form of every layer opens, shows every field and judges what is typed', async () => {
  const layers = await layersWhere(isEditable);
  assert.ok(layers.length >= 5);
  const { page, context, wrong } = await openPage(browser, 'lang=vi');
  await page.click('.rail-button.is-main');
  for (const layer of layers) {
    await page.selectOption('#record-layer', layer.id);
    await page.waitForFunction((want) => document.querySelector('.panel .form') !== null && want.every((name) => document.getElementById(`field-${name}`)), layer.fields.filter((field) => !field.read_only && field.name !== 'entity' && field.type !== 'photos').map((field) => field.name), { timeout: WAIT_MS });
    assert.equal(await page.locator('.panel .geometry').count(), layer.geometry === 'none' ? 0 : 1, layer.id);
    if (layer.geometry === 'any') assert.deepEqual(await page.$$eval('.kinds input', (boxes) => boxes.map((box) => box.value)), ['point', 'line', 'polygon']);
    assert.equal(await page.locator('.panel .photos').count(), layer.fields.some((field) => field.type === 'photos') ? 1 : 0, layer.id);
    // Wrong texts are told while they are typed, by the field's own rules.
    for (const field of layer.fields.filter((one) => !one.read_only && !one.system)) {
      const box = `#field-${field.name}`;
      if (field.type === 'integer' || field.type === 'number') {
        await page.fill(box, 'mười');
        await page.waitForSelector(`${box}-error`);
        if (typeof field.min === 'number') {
          await page.fill(box, String(field.min - 1));
          await page.waitForSelector(`${box}-error`);
        }
        await page.fill(box, '');
        await page.waitForSelector(`${box}-error`, { state: 'detached' });
      }
    }
    await page.click('.panel .form > .form-actions .primary');
    const required = layer.fields.filter((field) => field.required && !field.read_only);
    for (const field of required) {
      const text = await page.inputValue(`#field-${field.name}`);
      assert.equal(await page.locator(`#field-${field.name}-error`).count(), text === '' ? 1 : 0, `${layer.id}.${field.name}`);
    }
    // At its end nothing lies under the row of buttons that sticks to the foot of the form.
    // The first wrong box takes the focus, and the view with it, in the next frame.
    await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
    await page.$eval('.panel .panel-body', (body) => body.scrollTo(0, body.scrollHeight));
    assert.deepEqual(await axe(page), [], layer.id);
    assert.equal(await page.locator('dialog[open]').count(), 0);
  }
  assert.deepEqual(wrong, { foreign: [], csp: [], errors: [] });
  await context.close();
});

test('what the server refuses is told beside the box it names', async () => {
  const feature = await caseIn('found');
  const { page, context } = await openPage(browser, `lang=vi&period=all&sel=violations/${feature.id}`);
  await page.click('.actions .action:has-text("Sửa")');
  // A citizen's number: the page does not look for personal data, the server does.
  await page.fill('.drawer #field-address', 'CCCD 014098001234');
  await page.click('.drawer .form > .form-actions .primary');
  await page.waitForSelector('#field-address-error', { timeout: WAIT_MS });
  assert.equal(await page.getAttribute('.drawer #field-address', 'aria-invalid'), 'true');
  assert.equal((await read('violations', feature.id)).properties.address, feature.properties.address);
  await page.fill('.drawer #field-address', 'Ngõ 2');
  await page.waitForSelector('#field-address-error', { state: 'detached' });
  await context.close();
});

test('a form with unsaved values is not lost by a stray key', async () => {
  const feature = await caseIn('found');
  const { page, context } = await openPage(browser, `lang=vi&period=all&sel=violations/${feature.id}`);
  await page.click('.actions .action:has-text("Sửa")');
  await page.fill('.drawer #field-address', 'Chưa lưu');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog[open].dialog-leave');
  assert.deepEqual(await axe(page), []);
  await page.click('[data-do="stay"]');
  await page.waitForSelector('dialog[open]', { state: 'detached' });
  assert.equal(await page.inputValue('.drawer #field-address'), 'Chưa lưu');
  await page.click('.drawer-head .icon-button');
  await page.click('[data-do="discard"]');
  await page.waitForSelector('.drawer', { state: 'detached' });
  assert.notEqual((await read('violations', feature.id)).properties.address, 'Chưa lưu');
  await context.close();
});

test('two editors: what the other changed is shown, and saving again keeps both', async () => {
  const feature = await caseIn('found');
  const { page, context } = await openPage(browser, `lang=vi&period=all&sel=violations/${feature.id}`);
  await page.click('.actions .action:has-text("Sửa")');
  await page.fill('.drawer #field-address', 'Phần của tôi');
  await patch('violations', feature.id, { properties: { remedy: 'Phần của người khác', address: 'Địa chỉ khác' } });
  await page.click('.drawer .form > .form-actions .primary');
  await page.waitForSelector('.conflict', { timeout: WAIT_MS });
  assert.match(await page.textContent('[data-conflict="remedy"]'), /Phần của người khác/);
  assert.match(await page.textContent('[data-conflict="address"]'), /Địa chỉ khác.*Phần của tôi/s);
  assert.equal((await read('violations', feature.id)).properties.address, 'Địa chỉ khác');
  await page.click('[data-do="reapply"]');
  await page.waitForSelector('.drawer .actions', { timeout: WAIT_MS });
  const { properties } = await read('violations', feature.id);
  assert.equal(properties.address, 'Phần của tôi');
  assert.equal(properties.remedy, 'Phần của người khác');
  await context.close();
});

test('a document is made and cited without leaving the form', async () => {
  const feature = await caseIn('found');
  const { page, context } = await openPage(browser, `lang=vi&period=all&sel=violations/${feature.id}`);
  await page.click('.actions .action:has-text("Sửa")');
  await page.click('[data-do="make-decision"]');
  const documents = await layerOf('documents');
  for (const field of documents.fields.filter((one) => one.required && !one.read_only)) {
    if (field.type === 'code') await page.selectOption(`#mini-${field.name}`, { index: 1 });
    else await page.fill(`#mini-${field.name}`, field.name === 'number' ? '99/QĐ-THỬ' : 'Văn bản thử');
  }
  await page.click('[data-do="mini-save"]');
  await page.waitForFunction(() => document.querySelector('#field-decision')?.value === '99/QĐ-THỬ', undefined, { timeout: WAIT_MS });
  await page.click('.drawer .form > .form-actions .primary');
  await page.waitForSelector('.drawer .actions', { timeout: WAIT_MS });
  const { properties } = await read('violations', feature.id);
  assert.equal((await read('documents', properties.decision)).properties.number, '99/QĐ-THỬ');
  // The reference can be found by typing part of it without marks, and cleared.
  await page.click('.actions .action:has-text("Sửa")');
  await page.click('.drawer .combo:has(#field-decision) .icon-button');
  await page.fill('.drawer #field-decision', '99/qd-thu');
  await page.waitForSelector('.combo-list [role="option"]', { timeout: WAIT_MS });
  await page.keyboard.press('Enter');
  assert.equal(await page.getAttribute('.drawer #field-decision', 'data-value'), properties.decision);
  await context.close();
});

test('a new version of a unit closes the old one on the day the new one begins', async () => {
  const { as_of: asOf } = await site();
  const units = await layerOf('units');
  const kind = units.fields.find((field) => field.name === 'kind').codes[0].code;
  const id = await post('units', { properties: { code: 'TPB', name: 'Tổ thử phiên bản', kind, valid_from: '2020-01-01' } });
  const old = await read('units', id);
  const { page, context } = await openPage(browser, `lang=vi&asof=${asOf}&sel=units/${id}`);
  await page.click('.actions .action:has-text("Phiên bản mới")');
  await page.waitForSelector('.drawer #field-valid_from');
  await page.fill('.drawer #field-valid_from', '01/01/2020');
  await page.press('.drawer #field-valid_from', 'Tab');
  await page.click('.drawer .form > .form-actions .primary');
  await page.waitForSelector('#field-valid_from-error', { timeout: WAIT_MS });
  assert.equal((await read('units', id)).properties.valid_to ?? null, null);
  await page.fill('.drawer #field-valid_from', '01/07/2024');
  await page.press('.drawer #field-valid_from', 'Tab');
  await page.fill('.drawer #field-name', 'Tổ thử phiên bản hai');
  await page.click('.drawer .form > .form-actions .primary');
  await page.waitForFunction((was) => !document.querySelector('.drawer')?.dataset.item.endsWith(was) && document.querySelector('.drawer .facts'), id, { timeout: WAIT_MS });
  const next = (await page.getAttribute('.drawer', 'data-item')).split('/')[1];
  const fresh = await read('units', next);
  assert.equal((await read('units', id)).properties.valid_to, '2024-07-01');
  assert.equal(fresh.properties.valid_from, '2024-07-01');
  assert.equal(fresh.properties.entity, old.properties.entity);
  assert.equal(fresh.properties.name, 'Tổ thử phiên bản hai');
  const { features } = await items('units', `entity=${old.properties.entity}&datetime=2024-06-30`);
  assert.deepEqual(features.map((one) => one.id), [id]);
  await context.close();
});

test('coordinates are copied in degrees and in VN-2000 metres', async () => {
  const feature = await caseIn('found');
  const [lon, lat] = feature.geometry.coordinates;
  const { page, context } = await openPage(browser, `lang=vi&period=all&sel=violations/${feature.id}`);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.click('[data-copy="wgs84"]');
  await page.waitForSelector('[data-notice="ok"]');
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${lat.toFixed(7)}, ${lon.toFixed(7)}`);
  await page.click('[data-copy="vn2000"]');
  await page.waitForFunction(() => /VN-2000/.test(document.querySelector('[data-notice="ok"]')?.textContent ?? ''));
  const [east, north] = (await page.evaluate(() => navigator.clipboard.readText())).split('\t').map(Number);
  assert.ok(east > 400_000 && east < 620_000 && north > 2_270_000 && north < 2_440_000, `${east} ${north}`);
  await context.close();
});
