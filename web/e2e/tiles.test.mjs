// Every tile of every layer of the demo ward from z0 to z18, all layers in one tile as the map asks for them, as browsers
// read it: by @mapbox/vector-tile, and by MapLibre, which parses it in its worker and makes triangles of its areas. Both
// must find what is there: over all tiles of a zoom, the located features of the API.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { VectorTile, classifyRings } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { BASE, api, launch, openPage } from './support.mjs';

/** Of a tile's side: how far its box is grown, which is in it too. */
const BUFFER = 64 / 4096;
const LAST_ZOOM = 18;
/** Tiles of a side that MapLibre is shown at once. */
const BLOCK = 8;
/** Requests at a time. */
const AT_ONCE = 8;

let layers;
let tiles;
let located;
let browser;
before(async () => {
  browser = await launch();
  await survey();
});
after(() => browser.close());

const mercator = ([lon, lat]) => [lon / 360 + 0.5, 0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)];
const positions = (coordinates) => (typeof coordinates[0] === 'number' ? [coordinates] : coordinates.flatMap(positions));
const partsOf = (geometry) => geometry.geometries ?? [geometry];

/** The box of a feature in the unit square. */
function boxOf(feature) {
  const all = partsOf(feature.geometry).flatMap((part) => positions(part.coordinates)).map(mercator);
  const [xs, ys] = [all.map(([x]) => x), all.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

async function allItems(layer) {
  const found = [];
  for (let path = `/api/collections/${layer}/items?limit=1000`; path;) {
    const { body } = await api(path);
    found.push(...body.features);
    const next = body.links.find((link) => link.rel === 'next')?.href;
    path = next ? next.slice(next.indexOf('/api/')) : null;
  }
  return found;
}

/** What there is: the layers that are drawn, their located features, and the tiles that hold any. */
async function survey() {
  const { body } = await api('/api/collections');
  located = new Map();
  const boxes = [];
  for (const { id, layer } of body.collections) {
    if (layer.geometry === 'none') continue;
    const features = (await allItems(id)).filter((feature) => feature.geometry);
    if (features.length === 0) continue;
    located.set(id, new Set(features.map((feature) => feature.id)));
    boxes.push(...features.map(boxOf));
  }
  layers = [...located.keys()];
  const wanted = [];
  for (let z = 0; z <= LAST_ZOOM; z += 1) {
    const [side, near] = [2 ** z, new Set()];
    for (const [west, north, east, south] of boxes) {
      for (let x = Math.floor(west * side - BUFFER); x <= Math.floor(east * side + BUFFER); x += 1) {
        for (let y = Math.floor(north * side - BUFFER); y <= Math.floor(south * side + BUFFER); y += 1) {
          if (x >= 0 && y >= 0 && x < side && y < side) near.add(`${z}/${x}/${y}`);
        }
      }
    }
    wanted.push(...near);
  }
  tiles = new Map();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let place = wanted.pop(); place; place = wanted.pop()) {
      const response = await fetch(`${BASE}/tiles/${layers}/${place}?aggregate=none`);
      assert.ok(response.status === 200 || response.status === 204, `${response.status} ${place}`);
      if (response.status === 200) tiles.set(place, new Uint8Array(await response.arrayBuffer()));
    }
  }));
}

/** Collects ids by zoom and layer, and says whether they are those located. */
function gathering() {
  const zooms = Array.from({ length: LAST_ZOOM + 1 }, () => new Map(layers.map((layer) => [layer, new Set()])));
  return {
    add: (z, layer, id) => zooms[z].get(layer).add(id),
    isWhole: () => {
      zooms.forEach((found, z) => {
        for (const [layer, ids] of found) {
          const missing = [...located.get(layer)].filter((id) => !ids.has(id));
          assert.deepEqual([missing, ids.size], [[], located.get(layer).size], `${layer} at zoom ${z}`);
        }
      });
    },
  };
}

test('@mapbox/vector-tile reads every tile', () => {
  const found = gathering();
  let [features, areas] = [0, 0];
  for (const [place, bytes] of tiles) {
    const [z, x, y] = place.split('/').map(Number);
    const tile = new VectorTile(new PbfReader(bytes));
    for (const [name, layer] of Object.entries(tile.layers)) {
      assert.deepEqual([layer.version, layer.extent], [2, 4096], place);
      for (let at = 0; at < layer.length; at += 1) {
        const feature = layer.feature(at);
        const rings = feature.loadGeometry();
        const inside = (value) => value >= -64 && value <= 4160;
        assert.ok(rings.length > 0 && rings.flat().every((point) => inside(point.x) && inside(point.y)), `${name} in ${place}`);
        if (feature.type === 3) {
          // It tells exteriors from holes by their winding; none may be lost.
          const polygons = classifyRings(rings);
          assert.equal(polygons.flat().length, rings.length, `${name} in ${place}: a ring of no polygon`);
          areas += 1;
        }
        assert.ok(feature.toGeoJSON(x, y, z).geometry.coordinates.length > 0);
        found.add(z, name, feature.properties.id);
        features += 1;
      }
    }
  }
  found.isWhole();
  console.log(`${tiles.size} tiles, ${features} features in them, ${areas} of them areas, read by @mapbox/vector-tile`);
  assert.ok(tiles.size > 800 && areas > 1000);
});

