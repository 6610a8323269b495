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

/** The screens: how each is reached and left. `goto` opens by a link, the others by hand. */
const SCREENS = [
  { name: 'layers', open: (one) => one.room('layers') },
  { name: 'filter', open: (one) => one.room('filter') },
  { name: 'moves', open: (one) => one.room('moves'), ready: '.moves-table' },
  { name: 'scheme', open: (one) => one.room('scheme'), ready: '.scheme-group, .scheme .hint' },
  { name: 'record', open: (one) => one.room('record'), ready: '.panel .tiles, .panel .form' },
  { name: 'data', open: (one) => one.room('data'), ready: '.exports li' },
  { name: 'views', open: (one) => one.room('views') },
  { name: 'more', phoneOnly: true, open: (one) => one.room('more') },
  { name: 'import', open: async (one) => { await one.room('data'); await one.page.setInputFiles('[data-import-file]', TABLE); }, ready: '.import-room .import-seen', leave: (one) => one.press('.import-leave') },
  { name: 'case', goto: () => `period=all&sel=violations/${chosen.case}`, ready: '.drawer .facts' },
  { name: 'state', goto: () => `period=all&sel=violations/${chosen.case}`, open: (one) => one.press('.action.is-main'), ready: '.drawer .form', leave: (one) => one.press('.drawer .form .secondary:last-child') },
  { name: 'edit', goto: () => `period=all&sel=violations/${chosen.case}`, open: (one) => one.press('.actions .action >> nth=1'), ready: '.drawer .form', leave: (one) => one.press('.drawer .form .secondary:last-child') },
  { name: 'site', goto: () => `period=all&sel=sites/${chosen.place}`, ready: '.drawer .departs' },
  { name: 'note', goto: () => `period=all&sel=violations/${chosen.case}`, open: (one) => one.press('.actions .action:nth-last-of-type(2)'), ready: '#note-text', leave: (one) => one.press('.drawer .form .secondary:last-child') },
  { name: 'zone', goto: () => `sel=zones/${chosen.area}`, ready: '.drawer .facts' },
  { name: 'list', goto: () => 'period=all&list=violations&f=violations.state:found', ready: '.sheet tbody tr' },
  { name: 'list-and-drawer', deskOnly: true, goto: () => `period=all&list=violations&sel=violations/${chosen.case}`, ready: '.drawer .facts' },
  { name: 'axis-table', deskOnly: true, open: (one) => one.press('#axis-table-button'), ready: '.time table', leave: (one) => one.press('#axis-table-button') },
  { name: 'axis', phoneOnly: true, open: (one) => one.press('#time-unfold'), leave: (one) => one.press('#time-fold') },
  { name: 'palette', open: (one) => one.type('#find', '>'), ready: '[role="option"]' },
  { name: 'search', open: (one) => one.type('#find', 'cho'), ready: '.find-list', leave: async (one) => { await one.type('#find', ''); await one.page.keyboard.press('Escape'); } },
  { name: 'help', open: async (one) => { if (one.isPhone) { await one.room('more'); await one.press('[data-look="help"]'); } else await one.press('.rail-help'); }, ready: 'dialog[open]' },
];

/** Goes to a view as Back and Forward do, without loading the page again. */
const visit = (page, query) => page.evaluate((search) => {
  history.pushState(null, '', search);
  dispatchEvent(new PopStateEvent('popstate'));
}, `/?${query}`);

async function faultsOf(one, name, hasAxe, themes) {
  const { page } = one;
  const faults = (await page.evaluate(layoutFaults)).map((fault) => `${name}: ${fault}`);
  if (hasAxe) faults.push(...(await axe(page)).map((fault) => `${name}, light: ${fault}`));
  // The themes differ in colour only, so only contrast is asked again.
  for (const theme of themes) {
    await page.evaluate((value) => { document.documentElement.dataset.theme = value; }, theme);
    faults.push(...(await axe(page, ['color-contrast'])).map((fault) => `${name}, ${theme}: ${fault}`));
  }
  if (themes.length > 0) await page.evaluate(() => { document.documentElement.dataset.theme = 'light'; });
  return faults;
}

const HAND = { name: 'mouse', press: (page, selector) => page.locator(selector).first().click({ timeout: WAIT_MS }), type: (page, selector, text) => page.fill(selector, text) };

for (const lang of ['vi', 'en']) {
  for (const [size, viewport] of SIZES) {
    test(`every screen is whole and accessible: ${lang}, ${size}`, async () => {
      // What the map draws is measured elsewhere; a light one keeps the walk short.
      const base = `lang=${lang}&theme=light&layers=zones&base=off`;
      const one = await person(browser, { viewport, hand: HAND }, base);
      const faults = [];
      for (const { name, goto, open, leave, ready, phoneOnly, deskOnly } of SCREENS) {
        if ((phoneOnly && !one.isPhone) || (deskOnly && one.isPhone)) continue;
        try {
          if (one.isPhone) {
            // One sheet at a time: what lies over the room goes first, then the room.
            await visit(one.page, base);
            await one.see('.drawer', 'detached');
            await one.see('.sheet', 'detached');
            if ((await one.page.locator('.panel').count()) > 0) await one.page.keyboard.press('Escape');
            await one.see('.panel', 'detached');
          }
          await visit(one.page, goto ? `${base}&${goto()}` : base);
          await open?.(one);
          if (ready) await one.see(ready);
          // The texts are the same in every theme, the colours the same in every language.
          faults.push(...await faultsOf(one, name, size === 'desk' || (size === 'phone' && lang === 'vi'), size === 'desk' && lang === 'vi' ? ['dark', 'contrast'] : []));
          if (process.env.DIABAN_SHOTS) await one.page.screenshot({ path: `${process.env.DIABAN_SHOTS}/${name}-${size}-${lang}.png` });
          await leave?.(one);
        } catch (error) {
          faults.push(`${name}: not reached: ${error}`);
        }
      }
      assert.deepEqual(faults, []);
      await one.done();
    });
  }
}

for (const [size, viewport] of SIZES) {
  test(`the tour is whole and accessible: ${size}`, async () => {
    const one = await person(browser, { viewport, hand: HAND }, 'lang=vi&layers=zones&base=off', { isFirstVisit: true });
    await one.see('.tour');
    const faults = [];
    while ((await one.page.locator('.tour').count()) > 0) {
      const name = await one.page.textContent('#tour-name');
      faults.push(...await faultsOf(one, name, size !== 'large', []));
      await one.press('.tour .primary');
      await one.page.waitForFunction((old) => document.querySelector('#tour-name')?.textContent !== old, name);
    }
    assert.deepEqual(faults, []);
    await one.done();
  });
}
