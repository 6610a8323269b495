// The hands a task is done with: a mouse, a finger, or a keyboard alone. A keyboard reaches a control by
// moving the focus there (the control must take it) and works it with Enter, Space and typing. A native
// select is the browser's to operate, so choosing in one is the same for all.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DESKTOP, PHONE, WAIT_MS, openPage } from './support.mjs';

async function reach(page, selector) {
  const target = page.locator(selector).first();
  await target.waitFor({ timeout: WAIT_MS });
  await target.focus();
  assert.ok(await target.evaluate((element) => element === document.activeElement && element.tabIndex >= 0), `${selector} takes no focus`);
}

const pointing = (name, press) => ({
  name,
  press: (page, selector) => press(page.locator(selector).first()),
  type: async (page, selector, text) => {
    await press(page.locator(selector).first());
    await page.fill(selector, text);
  },
});

const mouse = pointing('mouse', (target) => target.click({ timeout: WAIT_MS }));
const finger = pointing('finger', (target) => target.tap({ timeout: WAIT_MS }));
const keyboard = {
  name: 'keyboard',
  press: async (page, selector) => {
    await reach(page, selector);
    await page.keyboard.press('Enter');
  },
  type: async (page, selector, text) => {
    await reach(page, selector);
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.insertText(text);
  },
};

/** A desk with mouse or keyboard, a phone with a finger or a keyboard: each task is done all four ways. */
export const WAYS = [
  { where: 'desk', viewport: DESKTOP, hand: mouse },
  { where: 'desk', viewport: DESKTOP, hand: keyboard },
  { where: 'phone', viewport: PHONE, hand: finger },
  { where: 'phone', viewport: PHONE, hand: keyboard },
];

/** A person at the page: what they do, in the words of the page's parts. */
export async function person(browser, { viewport, hand }, query = 'lang=vi', options = {}) {
  const { page, context, wrong } = await openPage(browser, query, { viewport, ...options });
  const isPhone = viewport.width < 700;
  const press = (selector) => hand.press(page, selector);
  const type = (selector, text) => hand.type(page, selector, text);
  const see = (selector, state = 'visible') => page.locator(selector).first().waitFor({ state, timeout: WAIT_MS });
  return {
    page, context, wrong, isPhone, hand, press, type, see,
    choose: async (selector, value) => { await see(selector); await page.locator(selector).focus(); await page.selectOption(selector, value); },
    /** Opens a room of the rail; on a phone the lesser ones lie behind "Thêm". */
    room: async (name) => {
      const own = `.rail [data-open="${name}"]`;
      if ((await page.locator(own).count()) === 0 && (await page.locator('.panel[data-room="more"]').count()) === 0) {
        await press('.rail [data-open="more"]');
        await see('.panel[data-room="more"]');
      }
      const button = (await page.locator(own).count()) > 0 ? own : `.more [data-open="${name}"]`;
      if ((await page.locator(button).first().getAttribute('aria-pressed')) !== 'true') await press(button);
      await see(`.panel[data-room="${name}"]`);
    },
    /** Leaves the room, so that a phone shows the map and the time again. */
    leaveRoom: async () => {
      // On a phone an open drawer hides the room under it.
      if (!(await page.locator('.panel .panel-close').first().isVisible())) return;
      await press('.panel .panel-close');
      await see('.panel', 'detached');
    },
    /** The file a link gives, as JSON. */
    download: async (selector) => {
      const waiting = page.waitForEvent('download', { timeout: WAIT_MS });
      await press(selector);
      return JSON.parse(readFileSync(await (await waiting).path(), 'utf8'));
    },
    /** A point of the map under the pointer. */
    pressMap: async ([lon, lat]) => {
      const spot = await page.evaluate(([x, y]) => {
        const point = globalThis.diabanMap.project([x, y]);
        const box = globalThis.diabanMap.getContainer().getBoundingClientRect();
        return { x: point.x + box.left, y: point.y + box.top };
      }, [lon, lat]);
      if (isPhone) await page.touchscreen.tap(spot.x, spot.y);
      else await page.mouse.click(spot.x, spot.y);
    },
    done: async () => {
      assert.deepEqual(wrong, { foreign: [], csp: [], errors: [] });
      await context.close();
    },
  };
}
