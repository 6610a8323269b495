// Reach: whole tasks without a mouse, focus that is seen and never caught, 400 % zoom, themes, targets,
// announcements, shortcuts that can be turned off, the tour, and measuring by typing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PHONE, WAIT_MS, api, axe, items, launch, layerOf, openPage, settled, site } from './support.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** What has the focus: where it is, whether it shows, and whether something lies over it. */
const focused = (page) => page.evaluate(() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const box = element.getBoundingClientRect();
  // A slider of the axis shows its focus on the handle that is drawn for it.
  const frame = element.matches('.axis-slider') ? [...element.closest('.axis-frame').querySelectorAll('*')] : [];
  const handles = frame.flatMap((one) => [getComputedStyle(one), getComputedStyle(one, '::after')]);
  const rings = [...[element, element.parentElement, element.closest('.find-box')].filter(Boolean).map((one) => getComputedStyle(one)), ...handles];
  const [x, y] = [Math.min(innerWidth - 1, Math.max(0, box.left + box.width / 2)), Math.min(innerHeight - 1, Math.max(0, box.top + box.height / 2))];
  const top = document.elementFromPoint(x, y);
  const isHidden = element.matches('.dayfield-picker') || box.width < 2 || getComputedStyle(element).pointerEvents === 'none';
  return {
    name: `${element.tagName.toLowerCase()}.${element.className}#${element.id} ${element.getAttribute('aria-label') ?? element.textContent?.slice(0, 30)}`,
    isRinged: rings.some((style) => style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2) || handles.some((style) => Number.parseFloat(style.borderLeftWidth) >= 3),
    isOnScreen: box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight,
    isFree: isHidden || top === null || element.contains(top) || top.contains(element) || top.closest('label')?.contains(element) === true,
  };
});

test('Tab goes through the page and out again; what it meets is seen', async () => {
  const { page, context } = await openPage(browser, 'lang=vi&list=violations');
  await page.waitForSelector('.sheet [data-id]');
  const seen = [];
  let out = 0;
  for (let press = 0; press < 400 && out === 0; press++) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (now === null) out = press;
    else seen.push(now);
  }
  assert.ok(out > 20, `the page can be left; met ${seen.length}`);
  for (const one of seen) assert.ok(one.isRinged && one.isOnScreen && one.isFree, JSON.stringify(one));
  const names = seen.map((one) => one.name).join('\n');
  for (const part of ['.skip', 'rail-button', 'layer-name', 'find', 'maplibregl-canvas', 'asof']) assert.ok(names.includes(part) || names.includes(part.slice(1)), `Tab never reached ${part}`);
  await context.close();
});

test('an analyst narrows, opens, reads and exports without a mouse', async () => {
  const { as_of: asOf } = await site();
  const { page, context, wrong } = await openPage(browser, 'lang=vi&period=all&layers=zones,violations');
  await page.focus('[data-layer="violations"] .code[data-code="found"]');
  await page.keyboard.press('Space');
  const { count } = (await api(`/api/collections/violations/count?datetime=../${asOf}&state=found`)).body;
  // The number is said as well as shown (4.1.3).
  await page.waitForFunction((n) => [...document.querySelectorAll('[aria-live="polite"]')].some((one) => one.textContent.includes(n)), new Intl.NumberFormat('vi-VN').format(count), { timeout: WAIT_MS });
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('l');
  await page.waitForSelector('.sheet [data-id]');
  await page.focus('.sheet [data-id] button, .sheet [data-id]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.drawer .facts', { timeout: WAIT_MS });
  const found = (await layerOf('violations')).fields.find((field) => field.name === 'state').codes.find((code) => code.code === 'found');
  assert.ok((await page.textContent('.drawer')).includes(found.vi));
  await page.keyboard.press('Control+k');
  await page.keyboard.type('>xuat vi pham');
  await page.waitForSelector('.find-option');
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  assert.match(download.url(), /\/export\/violations\?.*state=found/);
  assert.deepEqual(wrong.csp, []);
  await context.close();
});

