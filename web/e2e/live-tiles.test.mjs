// What moves on the map while someone looks: a change makes the page ask again for the tiles it touches and for no
// others; and far out, clusters that open.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BASE, WAIT_MS, api, items, launch, openPage, settled } from './support.mjs';

const ZOOM = 16;
const WIDE = { width: 2000, height: 1500 };

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const tileOf = (url, layer) => {
  const found = new RegExp(`/tiles/${layer}/(\\d+)/(\\d+)/(\\d+)`).exec(url);
  return found ? found.slice(1).join('/') : null;
};

/** The place of degrees in tiles of a zoom, with fractions. */
function place([lon, lat], zoom) {
  const y = 0.5 - Math.atanh(Math.sin((lat * Math.PI) / 180)) / (2 * Math.PI);
  return { x: (lon / 360 + 0.5) * 2 ** zoom, y: y * 2 ** zoom };
}

function degrees(x, y, zoom) {
  const lat = (Math.atan(Math.sinh(2 * Math.PI * (0.5 - y / 2 ** zoom))) * 180) / Math.PI;
  return [Number(((x / 2 ** zoom - 0.5) * 360).toFixed(7)), Number(lat.toFixed(7))];
}

/** Listens to changes as any program may; `next(id)` is the tiles of the feature's next change. */
async function listen() {
  const abort = new AbortController();
  const response = await fetch(`${BASE}/live`, { signal: abort.signal });
  const waiting = new Map();
  const read = async () => {
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const parts = text.split('\n\n');
      text = parts.pop();
      for (const part of parts) {
        const data = /^data: ?(.*)$/m.exec(part)?.[1];
        const change = data?.startsWith('{') ? JSON.parse(data) : {};
        waiting.get(change.id)?.(change);
      }
    }
  };
  read().catch(() => {});
  return { next: (id) => new Promise((resolve) => { waiting.set(id, resolve); }), close: () => abort.abort() };
}

test('a point moved across a tile edge makes exactly the loaded tiles of its event be asked again', async () => {
  const { features } = await items('violations', 'located=true&limit=400&state=found');
  const feature = features[0];
  const from = place(feature.geometry.coordinates, ZOOM);
  // A third of a tile inside the tile it is in, to a third inside the next: one tile each, no buffer.
  const start = degrees(Math.floor(from.x) + 0.7, Math.floor(from.y) + 0.5, ZOOM);
  const end = degrees(Math.floor(from.x) + 1.3, Math.floor(from.y) + 0.5, ZOOM);
  const path = `/api/collections/violations/items/${feature.id}`;
  const move = async (coordinates) => {
    const { headers } = await api(path);
    await api(path, { method: 'PATCH', headers: { 'content-type': 'application/merge-patch+json', 'if-match': headers.get('etag') }, body: JSON.stringify({ geometry: { type: 'Point', coordinates } }) });
  };
  await move(start);
  const { page, context } = await openPage(browser, `lang=vi&period=all&layers=violations&at=${start.join(',')},${ZOOM}`, { viewport: WIDE });
  const loaded = new Set();
  const again = [];
  let isAfter = false;
  page.on('request', (request) => {
    const tile = tileOf(request.url(), 'violations');
    if (tile && isAfter) again.push(tile);
    else if (tile) loaded.add(tile);
  });
  // Every tile in sight is asked for once more, so that what is loaded is known.
  await page.reload();
  await page.waitForSelector('[data-layer="violations"] .layer-count[data-count]', { timeout: WAIT_MS });
  await settled(page);
  await page.waitForLoadState('networkidle');
  const atZoom = [...loaded].filter((tile) => tile.startsWith(`${ZOOM}/`));
  assert.ok(atZoom.length >= 12, `${atZoom.length} tiles`);
  const live = await listen();
  const told = live.next(feature.id);
  isAfter = true;
  await move(end);
  const { tiles } = await told;
  const isTold = (tile) => {
    const [z, x, y] = tile.split('/').map(Number);
    return (tiles[z] ?? []).some(([x0, y0, x1, y1]) => x >= x0 && x <= x1 && y >= y0 && y <= y1);
  };
  const expected = atZoom.filter(isTold).toSorted();
  assert.equal(expected.length, 2, 'the tile it left and the one it came to');
  await page.waitForFunction(([id, [lon]]) => {
    const map = globalThis.diabanMap;
    const layers = ['violations-mark', 'violations-circle'].filter((one) => map.getLayer(one));
    const drawn = map.queryRenderedFeatures({ layers }).find((one) => one.properties.id === id);
    return drawn && Math.abs(drawn.geometry.coordinates[0] - lon) < 1e-4;
  }, [feature.id, end], { timeout: WAIT_MS });
  await settled(page);
  await page.waitForLoadState('networkidle');
  assert.deepEqual([...new Set(again)].toSorted(), expected);
  assert.match(await page.evaluate(() => document.cookie), /diaban-seen=[\w-]+/, 'the next request brings the mark of what was told');
  assert.equal(again.length, expected.length, 'each once');
  live.close();
  await move(feature.geometry.coordinates);
  await context.close();
});

test('far out cases stand in clusters that count them, and a click opens one', async () => {
  const { body: count } = await api('/api/collections/violations/count?located=true');
  const { page, context } = await openPage(browser, 'lang=vi&period=all&layers=violations&at=103.9,21.33,10');
  const clusters = () => page.evaluate(() => {
    const map = globalThis.diabanMap;
    const found = map.querySourceFeatures('violations', { sourceLayer: 'violations' });
    const byId = new Map(found.map((one) => [String(one.properties.cluster_id ?? one.properties.id), one.properties.point_count ?? 1]));
    const drawn = map.queryRenderedFeatures({ layers: ['violations-cluster'] }).map((one) => ({ ...map.project(one.geometry.coordinates), n: one.properties.point_count }));
    return { sum: [...byId.values()].reduce((a, b) => a + b, 0), drawn };
  });
  await page.waitForFunction(() => globalThis.diabanMap.queryRenderedFeatures({ layers: ['violations-cluster'] }).length > 0, undefined, { timeout: WAIT_MS });
  await settled(page);
  const { sum, drawn } = await clusters();
  assert.equal(sum, count.count);
  const [first] = drawn.toSorted((a, b) => b.n - a.n);
  const box = await page.locator('canvas.maplibregl-canvas').boundingBox();
  await page.mouse.click(box.x + first.x, box.y + first.y);
  await page.waitForFunction(() => globalThis.diabanMap.getZoom() > 10.5 && !globalThis.diabanMap.isMoving(), undefined, { timeout: WAIT_MS });
  await context.close();
});

test('clusters of two layers stand beside each other, those of one layer where they are', async () => {
  const aside = async (layers) => {
    const { page, context } = await openPage(browser, `lang=vi&period=all&layers=${layers}&at=104,21.4,12`);
    await settled(page);
    const all = await page.evaluate(() => ['violations', 'incidents'].flatMap((layer) => [globalThis.diabanMap.getPaintProperty(`${layer}-cluster`, 'circle-translate'), globalThis.diabanMap.getPaintProperty(`${layer}-cluster-mark`, 'text-translate')]));
    await context.close();
    return all.map((by) => (by ?? [0, 0]).join());
  };
  const [violations, number, incidents, theirs] = await aside('violations,incidents');
  assert.deepEqual([number, theirs], [violations, incidents], 'a number stays on its disc');
  assert.notEqual(violations, incidents);
  assert.equal((await aside('incidents'))[2], '0,0');
});
