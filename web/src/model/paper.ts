// Sheets of paper: sizes, the box a map gets, and the scale it is drawn at. Pure; millimetres.

export const PAPERS = ['a4', 'a3'] as const;
export type Paper = (typeof PAPERS)[number];
export type Direction = 'landscape' | 'portrait';

const SIZES: Record<Paper, [number, number]> = { a4: [210, 297], a3: [297, 420] };
const MARGIN = 10;
/** Head, foot with signatures, and the legend beside the map (landscape) or under it (portrait). */
const HEAD = 24;
const FOOT = 40;
const LEGEND = { landscape: 66, portrait: 62 };
const GAP = 4;
export const PX_PER_MM = 96 / 25.4;

export interface Sheet { width: number; height: number; map: { width: number; height: number } }

export function sheetOf(paper: Paper, direction: Direction): Sheet {
  const [short, long] = SIZES[paper];
  const [width, height] = direction === 'landscape' ? [long, short] : [short, long];
  const [innerWidth, innerHeight] = [width - 2 * MARGIN, height - 2 * MARGIN - HEAD - FOOT];
  const map = direction === 'landscape'
    ? { width: innerWidth - LEGEND.landscape - GAP, height: innerHeight }
    : { width: innerWidth, height: innerHeight - LEGEND.portrait - GAP };
  return { width, height, map };
}

/** The scale's denominator, rounded to what can be said honestly: two digits. */
export function scaleOf(metresPerPx: number): number {
  const exact = metresPerPx * 1000 * PX_PER_MM;
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(exact)) - 1);
  return Math.round(exact / unit) * unit;
}

/** A bar of 1, 2 or 5 times a power of ten metres, at most `most` millimetres long. */
export function barOf(metresPerPx: number, most: number): { metres: number; mm: number } {
  const perMm = metresPerPx * PX_PER_MM;
  const power = 10 ** Math.floor(Math.log10(perMm * most));
  const metres = [5, 2, 1].map((times) => times * power).find((length) => length <= perMm * most) ?? power;
  return { metres, mm: metres / perMm };
}
