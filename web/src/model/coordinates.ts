// Coordinates as people type and paste them: two boxes a row, WGS 84 degrees or VN-2000 metres, decimal
// comma or point, either order where the ranges tell which is which. Pure; projecting is the caller's.
import { roundDegree } from '../geo/pieces';
import type { Vn2000 } from '../geo/vn2000';
import type { Bounds } from '../api/types';

export type Crs = 'wgs84' | 'vn2000';

/** A row of text: longitude and latitude, or east and north. */
export interface Row { x: string; y: string }

/** Where an axis may lie. VN-2000: the TM-3 zone of Sơn La with its neighbourhood. */
const RANGES: Record<Crs, { x: [number, number]; y: [number, number] }> = {
  wgs84: { x: [-180, 180], y: [-90, 90] },
  vn2000: { x: [100_000, 900_000], y: [900_000, 2_700_000] },
};

/** Viet Nam in degrees: what decides between `lon, lat` and `lat, lon` where both could be. */
const COUNTRY = { x: [102, 110], y: [8, 24] } as const;

const within = (value: number, [low, high]: readonly [number, number]): boolean => value >= low && value <= high;

/** A number with a decimal comma or point and, with both, thousands marks: `2.360.900,056`. */
export function parseMetric(text: string): number | null {
  const plain = text.trim().replaceAll(/[\s°']/g, '');
  if (!/^[-+]?[\d.,]+$/.test(plain) || !/\d/.test(plain)) return null;
  const last = Math.max(plain.lastIndexOf(','), plain.lastIndexOf('.'));
  const mark = last < 0 ? '' : plain[last] as string;
  const marks = plain.match(/[.,]/g)?.length ?? 0;
  const isGrouped = marks > 1 && plain.split(mark).length - 1 > 1;
  if (isGrouped) {
    // One mark several times can only group: 2.360.900.
    const isPlain = new RegExp(`^[-+]?\\d{1,3}(\\${mark}\\d{3})+$`).test(plain);
    return isPlain ? Number(plain.replaceAll(mark, '')) : null;
  }
  const whole = last < 0 ? plain : plain.slice(0, last).replaceAll(/[.,]/g, '');
  return Number(last < 0 ? whole : `${whole}.${plain.slice(last + 1)}`);
}

/** Whether the two numbers are in the order of the row, the other way round, or not of this system. */
export function orderOf(crs: Crs, first: number, second: number): 'right' | 'swapped' | 'wrong' {
  const { x, y } = RANGES[crs];
  const isRight = within(first, x) && within(second, y);
  const isSwapped = within(second, x) && within(first, y);
  if (crs === 'wgs84' && isRight && isSwapped) return within(first, COUNTRY.y) && within(second, COUNTRY.x) ? 'swapped' : 'right';
  if (isRight) return 'right';
  return isSwapped ? 'swapped' : 'wrong';
}

export type RowFault = 'empty' | 'number' | 'range';

export interface ReadRow { position: [number, number] | null; fault: RowFault | null; isSwapped: boolean }

/** A row as a place in WGS 84. `projection` is needed for VN-2000 only. */
export function readRow(row: Row, crs: Crs, projection: Vn2000 | null): ReadRow {
  const nothing = { position: null, isSwapped: false };
  if (row.x.trim() === '' && row.y.trim() === '') return { ...nothing, fault: 'empty' };
  const [first, second] = [parseMetric(row.x), parseMetric(row.y)];
  if (first === null || second === null) return { ...nothing, fault: 'number' };
  const order = orderOf(crs, first, second);
  if (order === 'wrong') return { ...nothing, fault: 'range' };
  const [x, y] = order === 'swapped' ? [second, first] : [first, second];
  const isSwapped = order === 'swapped';
  if (crs === 'wgs84') return { position: [roundDegree(x), roundDegree(y)], fault: null, isSwapped };
  if (!projection) return { ...nothing, fault: null };
  const [lon, lat] = projection.toLonLat(x, y);
  return { position: [roundDegree(lon), roundDegree(lat)], fault: null, isSwapped };
}

/** A place as the text of a row: seven decimals of a degree or millimetres. */
export function rowOf(position: readonly number[], crs: Crs, projection: Vn2000 | null): Row {
  const [lon = 0, lat = 0] = position;
  if (crs === 'wgs84') return { x: String(roundDegree(lon)), y: String(roundDegree(lat)) };
  if (!projection) return { x: '', y: '' };
  const [east, north] = projection.fromLonLat([lon, lat]);
  return { x: east.toFixed(3), y: north.toFixed(3) };
}

function numbersOf(line: string): string[] {
  const words = line.trim().split(/[\t; ]+/).map((word) => word.replace(/,$/, '')).filter((word) => word !== '');
  const [only] = words;
  if (words.length !== 1 || only === undefined) return words;
  const parts = only.split(',');
  // `103.9,21.3` is two numbers, `103,9,21,3` two with decimal commas.
  if (parts.length === 2) return parts;
  return parts.length === 4 ? [`${parts[0]},${parts[1]}`, `${parts[2]},${parts[3]}`] : words;
}

/** Rows in a pasted text, one a line. Columns around the pair (a vertex's number, a side's length) are
 * passed over: the first neighbours that can be a place are taken. `missed` counts lines without any. */
export function parsePaste(text: string, crs: Crs): { rows: Row[]; missed: number } {
  const rows: Row[] = [];
  let missed = 0;
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const words = numbersOf(line);
    let found: Row | null = null;
    for (let at = 0; at + 1 < words.length && !found; at++) {
      const [first, second] = [parseMetric(words[at] as string), parseMetric(words[at + 1] as string)];
      if (first === null || second === null || orderOf(crs, first, second) === 'wrong') continue;
      // In degrees a vertex's number before the pair could pass for a longitude: three columns decide.
      if (crs === 'wgs84' && words.length > 2 && Number.isInteger(first) && at + 2 < words.length) continue;
      found = { x: words[at] as string, y: words[at + 1] as string };
    }
    if (found) rows.push(found);
    else missed += 1;
  }
  return { rows, missed };
}

/** How many kilometres a place lies outside the site; 0 inside or near. */
export function kilometresOff(position: readonly number[], bounds: Bounds): number {
  const [lon = 0, lat = 0] = position;
  const [west, south, east, north] = bounds;
  const dx = Math.max(west - lon, 0, lon - east) * 111.32 * Math.cos((lat * Math.PI) / 180);
  const dy = Math.max(south - lat, 0, lat - north) * 110.6;
  const off = Math.hypot(dx, dy);
  return off < 5 ? 0 : Math.round(off);
}
