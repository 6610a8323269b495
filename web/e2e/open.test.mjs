// The page opens on its own: no other host, no CSP report, no axe violation, labels drawn, in both
// languages, on a desk and on a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PHONE, axe, layerOf, launch, openPage, site } from './support.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

test('the ward is drawn with its labels, and no other host is asked', async () => {
  const { page, context, wrong } = await openPage(browser);
  await page.waitForFunction(() => globalThis.diabanMap.queryRenderedFeatures({ layers: ['zones-label'] }).length > 0);
  const drawn = await page.evaluate(() => {
    const map = globalThis.diabanMap;
    const count = (layers) => map.queryRenderedFeatures({ layers: layers.filter((id) => map.getLayer(id)) }).length;
    return { zones: count(['zones-fill']), labels: count(['zones-label']), incidents: count(['incidents-circle', 'incidents-mark']), violations: count(['violations-circle', 'violations-mark']) };
  });
  for (const [what, count] of Object.entries(drawn)) assert.ok(count > 0, `no ${what} on the map`);
  const tones = await page.evaluate(() => new Promise((resolve) => {
    const map = globalThis.diabanMap;
    map.once('render', () => {
      const gl = map.getCanvas().getContext('webgl2');
      const pixels = new Uint8Array(gl.drawingBufferWidth * gl.drawingBufferHeight * 4);
      gl.readPixels(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
      const seen = new Set();
      for (let at = 0; at < pixels.length; at += 4 * 97) seen.add(`${pixels[at]},${pixels[at + 1]},${pixels[at + 2]}`);
      resolve(seen.size);
    });
    map.triggerRepaint();
  }));
  assert.ok(tones > 20, `only ${tones} colours on the canvas`);
  assert.deepEqual(wrong, { foreign: [], csp: [], errors: [] });
  await context.close();
});

for (const lang of ['vi', 'en']) {
  for (const [name, viewport] of [['desk', undefined], ['phone', PHONE]]) {
    for (const theme of ['light', 'dark']) {
      test(`axe finds nothing: ${lang}, ${name}, ${theme}`, async () => {
        const { page, context, wrong } = await openPage(browser, `lang=${lang}&theme=${theme}`, viewport ? { viewport } : {});
        assert.deepEqual(await axe(page), []);
        assert.equal(await page.getAttribute('html', 'lang'), lang);
        assert.deepEqual(wrong, { foreign: [], csp: [], errors: [] });
        await context.close();
      });
    }
  }

  test(`every room speaks ${lang}`, async () => {
    const { page, context, wrong } = await openPage(browser, `lang=${lang}&f=violations.state:found&list=violations`);
    const violations = await layerOf('violations');
    const code = violations.fields.find((field) => field.name === 'state').codes.find((one) => one.code === 'found');
    await page.waitForSelector('.sheet tbody tr');
    assert.ok((await page.textContent('.chip')).includes(code[lang]));
    const seen = [await page.textContent('body')];
    for (const button of await page.$$('.rail-button:not(.is-quiet)')) {
      await button.click();
      seen.push(await page.textContent('body'));
      assert.deepEqual(await axe(page), []);
    }
    const text = seen.join('\n');
    const other = lang === 'vi' ? 'en' : 'vi';
    for (const title of [violations.title, (await site()).title]) {
      assert.ok(text.includes(title[lang]), title[lang]);
      if (title.vi !== title.en) assert.ok(!text.includes(title[other]), `${title[other]} on a page in ${lang}`);
    }
    assert.ok(!/\b(layers|drawer|form|time|error|list|rail)\.[a-z_]+\b/.test(text), 'a text key is shown');
    assert.ok(!/undefined|NaN|\[object/.test(text));
    assert.deepEqual(wrong, { foreign: [], csp: [], errors: [] });
    await context.close();
  });
}

test('demonstration data is named on the map', async () => {
  const { page, context } = await openPage(browser, 'lang=vi');
  assert.match(await page.textContent('.map-foot'), /Dữ liệu minh hoạ/i);
  await context.close();
});
