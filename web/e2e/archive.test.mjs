// Files of tiles: MapLibre reads ours through the protocol of the `pmtiles` package and finds what the server's
// tiles hold; a saved view is baked with the parameters the page asks with; a basemap lies under the ward.
// The test has a server of its own, over a demo ward of its own; the program is in DIABAN_BIN.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { WAIT_MS, api, launch, openPage, settled } from './support.mjs';

const BIN = process.env.DIABAN_BIN ?? new URL('../../target/debug/diaban', import.meta.url).pathname;
const here = mkdtempSync(join(tmpdir(), 'diaban-archive-'));
const DATA = join(here, 'demo.gpkg');
const resolve = createRequire(import.meta.url).resolve;
const PMTILES = join(resolve('pmtiles'), '../../pmtiles.js');
const MAPLIBRE = join(resolve('maplibre-gl/package.json'), '../dist');
const LAYERS = ['zones', 'violations', 'projects'];
const DAY = '2025-06-30';
const WARD = { center: [104, 21.4], box: [103.9907, 21.3899, 104.0086, 21.41] };

let browser;
let server;
let base;

/** Runs the command and gives its answer. */
function diaban(...args) {
  return execFileSync(BIN, [...args, '--json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
const bake = (name, ...args) => JSON.parse(diaban('tiles', '--data', DATA, '--out', join(here, name), ...args));

before(async () => {
  diaban('demo', '--no-serve', '--seed', '1', '--data', DATA);
  // One layer is named as our own base map, one as a stranger's would not be.
  bake('nen.pmtiles', 'base,units', '--maxzoom', '15');
  server = spawn(BIN, ['serve', '--data', DATA, '--listen', '127.0.0.1:0', '--basemap', join(here, 'nen.pmtiles')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [address] = await once(createInterface({ input: server.stdout }), 'line');
  base = address.replace(/\/$/, '');
  browser = await launch();
});
after(async () => {
  await browser?.close();
  if (server) {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
  rmSync(here, { recursive: true });
});

/** A bare page with MapLibre and the protocol; the archive is read by ranges, as from any plain file server. */
async function barePage(archive) {
  const context = await browser.newContext({ viewport: { width: 900, height: 700 } });
  const page = await context.newPage();
  const errors = [];
  const ranges = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
  const text = (contentType, body) => (route) => route.fulfill({ contentType, body });
  await context.route(`${base}/bare/`, text('text/html', '<!doctype html><link rel="icon" href="data:,"><div id="map" style="position:fixed;inset:0"></div>'));
  for (const file of ['maplibre-gl.mjs', 'maplibre-gl-worker.mjs', 'maplibre-gl.css']) {
    await context.route(`${base}/bare/${file}`, (route) => route.fulfill({ path: join(MAPLIBRE, file), contentType: file.endsWith('css') ? 'text/css' : 'text/javascript' }));
  }
  await context.route(`${base}/bare/ward.pmtiles`, (route) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(route.request().headers()['range'] ?? '') ?? [];
    const last = Math.min(Number(to), archive.length - 1);
    ranges.push([Number(from), last]);
    return route.fulfill({ status: 206, headers: { 'Content-Type': 'application/octet-stream', 'Content-Range': `bytes ${from}-${last}/${archive.length}`, ETag: '"1"' }, body: archive.subarray(Number(from), last + 1) });
  });
  await page.goto(`${base}/bare/`);
  await page.evaluate(`(() => { ${readFileSync(PMTILES, 'utf8')}\n; globalThis.pmtiles = pmtiles; })()`);
  return { page, context, errors, ranges };
}

test('MapLibre draws our archive and finds what the tiles of the server hold', async () => {
  const told = bake('ward.pmtiles', LAYERS.join(','), '--datetime', DAY, '--maxzoom', '16');
  assert.equal(told.provenance.layers.length, LAYERS.length);
  const { page, context, errors, ranges } = await barePage(readFileSync(join(here, 'ward.pmtiles')));
  const header = await page.evaluate(async ({ layers, day, base, center }) => {
    const { Map, addProtocol, setWorkerUrl } = await import(`${base}/bare/maplibre-gl.mjs`);
    setWorkerUrl(`${base}/bare/maplibre-gl-worker.mjs`);
    const protocol = new globalThis.pmtiles.Protocol();
    const archive = new globalThis.pmtiles.PMTiles(`${base}/bare/ward.pmtiles`);
    protocol.add(archive);
    addProtocol('pmtiles', protocol.tile);
    const parts = (source) => layers.flatMap((layer) => [
      { id: `${source}-${layer}-line`, type: 'line', source, 'source-layer': layer },
      { id: `${source}-${layer}-point`, type: 'circle', source, 'source-layer': layer, filter: ['==', ['geometry-type'], 'Point'] },
    ]);
    const map = new Map({
      container: 'map',
      center,
      zoom: 12,
      fadeDuration: 0,
      style: {
        version: 8,
        sources: {
          file: { type: 'vector', url: `pmtiles://${base}/bare/ward.pmtiles` },
          server: { type: 'vector', tiles: [`${base}/tiles/${layers.join(',')}/{z}/{x}/{y}?datetime=${day}`], minzoom: 0, maxzoom: 16 },
        },
        layers: [...parts('server'), ...parts('file')],
      },
    });
    globalThis.bareMap = map;
    const { clustered, tileType, minZoom, maxZoom, ...rest } = await archive.getHeader();
    return { clustered, tileType, minZoom, maxZoom, box: [rest.minLon, rest.minLat, rest.maxLon, rest.maxLat] };
  }, { layers: LAYERS, day: DAY, base, center: WARD.center });
  assert.deepEqual({ ...header, box: null }, { clustered: true, tileType: 1, minZoom: 0, maxZoom: 16, box: null });
  WARD.box.forEach((edge, at) => assert.ok(Math.abs(header.box[at] - edge) < 0.05, `the box: ${header.box}`));
  for (const zoom of [10, 13, 15, 16.5, 18]) {
    await page.evaluate((to) => globalThis.bareMap.jumpTo({ zoom: to }), zoom);
    await page.waitForFunction(() => globalThis.bareMap.loaded() && globalThis.bareMap.areTilesLoaded(), undefined, { timeout: WAIT_MS });
    const seen = await page.evaluate((layers) => {
      const told = (feature) => JSON.stringify([feature.id, feature.geometry.type, Object.entries(feature.properties).toSorted()]);
      const of = (source) => Object.fromEntries(layers.map((layer) => {
        const held = globalThis.bareMap.querySourceFeatures(source, { sourceLayer: layer }).map(told).toSorted();
        const drawn = globalThis.bareMap.queryRenderedFeatures({ layers: [`${source}-${layer}-line`, `${source}-${layer}-point`] }).map(told).toSorted();
        return [layer, { held, drawn }];
      }));
      return { file: of('file'), server: of('server') };
    }, LAYERS);
    assert.deepEqual(seen.file, seen.server, `zoom ${zoom}`);
    if (zoom === 13) for (const layer of LAYERS) assert.ok(seen.file[layer].drawn.length > 0, `nothing of ${layer} at zoom ${zoom}`);
    if (zoom === 13) assert.equal(new Set(seen.file.zones.held.map((one) => JSON.parse(one)[0])).size, told.provenance.layers[0].count);
  }
  assert.ok(ranges.length > 3, 'the file is read piece by piece');
  assert.deepEqual(errors, []);
  await context.close();
});

test('a saved view is baked with the parameters the page asks with', async () => {
  const query = `at=104.000000,21.400000,14.00&asof=${DAY}&period=2025-01-01/2025-05-31&layers=violations,zones,incidents,projects&f=violations.state:found,reminded&f=violations.found_on:2025-02-01/..&hours=8,17&days=1,6&area=POLYGON((103.99+21.39,104.01+21.39,104.01+21.41,103.99+21.41,103.99+21.39))`;
  for (const [number, mode] of ['', '&mode=began'].entries()) {
    const name = `Góc nhìn ${number + 1}`;
    await api('/api/collections/views/items', { method: 'POST', headers: { 'Content-Type': 'application/geo+json', Origin: base }, body: JSON.stringify({ type: 'Feature', geometry: null, properties: { name, query: `${query}${mode}` } }) }, base);
    const told = bake('view.pmtiles', '--view', name, '--maxzoom', '13');
    const asked = new Map();
    const { page, context } = await openPage(browser, '', { base });
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url());
      const [, layer] = /^\/tiles\/([a-z_]+)\/\d+\//.exec(pathname) ?? [];
      if (layer) asked.set(layer, [...searchParams].map(([key, value]) => `${key}=${value}`).toSorted().join('&'));
    });
    await page.goto(`${base}/?${query}${mode}`);
    await settled(page);
    const baked = Object.fromEntries(told.provenance.layers.map((layer) => [layer.layer, layer.filter]));
    assert.deepEqual(Object.keys(baked).toSorted(), ['incidents', 'projects', 'violations', 'zones']);
    for (const [layer, filter] of Object.entries(baked)) assert.equal(filter, asked.get(layer), `${layer}, ${mode || 'open'}`);
    await context.close();
  }
});

test('a basemap lies under the ward and goes with the switch of the base map', async () => {
  const { page, context, wrong } = await openPage(browser, `at=${WARD.center},15`, { base });
  const drawn = () => page.evaluate(() => {
    const map = globalThis.diabanMap;
    const order = map.getLayersOrder();
    const under = order.filter((id) => map.getLayer(id).source?.startsWith('basemap-'));
    const strange = under.filter((id) => map.getLayer(id).sourceLayer === 'units');
    const features = map.queryRenderedFeatures({ layers: under }).length;
    return { strange: map.queryRenderedFeatures({ layers: strange }).length, under: under.length, last: Math.max(...under.map((id) => order.indexOf(id))), zones: order.indexOf('zones-fill'), own: order.filter((id) => id.startsWith('base-')).length, features };
  });
  const shown = await drawn();
  assert.ok(shown.under >= 6 && shown.strange > 3 && shown.features > 20, JSON.stringify(shown));
  assert.ok(shown.last < shown.zones, 'a basemap lies under the layers');
  assert.equal(shown.own, 0, 'our own base map gives way');
  await page.goto(`${base}/?at=${WARD.center},15&base=off`);
  await settled(page);
  assert.equal((await drawn()).features, 0, 'the base map is off');
  await page.getByLabel('Nền', { exact: true }).check();
  await settled(page);
  assert.equal((await drawn()).features, shown.features, 'and on again');
  assert.deepEqual(wrong, { foreign: [], csp: [], errors: [] });
  await context.close();
});
