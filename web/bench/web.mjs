// Measures the page in Chromium against a running server (DIABAN_URL). `open`: from nothing until the page is of use,
// with an empty cache and again with a warm one. `filter`: from a click on a code, with the page at rest, until its number
// is on the screen.
import { api, BASE, launch, settled } from '../e2e/support.mjs';

const TIMES = 7;
const LAYER = 'incidents';
const FIELD = 'category';
const VIEWPORT = { width: 1366, height: 768 };

const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)];
const ms = (n) => `${Math.round(n)} ms`;

/** Of use: the ward is on the screen, as a sketch or as the map, and the panel has its numbers. */
function watch() {
  localStorage.setItem('diaban.tour', 'seen');
  const look = () => {
    const map = globalThis.diabanMap;
    const isDrawn = document.querySelector('.sketch-area') !== null || (map?.loaded() && map.areTilesLoaded());
    // The frame after this one is on the screen.
    if (isDrawn && document.querySelector('.layer-count[data-count]')) requestAnimationFrame(() => { globalThis.usefulAt ??= performance.now(); });
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function openOnce(context) {
  const page = await context.newPage();
  const network = await context.newCDPSession(page);
  await network.send('Network.enable');
  let bytes = 0;
  network.on('Network.loadingFinished', (event) => { bytes += event.encodedDataLength; });
  await page.addInitScript(watch);
  await page.goto(BASE, { waitUntil: 'commit' });
  await page.waitForFunction(() => globalThis.usefulAt !== undefined, undefined, { timeout: 60_000 });
  const useful = await page.evaluate(() => globalThis.usefulAt);
  const atUse = bytes;
  await page.waitForFunction(() => globalThis.diabanMap?.loaded() && globalThis.diabanMap.areTilesLoaded(), undefined, { timeout: 60_000 });
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN);
  const drawn = await page.evaluate(() => performance.now());
  await page.close();
  return { useful, paint, drawn, atUse, bytes };
}

async function open(browser) {
  const cold = [];
  for (let n = 0; n < TIMES; n++) {
    const context = await browser.newContext({ viewport: VIEWPORT, reducedMotion: 'reduce' });
    cold.push(await openOnce(context));
    await context.close();
  }
  const context = await browser.newContext({ viewport: VIEWPORT, reducedMotion: 'reduce' });
  await openOnce(context);
  const warm = [];
  for (let n = 0; n < TIMES; n++) warm.push(await openOnce(context));
  await context.close();
  for (const [name, all] of [['empty cache', cold], ['warm cache', warm]]) {
    const of = (key) => median(all.map((one) => one[key]));
    console.log(`demo, ${name}: first useful paint ${ms(of('useful'))} (first paint ${ms(of('paint'))}, map drawn ${ms(of('drawn'))}), ${(of('atUse') / 1e3).toFixed(0)} kB until of use, ${(of('bytes') / 1e3).toFixed(0)} kB in all; median of ${TIMES}`);
  }
}

/** Clicks a code and waits, inside the page, until the number that the server gives for it is painted: the first task
 * after the frame that holds it. */
const answerTo = (page, layer, code, expected) => page.evaluate(([id, wanted, number]) => new Promise((resolve) => {
  const count = () => document.querySelector(`[data-layer="${id}"] .layer-count`)?.getAttribute('data-count');
  const painted = new MessageChannel();
  const begin = performance.now();
  painted.port1.onmessage = () => resolve(performance.now() - begin);
  const look = () => {
    if (count() === number) painted.port2.postMessage(null);
    else requestAnimationFrame(look);
  };
  document.querySelector(`[data-layer="${id}"] [data-code="${wanted}"]`).click();
  requestAnimationFrame(look);
}), [layer, code, String(expected)]);

/** Nothing is asked or drawn any more. */
async function atRest(page) {
  await settled(page);
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => new Promise((resolve) => { requestIdleCallback(resolve); }));
}

async function filter(browser) {
  const context = await browser.newContext({ viewport: VIEWPORT, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.addInitScript(watch);
  // The ward from far off: what is measured is the panel, not the drawing of every point.
  await page.goto(`${BASE}/?at=103.9,21.33,9`);
  await page.waitForSelector(`[data-layer="${LAYER}"] .layer-count[data-count]`, { timeout: 60_000 });
  await page.click(`[data-layer="${LAYER}"] .layer-name`);
  const first = page.locator(`[data-layer="${LAYER}"] .fold`).first();
  if (await page.locator(`[data-layer="${LAYER}"] [data-code]`).count() === 0) await first.click();
  await page.waitForSelector(`[data-layer="${LAYER}"] [data-code] .code-count:not(:empty)`);
  const shown = (code) => page.textContent(`[data-layer="${LAYER}"] [data-code="${code}"] .code-count`).then((text) => Number(text.replaceAll(/\D/g, '')));
  const total = Number(await page.getAttribute(`[data-layer="${LAYER}"] .layer-count`, 'data-count'));
  const times = { narrow: [], back: [] };
  for (const code of ['theft', 'burglary', 'vehicle', 'damage', 'public_order', 'other']) {
    const expected = await shown(code);
    for (const [way, number] of [['narrow', expected], ['back', total]]) {
      await atRest(page);
      times[way].push(await answerTo(page, LAYER, code, number));
    }
  }
  const { body } = await api(`/api/collections/${LAYER}/count?by=${FIELD}`);
  const server = [];
  for (let n = 0; n < TIMES; n++) {
    const begin = performance.now();
    await api(`/api/collections/${LAYER}/count?by=${FIELD}&category=theft&occurred_from=2024-01-01/2025-12-${10 + n}`);
    server.push(performance.now() - begin);
  }
  const search = [];
  for (const q of ['duong hoa', 'số 12 đường cầu trắng', 'ngo 7', 'd', 'tổ 8', 'hoa ban 21', 'suoi']) {
    await api(`/api/search?q=warm`);
    const begin = performance.now();
    await api(`/api/search?q=${encodeURIComponent(q)}`);
    search.push(performance.now() - begin);
  }
  for (const [way, what] of [['narrow', 'a filter'], ['back', 'a filter taken back']]) {
    console.log(`${body.count} incidents: panel answers ${what} in ${ms(median(times[way]))} (worst ${ms(Math.max(...times[way]))}); median of ${times[way].length}`);
  }
  console.log(`${body.count} incidents: one filtered count in ${median(server).toFixed(1)} ms, one search in ${median(search).toFixed(1)} ms (worst ${Math.max(...search).toFixed(1)} ms), over HTTP`);
  await context.close();
}

// Chromium as it is on a machine without a graphics card: the page put together by the processor, WebGL by SwiftShader.
const browser = await launch(['--enable-unsafe-swiftshader']);
try {
  await (process.argv[2] === 'filter' ? filter(browser) : open(browser));
} finally {
  await browser.close();
}
