// Drawing: a shape made by the mouse and the same shape typed are one geometry; snapping, undo and redo;
// the vertices of a shape that exists are moved and the map shows it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WAIT_MS, api, at, axe, items, launch, layersWhere, openPage, screenOf, settled, site } from './support.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** Presses the map at a place, as a mouse does: it comes there first. */
async function press(page, place) {
  const { x, y } = await screenOf(page, place);
  await page.mouse.move(x - 4, y - 2);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.up();
}

const rowsOf = (page) => page.$$eval('.coords-list li', (rows) => rows.map((row) => [...row.querySelectorAll('input')].map((box) => box.value)));
const rowCount = (page, count) => page.waitForFunction((want) => document.querySelectorAll('.coords-list li').length === want, count, { timeout: WAIT_MS });

/** A quiet corner of the ward, away from what could be snapped to: outside its box. */
async function corner() {
  const { bounds } = await site();
  return [bounds[2] + 0.004, bounds[1] + 0.004];
}

async function openRecord(page, layer) {
  await page.click('.rail-button.is-main');
  await page.selectOption('#record-layer', layer);
  await page.waitForSelector('.geometry');
}

/** Fills what a layer's form requires, from its definition. */
async function fillRequired(page, layer) {
  for (const field of layer.fields.filter((one) => one.required && !one.read_only)) {
    const box = `#field-${field.name}`;
    if (field.type === 'text') await page.fill(box, 'Thử vẽ');
    else if (field.type === 'code') { if ((await page.inputValue(box)) === '') await page.selectOption(box, { index: 1 }); }
    else if (field.type === 'date') { await page.fill(box, '01/02/2025'); await page.press(box, 'Tab'); }
    else if (field.type === 'integer' || field.type === 'number') await page.fill(box, String(field.min ?? 1));
  }
}

async function saved(page) {
  await page.click('.panel .form > .form-actions .primary');
  await page.waitForSelector('.drawer .facts', { timeout: WAIT_MS });
  const [layer, id] = (await page.getAttribute('.drawer', 'data-item')).split('/');
  return (await api(`/api/collections/${layer}/items/${id}`)).body;
}

/** Chooses the kind of shape where a layer takes several. */
async function chooseKind(page, layer, kind) {
  if (layer.geometry === 'any') await page.check(`.kinds input[value="${kind}"]`);
}

for (const kind of ['line', 'polygon']) {
  test(`a ${kind} drawn and the same ${kind} typed are one geometry`, async () => {
    const [layer] = await layersWhere((one) => one.editable && !one.derived && (one.geometry === kind || one.geometry === 'any'));
    assert.ok(layer, `no editable layer takes a ${kind}`);
    const [x, y] = await corner();
    const places = [[x, y], [x + 0.002, y + 0.0005], [x + 0.0015, y + 0.002]];
    const { page, context, wrong } = await openPage(browser, `lang=vi&layers=${layer.id}&${at([x + 0.001, y + 0.001], 17)}`);
    await openRecord(page, layer.id);
    await chooseKind(page, layer, kind);
    await page.waitForSelector(`.shape[data-kind="${kind}"]`);
    await page.waitForFunction(() => globalThis.diabanMap.getSource('page-drawing-polygon') !== undefined, undefined, { timeout: WAIT_MS });
    for (const place of places) await press(page, place);
    await rowCount(page, 3);
    // The size is told while the shape is still being drawn.
    assert.ok(Number(await page.getAttribute('.shape-size', 'data-length')) > 100);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.shape[data-drawn="true"] [data-do="again"]');
    await fillRequired(page, layer);
    assert.deepEqual(await axe(page), []);
    const drawn = await saved(page);
    const closed = kind === 'polygon' ? drawn.geometry.coordinates[0] : drawn.geometry.coordinates;
    assert.equal(drawn.geometry.type, kind === 'polygon' ? 'Polygon' : 'LineString');
    assert.equal(closed.length, kind === 'polygon' ? 4 : 3);
    // A pixel at this zoom is about a metre: that is how near a click is to where it was meant.
    for (const place of places) assert.ok(closed.some((vertex) => Math.hypot(vertex[0] - place[0], vertex[1] - place[1]) < 2e-5));

    await openRecord(page, layer.id);
    await chooseKind(page, layer, kind);
    const typed = kind === 'polygon' ? closed.slice(0, -1) : closed;
    await page.click('.coords details summary');
    await page.fill('#rows-paste', typed.map(([lon, lat]) => `${lon}, ${lat}`).join('\n'));
    await page.click('.coords details .secondary');
    await rowCount(page, typed.length);
    await page.waitForSelector('.shape[data-drawn="true"]');
    await fillRequired(page, layer);
    const again = await saved(page);
    assert.deepEqual(again.geometry, drawn.geometry);
    assert.deepEqual(wrong.csp, []);
    assert.deepEqual(wrong.foreign, []);
    await context.close();
  });
}

