// The arithmetic of the time axis, without a screen: how wide its bars are, what stands in them, where
// a day lies and which day lies under a pixel, and running totals.
import type { Bar, Collection, Histogram, Layer } from '../api/types';
import { addDays, daysBetween } from './days';
import type { AxisRange } from '../state/url';

export type BarStep = 'day' | 'week' | 'month' | 'year';

/** Bars narrow enough to show a rhythm and wide enough to be seen. */
export function barStep({ from, to }: AxisRange): BarStep {
  const span = daysBetween(from, to);
  if (span <= 93) return 'day';
  if (span <= 550) return 'week';
  return span <= 365 * 15 ? 'month' : 'year';
}

/** Whether a layer's features begin at a time the axis can show. */
export const isTimed = (layer: Layer): boolean => (layer.time === 'event' || layer.time === 'state') && Boolean(layer.start);

/** One layer as read from the server: everything that began on the axis, and what the view selects. */
export interface Series { layer: string; all: Histogram; inside: Histogram; later: Bar[] }

export interface Part { layer: string; count: number }
/** One bar: what is selected of it by layer, what else began in it, and what is only known later. */
export interface Column { from: string; to: string; parts: Part[]; inside: number; all: number; later: number }

/** A leading or trailing pile beside the bars: what began before the period, or on no known day. */
export interface Pile { total: number; parts: Part[] }

export interface Axis { columns: Column[]; before: Pile; without: Pile; total: number }

const sum = (parts: Part[]): number => parts.reduce((total, part) => total + part.count, 0);

function pile(series: Series[], pick: (histogram: Histogram) => number): Pile {
  const parts = series.map(({ layer, inside }) => ({ layer, count: pick(inside) }));
  return { parts, total: sum(parts) };
}

/** Puts the layers' bars side by side. Every selected feature is in one bar or one pile, once. */
export function axisOf(series: Series[]): Axis {
  const columns = new Map<string, Column>();
  const column = (bar: Bar): Column => {
    const from = bar.from.slice(0, 10);
    const old = columns.get(from) ?? { from, to: bar.to.slice(0, 10), parts: [], inside: 0, all: 0, later: 0 };
    columns.set(from, old);
    return old;
  };
  for (const one of series) {
    for (const bar of one.all.bars) column(bar).all += bar.count;
    for (const bar of one.later) column(bar).later += bar.count;
    for (const bar of one.inside.bars) {
      if (bar.count === 0) continue;
      const into = column(bar);
      into.parts.push({ layer: one.layer, count: bar.count });
      into.inside += bar.count;
    }
  }
  const sorted = [...columns.values()].toSorted((a, b) => a.from.localeCompare(b.from));
  const before = pile(series, (histogram) => histogram.before ?? 0);
  const without = pile(series, (histogram) => histogram.without ?? 0);
  const total = sorted.reduce((count, one) => count + one.inside, 0) + before.total + without.total;
  return { columns: sorted, before, without, total };
}

/** Each bar with everything selected up to its end: what began before included. */
export function runningTotals({ columns, before }: Axis): { from: string; to: string; total: number }[] {
  let total = before.total;
  return columns.map(({ from, to, inside }) => {
    total += inside;
    return { from, to, total };
  });
}

/** The day of an instant in the ward's zone (UTC+7, no daylight saving). */
const dayOf = (instant: string): string => new Date(Date.parse(instant) + 7 * 3_600_000).toISOString().slice(0, 10);

/** From the first day any of the layers knows to the last the site looks at. */
export function dataRange(collections: Collection[], opening: string): AxisRange {
  const starts = collections.flatMap(({ extent }) => {
    const from = extent?.temporal?.interval?.[0]?.[0];
    return from ? [dayOf(from)] : [];
  });
  const first = starts.toSorted()[0];
  const from = first && first < addDays(opening, -30) ? first : addDays(opening, first ? -30 : -5 * 365);
  return { from, to: opening };
}

/** Days across a width: where a day begins, and the day under a place. */
export interface Scale {
  days: number;
  /** Share of the width at the beginning of a day. */
  at(day: string): number;
  day(share: number): string;
}

export function scaleOf({ from, to }: AxisRange): Scale {
  const days = Math.max(1, daysBetween(from, to) + 1);
  const clamp = (value: number, high: number): number => Math.max(0, Math.min(high, value));
  return {
    days,
    at: (day) => clamp(daysBetween(from, day), days) / days,
    day: (share) => addDays(from, clamp(Math.floor(share * days), days - 1)),
  };
}

/** The window between two days pressed and released, either way round. A click on one day is none. */
export function brushed(a: string, b: string): { from: string; to: string } | null {
  if (a === b) return null;
  return a < b ? { from: a, to: b } : { from: b, to: a };
}

/** Years, or months where a year is wide, for the line under the axis. */
export function ticksOf(range: AxisRange): { day: string; kind: 'year' | 'month' }[] {
  const span = daysBetween(range.from, range.to);
  const [firstYear, lastYear] = [Number(range.from.slice(0, 4)), Number(range.to.slice(0, 4))];
  const ticks: { day: string; kind: 'year' | 'month' }[] = [];
  const every = span > 365 * 20 ? Math.ceil(span / 365 / 12) : 1;
  for (let year = firstYear; year <= lastYear; year++) {
    if (year % every === 0) ticks.push({ day: `${year}-01-01`, kind: 'year' });
    if (span > 900) continue;
    for (let month = 2; month <= 12; month++) ticks.push({ day: `${year}-${String(month).padStart(2, '0')}-01`, kind: 'month' });
  }
  return ticks.filter(({ day }) => day >= range.from && day <= range.to);
}
