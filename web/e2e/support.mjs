// What the browser tests share: Chromium with software WebGL, a page that notes every foreign request,
// CSP report, page error and failed request, and small questions to the API it is compared with.
// The server is started by whoever runs the tests; its address is in DIABAN_URL.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

export const BASE = process.env.DIABAN_URL ?? 'http://127.0.0.1:8080';
/** The same demo ward as the planner sees it; a second server over a copy of the file. */
export const PLANNER = process.env.DIABAN_PLANNER_URL ?? null;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const DESKTOP = { width: 1366, height: 768 };
export const PHONE = { width: 390, height: 844 };
/** How long anything may take; a busy machine may be given more. */
export const WAIT_MS = Number(process.env.DIABAN_WAIT_MS ?? 20_000);

export function launch(args = ['--enable-unsafe-swiftshader']) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', ...args],
  });
}

/** A folder with a build of the page that is not in the binary yet: then the files come from there. */
const DIST = process.env.DIABAN_DIST ?? null;

async function built(route, path) {
  if (path !== '/') return route.fulfill({ path: `${DIST}${path}` });
  const response = await route.fetch();
  return route.fulfill({ response, body: readFileSync(`${DIST}/index.html`, 'utf8') });
}

/** A page of its own context at `query`, past the first visit's tour unless asked, with everything that went wrong collected in `wrong`. */
export async function openPage(browser, query = '', { viewport = DESKTOP, isFirstVisit = false, base = BASE } = {}) {
  const isPhone = viewport.width < 700;
  const context = await browser.newContext({ viewport, hasTouch: isPhone, isMobile: isPhone, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const wrong = { foreign: [], csp: [], errors: [] };
  await context.route('**/*', (route) => {
    const url = new URL(route.request().url());
    if (DIST && url.origin === base && (url.pathname === '/' || url.pathname.startsWith('/assets/'))) return built(route, url.pathname);
    if (url.origin === base || url.protocol === 'data:' || url.protocol === 'blob:') return route.continue();
    wrong.foreign.push(url.href);
    return route.abort();
  });
  if (!isFirstVisit) await page.addInitScript(() => localStorage.setItem('diaban.tour', 'seen'));
  await page.exposeFunction('noteCsp', (text) => wrong.csp.push(text));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => globalThis.noteCsp(`${event.violatedDirective} ${event.blockedURI}`));
  });
  page.on('pageerror', (error) => wrong.errors.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) wrong.csp.push(message.text());
    else if (message.type() === 'error') wrong.errors.push(message.text());
  });
  await page.goto(`${base}/${query ? `?${query}` : ''}`);
  await settled(page);
  return { page, context, wrong };
}

/** Waits until the map has drawn everything it asked for. */
export async function settled(page) {
  await page.waitForFunction(() => {
    const map = globalThis.diabanMap;
    return map !== undefined && map.getLayersOrder().length > 4 && map.loaded() && map.areTilesLoaded() && !map.isMoving()
      && map.getContainer().getAttribute('aria-busy') !== 'true';
  }, undefined, { timeout: WAIT_MS });
}

/** Runs axe on the page, all its rules or only those named; gives what it found as readable lines. */
export async function axe(page, rules = null) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  const found = await page.evaluate((only) => globalThis.axe.run(document, { runOnly: only ? { type: 'rule', values: only } : ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'] }), rules);
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(' | ')}`);
}

export async function api(path, init, base = BASE) {
  const response = await fetch(`${base}${path}`, init);
  if (!response.ok) throw new Error(`${response.status} ${path} ${await response.text()}`);
  const text = await response.text();
  return { body: text ? JSON.parse(text) : null, headers: response.headers };
}

export const items = async (layer, query = '') => (await api(`/api/collections/${layer}/items?${query}`)).body;
export const site = async () => (await api('/api/site')).body;
export const layerOf = async (id) => (await api('/api/collections')).body.collections.find((one) => one.id === id).layer;

/** The definitions of the layers that answer a question. */
export const layersWhere = async (is) => (await api('/api/collections')).body.collections.map((one) => one.layer).filter(is);

/** Changes a feature as another program would. */
export async function patch(layer, id, body) {
  const path = `/api/collections/${layer}/items/${id}`;
  const { headers } = await api(path);
  await api(path, { method: 'PATCH', headers: { 'Content-Type': 'application/merge-patch+json', 'If-Match': headers.get('etag'), Origin: BASE }, body: JSON.stringify(body) });
}

/** The text of the drawer's facts, by field, once every reference is read. */
export async function factsOf(page) {
  await page.waitForFunction(() => document.querySelector('.drawer .facts [aria-busy="true"]') === null);
  return page.$$eval('.drawer .facts > div', (rows) => Object.fromEntries(rows.map((row) => [row.dataset.field, row.querySelector('dd').textContent])));
}

/** Where on the screen a place is. */
export const screenOf = (page, [lon, lat]) => page.evaluate(([x, y]) => {
  const point = globalThis.diabanMap.project([x, y]);
  const box = globalThis.diabanMap.getContainer().getBoundingClientRect();
  return { x: point.x + box.left, y: point.y + box.top };
}, [lon, lat]);

/** The bytes of a JPEG drawn by the browser, another one for every seed. */
export const picture = (page, seed) => page.evaluate(async (hue) => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [640, 480];
  const context = canvas.getContext('2d');
  context.fillStyle = `hsl(${hue} 60% 50%)`;
  context.fillRect(0, 0, 640, 480);
  context.fillStyle = 'white';
  context.fillRect(hue, 100, 120, 80);
  const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', 0.9); });
  return [...new Uint8Array(await blob.arrayBuffer())];
}, seed);

/** A link to a place, close enough that its point stands alone. */
export const at = ([lon, lat], zoom = 19) => `at=${lon},${lat},${zoom}`;

/** A located case of the demo ward in the given state on the opening day, whose state is also the newest. */
export async function caseIn(state) {
  const { as_of: asOf } = await site();
  const page = await items('violations', `datetime=../${asOf}&state=${state}&located=true&limit=200`);
  for (const feature of page.features) {
    const { body } = await api(`/api/collections/violations/items/${feature.id}`);
    if (body.properties.state === state) return feature;
  }
  throw new Error(`the demo ward has no located case in state ${state}`);
}
