// What the tests of exploring share: dice with a fixed seed, going to a state without loading the page
// again, reading what the axis, its table and the list say, and a brute-force reading of the data.
import { WAIT_MS, api } from './support.mjs';

/** A small random generator (mulberry32), the same numbers every time. */
export function dice(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const roll = (sides) => Math.floor(next() * sides);
  return { roll, flip: () => roll(2) === 1, one: (of) => of[roll(of.length)], some: (of) => of.filter(() => roll(2) === 1) };
}

const DAY_MS = 86_400_000;
export const addDays = (day, count) => new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10);
/** Monday is 1. */
export const weekdayOf = (day) => ((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7) + 1;
/** The hour of an instant at UTC+7. */
export const hourOf = (instant) => new Date(Date.parse(instant) + 7 * 3_600_000).getUTCHours();

/** Whether a point lies in a ring, by counting crossings. */
export function isInside([x, y], ring) {
  let isIn = false;
  for (let at = 0, before = ring.length - 1; at < ring.length; before = at++) {
    const [[x1, y1], [x2, y2]] = [ring[at], ring[before]];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) isIn = !isIn;
  }
  return isIn;
}

export const wktOf = (ring) => `POLYGON((${[...ring, ring[0]].map(([lon, lat]) => `${lon} ${lat}`).join(',')}))`;

/** Every feature of a layer under parameters, page after page. */
export async function everyItem(layer, params) {
  const features = [];
  let path = `/api/collections/${layer}/items?${new URLSearchParams([...params, ['limit', '1000']])}`;
  let matched = 0;
  while (path) {
    const { body } = await api(path);
    features.push(...body.features);
    matched = body.numberMatched;
    const next = body.links.find((link) => link.rel === 'next');
    path = next ? new URL(next.href).pathname + new URL(next.href).search : null;
  }
  return { features, matched };
}

/** Goes to a state as Back would: the address changes and the page takes it over. */
export async function goTo(page, query) {
  await page.evaluate((next) => {
    history.pushState(null, '', `/?${next}`);
    dispatchEvent(new PopStateEvent('popstate'));
  }, query);
}

/** Waits until the list, the axis and its table have answered for the present state, and gives what they say. */
export async function said(page) {
  const numbers = () => page.evaluate(() => {
    const count = document.querySelector('.sheet-count');
    const rows = [...document.querySelectorAll('.axis-table tbody tr')].map((row) => ({ kind: row.dataset.kind, count: Number(row.lastElementChild.textContent.replaceAll(/\D/g, '')) }));
    const total = document.querySelector('.axis-table tfoot td:last-child')?.textContent.replaceAll(/\D/g, '');
    return {
      rows: Number(count?.dataset.total), located: Number(count?.dataset.located), waiting: Number(count?.dataset.waiting),
      axis: Number(document.querySelector('.axis')?.dataset.total), tableTotal: Number(total),
      bars: rows.filter((row) => row.kind === 'bar').reduce((sum, row) => sum + row.count, 0),
      before: rows.find((row) => row.kind === 'before')?.count ?? 0, without: rows.find((row) => row.kind === 'without')?.count ?? 0,
      file: document.querySelector('.sheet-export[data-format="geojson"]')?.getAttribute('href') ?? '',
      error: document.querySelector('.sheet [role="alert"], .axis-none[role="alert"]')?.textContent ?? '',
    };
  });
  return { numbers, params: async () => new URLSearchParams([...new URLSearchParams((await numbers()).file.split('?')[1])].filter(([name]) => name !== 'format')) };
}

/** Waits until `read` gives something `isRight` takes; fails with the last thing read. */
export async function until(read, isRight, what) {
  const end = Date.now() + WAIT_MS;
  let last;
  do {
    last = await read();
    if (isRight(last)) return last;
    await new Promise((resolve) => { setTimeout(resolve, 40); });
  } while (Date.now() < end);
  throw new Error(`${what}: ${JSON.stringify(last)}`);
}

/** Screen boxes of the axis, to drag on. */
export const axisBox = (page) => page.locator('.axis-plot').boundingBox();

export async function drag(page, from, to) {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  for (let step = 1; step <= 8; step++) await page.mouse.move(from.x + ((to.x - from.x) * step) / 8, from.y + ((to.y - from.y) * step) / 8);
  await page.mouse.up();
  // The last place of the drag is in the address once the page has come round to a frame.
  await page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => resolve()); }));
}

export const searchOf = (page) => new URLSearchParams(new URL(page.url()).search);