test('shortcuts of one key can be turned off; Ctrl-K still works', async () => {
  const { page, context } = await openPage(browser, 'lang=vi');
  await page.keyboard.press('?');
  await page.waitForSelector('.dialog-help[open]');
  assert.deepEqual(await axe(page), []);
  const listed = await page.$$eval('.keys kbd', (keys) => keys.map((key) => key.textContent));
  assert.equal(new Set(listed).size, listed.length, 'no key does two things');
  await page.focus('.dialog-help input[type="checkbox"]');
  await page.keyboard.press('Space');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.dialog-help', { state: 'detached' });
  await page.keyboard.press('l');
  await page.keyboard.press('Control+k');
  await page.waitForFunction(() => document.activeElement?.id === 'find');
  assert.equal(await page.$('.sheet'), null);
  await context.close();
});

test('keys typed into a box are text, and Escape gives the focus back', async () => {
  const { page, context } = await openPage(browser, 'lang=vi');
  await page.focus('.layer-words');
  await page.keyboard.type('l?p1');
  assert.equal(await page.inputValue('.layer-words'), 'l?p1');
  assert.equal(await page.$('.sheet, dialog[open], .print-view'), null);
  await page.fill('.layer-words', '');
  await page.focus('#rail-list');
  await page.keyboard.press('?');
  await page.waitForSelector('.dialog-help[open]');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement?.id === 'rail-list');
  await context.close();
});

for (const [name, query] of [['layers', ''], ['list', '&list=violations'], ['drawer', '']]) {
  test(`at 400 % (320 px) the ${name} needs no sideways scrolling`, async () => {
    const { page, context } = await openPage(browser, `lang=vi${query}`, { viewport: { width: 320, height: 512 } });
    if (name === 'layers') await page.click('[data-open="layers"]');
    if (name === 'drawer') {
      const [first] = (await items('violations', `limit=1&located=true`)).features;
      await page.goto(`${new URL(page.url()).origin}/?lang=vi&sel=violations/${first.id}`);
      await page.waitForSelector('.drawer .facts', { timeout: WAIT_MS });
    }
    const wide = await page.evaluate(() => {
      const bad = [];
      for (const element of document.querySelectorAll('.panel-body *, .drawer *, .find *, .rail *, .time *, .sheet-head *')) {
        const box = element.getBoundingClientRect();
        const style = getComputedStyle(element);
        if (box.width === 0 || style.visibility === 'hidden' || element.closest('.sr-only, [hidden], .swatch, .tabs-scroll')) continue;
        if (box.right > innerWidth + 1 || box.left < -1) bad.push(`${element.tagName}.${element.className}: ${Math.round(box.left)}..${Math.round(box.right)}`);
      }
      return { page: document.documentElement.scrollWidth, bad: bad.slice(0, 8) };
    });
    assert.ok(wide.page <= 320, `${wide.page} px wide`);
    assert.deepEqual(wide.bad, []);
    await context.close();
  });
}

for (const [name, viewport, least] of [['desktop', undefined, 24], ['phone', PHONE, 44]]) {
  test(`targets on ${name} are at least ${least} px`, async () => {
    const { page, context } = await openPage(browser, 'lang=vi', viewport ? { viewport } : {});
    if (viewport) await page.click('[data-open="layers"]');
    const small = await page.evaluate((px) => [...document.querySelectorAll('button, select, a[href], input:not([type="checkbox"], [type="radio"], [type="range"])')].flatMap((element) => {
      const box = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      // A link in a sentence, what is hidden, and the visually hidden date picker are not targets (2.5.8).
      if (box.width === 0 || style.visibility === 'hidden' || element.closest('.sr-only, .skip, [inert]') || element.matches('.dayfield-picker, .skip')) return [];
      if (box.bottom < 0 || box.top > innerHeight || element.closest('.maplibregl-ctrl')) return [];
      return Math.min(box.width, box.height) < px - 0.5 ? [`${element.className || element.id} ${Math.round(box.width)}x${Math.round(box.height)} ${(element.getAttribute('aria-label') ?? element.textContent).slice(0, 24)}`] : [];
    }), least);
    assert.deepEqual(small, []);
    await context.close();
  });
}

