// Every screen, in both languages, at a desk, on a large screen and on a phone: axe finds nothing in any
// theme, no text is cut, no control lies on another, nothing scrolls sideways. With DIABAN_SHOTS a
// picture of each is left in that folder, to be looked at.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { person } from './hands.mjs';
import { layoutFaults } from './layout.mjs';
import { DESKTOP, PHONE, WAIT_MS, axe, items, launch, site } from './support.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const LARGE = { width: 1920, height: 1080 };
const SIZES = [['desk', DESKTOP], ['large', LARGE], ['phone', PHONE]];
/** A screen's own features, chosen once. */
let chosen;
before(async () => {
  const { as_of: asOf } = await site();
  const first = async (layer, query) => (await items(layer, `limit=1&located=true&${query}`)).features[0].id;
  chosen = { case: await first('violations', `datetime=../${asOf}&state=found`), place: await first('sites', 'departs=true'), area: await first('zones', `datetime=${asOf}`) };
});

const TABLE = { name: 'thu.csv', mimeType: 'text/csv', buffer: Buffer.from('category,found_on,lon,lat\nnoise,2025-01-02,103.99,21.4\nnoise,ngày lạ,103.99,21.4\n') };

/** The screens: how each is reached from the bare map. `goto` opens by a link, the others by hand. */
const SCREENS = [
  { name: 'layers', open: (one) => one.room('layers') },
  { name: 'filter', open: (one) => one.room('filter') },
  { name: 'moves', open: (one) => one.room('moves'), ready: '.moves-table' },
  { name: 'scheme', open: (one) => one.room('scheme'), ready: '.scheme-group, .scheme .hint' },
  { name: 'record', open: (one) => one.room('record'), ready: '.panel .tiles, .panel .form' },
  { name: 'data', open: (one) => one.room('data'), ready: '.exports li' },
  { name: 'views', open: (one) => one.room('views') },
  { name: 'more', phoneOnly: true, open: (one) => one.room('more') },
  { name: 'import', open: async (one) => { await one.room('data'); await one.page.setInputFiles('.panel input[type="file"]', TABLE); }, ready: '.import select, .assistant select, .panel table' },
  { name: 'case', goto: () => `period=all&sel=violations/${chosen.case}`, ready: '.drawer .facts' },
  { name: 'state', goto: () => `period=all&sel=violations/${chosen.case}`, open: (one) => one.press('.action.is-main'), ready: '.drawer .form' },
  { name: 'edit', goto: () => `period=all&sel=violations/${chosen.case}`, open: (one) => one.press('.actions .action >> nth=1'), ready: '.drawer .form' },
  { name: 'site', goto: () => `period=all&sel=sites/${chosen.place}`, ready: '.drawer .departs' },
  { name: 'note', goto: () => `period=all&sel=sites/${chosen.place}`, open: (one) => one.press('.actions .action:nth-last-of-type(2)'), ready: '#note-text' },
  { name: 'zone', goto: () => `sel=zones/${chosen.area}`, ready: '.drawer .facts' },
  { name: 'list', goto: () => 'period=all&list=violations&f=violations.state:found', ready: '.sheet tbody tr' },
  { name: 'list-and-drawer', deskOnly: true, goto: () => `period=all&list=violations&sel=violations/${chosen.case}`, ready: '.drawer .facts' },
  { name: 'axis-table', deskOnly: true, open: (one) => one.press('#axis-table-button'), ready: '.time table' },
  { name: 'axis', phoneOnly: true, open: (one) => one.press('#time-unfold') },
  { name: 'palette', open: (one) => one.type('#find', '>'), ready: '[role="option"]' },
  { name: 'search', open: (one) => one.type('#find', 'cho'), ready: '.find-list' },
  { name: 'help', open: async (one) => { if (one.isPhone) { await one.room('more'); await one.press('[data-look="help"]'); } else await one.press('.rail-help'); }, ready: 'dialog[open]' },
];

async function faultsOf(one, name, isLarge) {
  const { page } = one;
  const faults = (await page.evaluate(layoutFaults)).map((fault) => `${name}: ${fault}`);
  if (isLarge) return faults;
  faults.push(...(await axe(page)).map((fault) => `${name}, light: ${fault}`));
  // The themes differ in colour only, so only contrast is asked again.
  for (const theme of ['dark', 'contrast']) {
    await page.evaluate((value) => { document.documentElement.dataset.theme = value; }, theme);
    faults.push(...(await axe(page, ['color-contrast'])).map((fault) => `${name}, ${theme}: ${fault}`));
  }
  await page.evaluate(() => { document.documentElement.dataset.theme = 'light'; });
  return faults;
}

for (const lang of ['vi', 'en']) {
  for (const [size, viewport] of SIZES) {
    test(`every screen is whole and accessible: ${lang}, ${size}`, async () => {
      const hand = { name: 'mouse', press: (page, selector) => page.locator(selector).first().click({ timeout: WAIT_MS }), type: (page, selector, text) => page.fill(selector, text) };
      const one = await person(browser, { viewport, hand }, `lang=${lang}&theme=light`);
      const faults = [];
      for (const { name, goto, open, ready, phoneOnly, deskOnly } of SCREENS) {
        if ((phoneOnly && !one.isPhone) || (deskOnly && one.isPhone)) continue;
        await one.page.goto(`${new URL(one.page.url()).origin}/?lang=${lang}&theme=light${goto ? `&${goto()}` : ''}`);
        await one.see('.rail');
        await one.page.waitForFunction(() => globalThis.diabanMap?.loaded(), undefined, { timeout: WAIT_MS });
        await open?.(one);
        if (ready) await one.see(ready);
        faults.push(...await faultsOf(one, name, size === 'large'));
        if (process.env.DIABAN_SHOTS) await one.page.screenshot({ path: `${process.env.DIABAN_SHOTS}/${name}-${size}-${lang}.png` });
      }
      assert.deepEqual(faults, []);
      await one.done();
    });
  }
}

for (const [size, viewport] of SIZES) {
  test(`the tour is whole and accessible: ${size}`, async () => {
    const hand = { name: 'mouse', press: (page, selector) => page.locator(selector).first().click({ timeout: WAIT_MS }), type: (page, selector, text) => page.fill(selector, text) };
    const one = await person(browser, { viewport, hand }, 'lang=vi', { isFirstVisit: true });
    await one.see('.tour');
    const faults = [];
    while ((await one.page.locator('.tour').count()) > 0) {
      const name = await one.page.textContent('#tour-name');
      faults.push(...await faultsOf(one, name, size === 'large'));
      await one.press('.tour .primary');
      await one.page.waitForFunction((old) => document.querySelector('#tour-name')?.textContent !== old, name);
    }
    assert.deepEqual(faults, []);
    await one.done();
  });
}
