// Paper: the sheet the browser prints has its size, its words, a map that is a map, and one page.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { WAIT_MS, api, axe, launch, openPage, site } from './support.mjs';

const hasPoppler = spawnSync('pdftotext', ['-v']).error === undefined;
const SIZES = { 'a4 landscape': [841.9, 595.3], 'a4 portrait': [595.3, 841.9], 'a3 landscape': [1190.6, 841.9], 'a3 portrait': [841.9, 1190.6] };

let browser;
let folder;
before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), 'diaban-print-'));
});
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

async function openPrint(query) {
  const opened = await openPage(browser, query);
  await opened.page.keyboard.press('p');
  await opened.page.waitForSelector('.print-sheet[data-ready="true"]', { timeout: 2 * WAIT_MS });
  return opened;
}

/** How many different colours the sheet's map has, and the share of the commonest. */
const coloursOf = (page) => page.evaluate(async () => {
  const image = document.querySelector('.print-map img');
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [400, Math.round((400 * image.naturalHeight) / image.naturalWidth)];
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const counts = new Map();
  for (let at = 0; at < data.length; at += 4) {
    const key = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return { colours: counts.size, most: Math.max(...counts.values()) / (data.length / 4) };
});

test('every sheet has its size, one page for the map, its words and a map', { skip: hasPoppler ? false : 'pdftotext (poppler-utils) is not installed' }, async () => {
  const { title, demo, as_of: asOf } = await site();
  const { page, context, wrong } = await openPrint('lang=vi&theme=dark&layers=zones,violations&period=all');
  const layers = (await api('/api/collections')).body.collections.filter((one) => ['zones', 'violations'].includes(one.id)).map((one) => one.layer);
  const { count } = (await api(`/api/collections/violations/count?datetime=../${asOf}`)).body;
  for (const [sheet, [width, height]] of Object.entries(SIZES)) {
    const [paper, direction] = sheet.split(' ');
    await page.selectOption('#print-paper', paper);
    await page.selectOption('#print-direction', direction);
    const isWide = direction === 'landscape';
    await page.waitForSelector(`.print-sheet.is-${isWide ? 'landscape' : 'portrait'}[data-ready="true"]`, { timeout: 2 * WAIT_MS });
    await page.waitForFunction(() => document.querySelector('.print-map img')?.complete);
    const seen = await coloursOf(page);
    assert.ok(seen.colours > 60 && seen.most < 0.9, `${sheet}: ${JSON.stringify(seen)}`);
    const file = join(folder, `${paper}-${direction}.pdf`);
    await page.pdf({ path: file, preferCSSPageSize: true, printBackground: true });
    const info = execFileSync('pdfinfo', [file], { encoding: 'utf8' });
    assert.match(info, /Pages:\s+1\n/, sheet);
    const [, w, h] = /Page size:\s+([\d.]+) x ([\d.]+)/.exec(info);
    assert.ok(Math.abs(w - width) < 1.5 && Math.abs(h - height) < 1.5, `${sheet}: ${w} x ${h}`);
    const text = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).normalize('NFC');
    const [year, month, day] = asOf.split('-');
    const number = new Intl.NumberFormat('vi-VN').format(count);
    for (const want of [`Bản đồ ${title.vi}`, `Tại ngày ${day}/${month}/${year}`, 'LƯU HÀNH NỘI BỘ', 'Chú giải', `n = ${number}`, 'Tỷ lệ khoảng 1:', 'NGƯỜI LẬP', '(Ký tên, đóng dấu)', 'Nền:', ...layers.map((layer) => layer.title.vi)]) assert.ok(text.includes(want), `${sheet} lacks “${want}” in:\n${text}`);
    if (demo) assert.match(text, /Dữ liệu minh hoạ/);
    // The note may be broken anywhere, beside other words.
    assert.match(text, /không phải đánh giá/);
    assert.match(text, /hộ gia đình/);
  }
  assert.deepEqual(wrong, { foreign: [], csp: [], errors: [] });
  await context.close();
});

test('the sheet says which conditions hold, in English too, and its scale is the map’s', async () => {
  const { page, context } = await openPrint('lang=en&layers=violations&period=all&f=violations.state:found');
  const text = await page.textContent('.print-sheet');
  assert.match(text, /INTERNAL USE ONLY/);
  assert.match(text, /Filtered: .*Found/);
  // The bar is as long on paper as it says on the ground: compared with the box of the map it stands for.
  const bar = await page.evaluate(() => {
    const zoom = Number(getComputedStyle(document.querySelector('.print-zoom')).zoom);
    const px = document.querySelector('.print-bar').getBoundingClientRect().width / zoom;
    const label = document.querySelector('.print-bar-ends span:last-child').textContent;
    const scale = /1:([\d,.]+)/.exec(document.querySelector('.print-scale > span').textContent)[1].replaceAll(/[,.]/g, '');
    return { mm: (px * 25.4) / 96, metres: Number.parseFloat(label) * (label.includes('km') ? 1000 : 1), scale: Number(scale) };
  });
  assert.ok(Math.abs((bar.metres * 1000) / bar.mm / bar.scale - 1) < 0.06, JSON.stringify(bar));
  assert.deepEqual(await axe(page), []);
  // The words are the reader's own, and Escape goes back.
  await page.fill('#print-title', 'Điểm nóng chợ Mẫu');
  assert.match(await page.textContent('.print-sheet h1'), /Điểm nóng chợ Mẫu/);
  await page.keyboard.press('Escape');
  await page.waitForSelector('.print-view', { state: 'detached' });
  await context.close();
});