test('MapLibre reads every tile', async () => {
  const { page, context, wrong } = await openPage(browser, '', { viewport: { width: 1024, height: 1024 } });
  await page.evaluate(makeMap, { tiles: `${BASE}/tiles/${layers}/{z}/{x}/{y}?aggregate=none`, layers, lastZoom: LAST_ZOOM });
  const found = gathering();
  const loaded = new Set();
  let blocks = 0;
  for (const block of blocksOf(tiles.keys())) {
    const seen = await page.evaluate(lookAt, block);
    assert.deepEqual(seen.errors, [], `around ${block.places[0]}`);
    seen.loaded.forEach((place) => loaded.add(place));
    for (const [layer, ids] of Object.entries(seen.ids)) ids.forEach((id) => found.add(block.z, layer, id));
    blocks += 1;
  }
  const missing = [...tiles.keys()].filter((place) => !loaded.has(place));
  assert.deepEqual(missing, [], 'tiles that MapLibre did not load');
  found.isWhole();
  console.log(`${tiles.size} tiles loaded by MapLibre in ${blocks} views`);
  assert.deepEqual(wrong, { foreign: [], csp: [], errors: [] });
  await context.close();
});

/** The tiles in squares that MapLibre is shown at once, each with its middle in degrees. */
function blocksOf(places) {
  const blocks = new Map();
  for (const place of places) {
    const [z, x, y] = place.split('/').map(Number);
    // A map is never smaller than its container: far out it shows one tile.
    const size = z < 3 ? 1 : BLOCK;
    const [column, row] = [Math.floor(x / size), Math.floor(y / size)];
    const key = `${z}/${column}/${row}`;
    if (!blocks.has(key)) {
      const middle = (n) => ((n + 0.5) * size) / 2 ** z;
      const lat = (Math.atan(Math.sinh(Math.PI * (1 - 2 * middle(row)))) * 180) / Math.PI;
      blocks.set(key, { z, size, center: [middle(column) * 360 - 180, lat], places: [] });
    }
    blocks.get(key).places.push(place);
  }
  return blocks.values();
}

/** In the page: a second map over the tiles alone, every layer of them drawn as what it may be. */
function makeMap({ tiles: url, layers: names, lastZoom }) {
  const container = document.createElement('div');
  container.style.cssText = 'position: fixed; left: 0; top: 0';
  document.body.append(container);
  const drawn = names.flatMap((name) => ['fill', 'line', 'circle'].map((type) => ({ id: `${name}-${type}`, type, source: 'all', 'source-layer': name })));
  const map = new globalThis.diabanMap.constructor({
    container,
    style: { version: 8, sources: { all: { type: 'vector', tiles: [url], minzoom: 0, maxzoom: lastZoom } }, layers: drawn },
    pixelRatio: 0.125, fadeDuration: 0, attributionControl: false, interactive: false, maxTileCacheSize: 0,
  });
  const heard = { errors: [], loaded: [] };
  map.on('error', (event) => heard.errors.push(String(event.error ?? event)));
  map.on('sourcedata', ({ tile }) => {
    if (tile?.state === 'loaded') heard.loaded.push([tile.tileID.canonical.z, tile.tileID.canonical.x, tile.tileID.canonical.y].join('/'));
  });
  Object.assign(globalThis, { allTiles: { map, container, names, heard } });
}

/** In the page: goes to a block of tiles and says what MapLibre found in them. */
async function lookAt({ z, size, center }) {
  const { map, container, names, heard } = globalThis.allTiles;
  [heard.errors, heard.loaded] = [[], []];
  // A little less than the tiles, so that no others are asked for.
  const side = `${512 * size - 2}px`;
  if (container.style.width !== side) {
    Object.assign(container.style, { width: side, height: side });
    map.resize();
  }
  map.jumpTo({ center, zoom: z });
  await new Promise((resolve) => { map.once('idle', resolve); });
  const ids = Object.fromEntries(names.map((name) => [name, [...new Set(map.querySourceFeatures('all', { sourceLayer: name }).map((feature) => feature.properties.id))]]));
  return { errors: heard.errors, loaded: heard.loaded, ids, zoom: map.getZoom() };
}