for (const theme of ['light', 'dark', 'contrast']) {
  test(`the ${theme} theme has no fault axe can find`, async () => {
    const { page, context } = await openPage(browser, `lang=vi&theme=${theme}&list=violations`);
    await page.waitForSelector('.sheet [data-id]');
    assert.equal(await page.getAttribute('html', 'data-theme'), theme);
    assert.deepEqual(await axe(page), []);
    await context.close();
  });
}

test('the system’s wishes are followed: contrast, forced colours, stillness', async () => {
  const { page, context } = await openPage(browser, 'lang=vi');
  await page.emulateMedia({ contrast: 'more' });
  await page.waitForSelector('html[data-theme="contrast"]');
  await page.emulateMedia({ contrast: 'no-preference', colorScheme: 'dark' });
  await page.waitForSelector('html[data-theme="dark"]');
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
  const edge = await page.evaluate(() => getComputedStyle(document.querySelector('.rail-button[aria-pressed="true"]')).outlineStyle);
  assert.equal(edge, 'solid');
  await page.emulateMedia({ forcedColors: 'none' });
  const moved = await page.evaluate(() => {
    const map = globalThis.diabanMap;
    map.zoomTo(map.getZoom() + 1, { animate: false });
    document.querySelector('.map-buttons button:nth-child(3)').click();
    return map.isMoving();
  });
  assert.equal(moved, false);
  await context.close();
});

test('the tour comes once, can be left at any step, and is found again in the help', async () => {
  const { page, context, wrong } = await openPage(browser, 'lang=vi', { isFirstVisit: true });
  await page.waitForSelector('.tour');
  for (let step = 1; step <= 5; step++) {
    assert.match(await page.textContent('.tour-count'), new RegExp(`${step} trên 5`));
    const box = await page.locator('.tour').boundingBox();
    assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= 1366 && box.y + box.height <= 768, `step ${step} is on the screen`);
    assert.deepEqual(await axe(page), []);
    await page.focus('.tour .primary');
    await page.keyboard.press('Enter');
  }
  await page.waitForSelector('.tour', { state: 'detached' });
  await page.reload();
  await settled(page);
  assert.equal(await page.$('.tour'), null);
  await page.keyboard.press('?');
  await page.click('.help-start button');
  await page.waitForSelector('.tour');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.tour', { state: 'detached' });
  assert.deepEqual(wrong, { foreign: [], csp: [], errors: [] });
  await context.close();
});

test('a path is measured by typing, and the map’s middle is told in two systems', async () => {
  const { page, context } = await openPage(browser, 'lang=vi');
  await page.keyboard.press('d');
  await page.waitForSelector('.measure');
  // One thousandth of a degree of latitude at 21.4° is 110.71 m on WGS 84 (a(1−e²)/(1−e² sin²φ)^1.5 · π/180000).
  for (const [at, [x, y]] of [['104.001', '21.400'], ['104.001', '21.401']].entries()) {
    await page.focus('[data-do="add-row"]');
    await page.keyboard.press('Enter');
    await page.fill(`.measure [data-row="${at}"] input:nth-of-type(1)`, x);
    await page.fill(`.measure [data-row="${at}"] input:nth-of-type(2)`, y);
  }
  await page.waitForSelector('.measure-parts tbody tr');
  const metres = Number(await page.getAttribute('.measure-parts tbody tr', 'data-metres'));
  const [a, e2, phi] = [6378137, 0.00669437999014, (21.4005 * Math.PI) / 180];
  const expected = (((a * (1 - e2)) / (1 - e2 * Math.sin(phi) ** 2) ** 1.5) * Math.PI) / 180 / 1000;
  assert.ok(Math.abs(metres / expected - 1) < 1e-3, `${metres} against ${expected}`);
  assert.match(await page.textContent('.measure-parts tbody'), /000°00′/);
  await page.waitForFunction(() => /VN-2000/.test(document.querySelector('.measure-place')?.textContent ?? ''), undefined, { timeout: WAIT_MS });
  assert.deepEqual(await axe(page), []);
  await page.click('.measure .dialog-head .icon-button');
  await page.waitForSelector('.measure', { state: 'detached' });
  await context.close();
});