test('undo and redo go vertex by vertex, then edit by edit', async () => {
  const [layer] = await layersWhere((one) => one.editable && one.geometry === 'polygon');
  const [x, y] = await corner();
  const { page, context } = await openPage(browser, `lang=vi&${at([x + 0.001, y + 0.001], 17)}`);
  await openRecord(page, layer.id);
  await page.waitForFunction(() => globalThis.diabanMap.getSource('page-drawing-polygon') !== undefined, undefined, { timeout: WAIT_MS });
  for (const place of [[x, y], [x + 0.002, y], [x + 0.002, y + 0.002], [x, y + 0.002]]) await press(page, place);
  await rowCount(page, 4);
  await page.keyboard.press('Control+z');
  await rowCount(page, 3);
  await page.click('[data-do="undo"]');
  await rowCount(page, 2);
  await page.keyboard.press('Control+y');
  await rowCount(page, 3);
  await page.keyboard.press('Control+Shift+z');
  await rowCount(page, 4);
  // Enter on a button presses the button; on the map it finishes the shape.
  await page.focus('.maplibregl-canvas');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-do="again"]');
  const finished = await rowsOf(page);
  await page.click('.coords-list li:nth-child(2) .icon-button');
  await rowCount(page, 3);
  await page.focus('.maplibregl-canvas');
  await page.keyboard.press('Control+z');
  await rowCount(page, 4);
  assert.deepEqual(await rowsOf(page), finished);
  await page.keyboard.press('Control+y');
  await rowCount(page, 3);
  // Escape during a new shape drops it and keeps the form.
  await page.click('[data-do="again"]');
  await press(page, [x, y]);
  await rowCount(page, 1);
  await page.keyboard.press('Escape');
  await rowCount(page, 0);
  assert.equal(await page.locator('.geometry').count(), 1);
  await context.close();
});

test('a vertex snaps to the vertex of a neighbour, exactly', async () => {
  const { as_of: asOf } = await site();
  const [layer] = await layersWhere((one) => one.editable && one.geometry === 'polygon' && one.id === 'units');
  const { features } = await items('units', `datetime=${asOf}&limit=50`);
  const ring = features.find((one) => one.geometry.type === 'Polygon').geometry.coordinates[0];
  const [vertex] = ring;
  const { page, context } = await openPage(browser, `lang=vi&layers=units&${at(vertex, 17)}`);
  await openRecord(page, layer.id);
  await page.waitForFunction(() => Number(globalThis.diabanMap.getContainer().dataset.snaps) > 0 && globalThis.diabanMap.getSource('page-drawing-polygon') !== undefined, undefined, { timeout: WAIT_MS });
  const spot = await screenOf(page, vertex);
  await page.mouse.move(spot.x + 20, spot.y + 20);
  await page.mouse.move(spot.x + 5, spot.y + 4);
  await page.mouse.down();
  await page.mouse.up();
  await rowCount(page, 1);
  assert.deepEqual((await rowsOf(page))[0].map(Number), vertex.map((value) => Number(value.toFixed(7))));
  await context.close();
});

test('a vertex of a shape that exists is dragged and the map shows the new shape', async () => {
  const { as_of: asOf } = await site();
  const [x, y] = await corner();
  const square = [[x, y], [x + 0.002, y], [x + 0.002, y + 0.002], [x, y + 0.002], [x, y]];
  const made = await api('/api/collections/units/items', { method: 'POST', headers: { 'Content-Type': 'application/geo+json', Origin: new URL(process.env.DIABAN_URL ?? 'http://127.0.0.1:8080').origin }, body: JSON.stringify({ type: 'Feature', geometry: { type: 'Polygon', coordinates: [square] }, properties: { code: 'TV', name: 'Tổ thử vẽ', kind: (await layersWhere((one) => one.id === 'units'))[0].fields.find((field) => field.name === 'kind').codes[0].code, valid_from: '2020-01-01' } }) });
  const id = made.headers.get('location').split('/').pop();
  const { page, context, wrong } = await openPage(browser, `lang=vi&asof=${asOf}&layers=units&${at([x + 0.001, y + 0.001], 16)}&sel=units/${id}`);
  await page.waitForSelector('.drawer .facts');
  await page.click('.actions .action:has-text("Sửa hình")');
  await page.waitForFunction(() => globalThis.diabanMap.getSource('page-drawing-polygon') !== undefined, undefined, { timeout: WAIT_MS });
  await rowCount(page, 4);
  const from = await screenOf(page, [x + 0.002, y + 0.002]);
  const target = [x + 0.0026, y + 0.0024];
  const to = await screenOf(page, target);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction((lon) => [...document.querySelectorAll('.coords-list input')].some((box) => Math.abs(Number(box.value) - lon) < 3e-5), target[0]);
  // A dot between two vertices is dragged to add one.
  const dot = await screenOf(page, [x, y + 0.001]);
  const out = await screenOf(page, [x - 0.0006, y + 0.001]);
  await page.mouse.move(dot.x, dot.y);
  await page.mouse.down();
  await page.mouse.move(out.x, out.y, { steps: 6 });
  await page.mouse.up();
  await rowCount(page, 5);
  await page.click('.drawer .form > .form-actions .primary');
  await page.waitForSelector('.drawer .actions', { timeout: WAIT_MS });
  const { body } = await api(`/api/collections/units/items/${id}`);
  assert.equal(body.geometry.coordinates[0].length, 6);
  assert.ok(body.geometry.coordinates[0].some((vertex) => Math.hypot(vertex[0] - target[0], vertex[1] - target[1]) < 3e-5));
  await settled(page);
  // What the tiles draw now lies where the dragged corner went, outside the old square.
  const inside = await screenOf(page, [x + 0.0022, y + 0.0021]);
  await page.waitForFunction(([px, py, wanted]) => {
    const map = globalThis.diabanMap;
    const box = map.getContainer().getBoundingClientRect();
    const ids = map.getLayersOrder().filter((one) => map.getLayer(one).source === 'units');
    return map.queryRenderedFeatures([[px - box.left - 40, py - box.top - 40], [px - box.left + 40, py - box.top + 40]], { layers: ids }).some((one) => one.properties.id === wanted);
  }, [inside.x, inside.y, id], { timeout: WAIT_MS });
  assert.deepEqual(wrong.csp, []);
  await context.close();
});
