// The window of time the page looks at, worked out from the period and the as-of day, and how both
// move by a step. Pure; a window never reaches past the as-of day, because later is not known on it.
import { PERIODS, addDays, addMonths, daysBetween, isDay, periodStart, type Period } from './days';

/** First day (null: no beginning) and last day, both included. */
export interface Window { from: string | null; to: string }

/** What one press of "next" moves by. */
export const STEPS = ['day', 'week', 'month', 'quarter', 'year'] as const;
export type Step = (typeof STEPS)[number];
export const DEFAULT_STEP: Step = 'month';

const OPEN = '..';
const isPreset = (period: Period): boolean => (PERIODS as readonly string[]).includes(period);

/** Both ends of a fixed period; null when it is a preset or begins on a day and ends with the as-of day. */
function fixedEnds(period: Period): [string, string] | null {
  const [from, to, ...rest] = period.split('/');
  return from !== undefined && to !== undefined && rest.length === 0 ? [from, to] : null;
}

/** Whether the text is a period: a preset, a first day, or `first/last` where first may be `..`. */
export function isPeriod(text: string): boolean {
  if (isPreset(text) || isDay(text)) return true;
  const ends = fixedEnds(text);
  return ends !== null && isDay(ends[1]) && (ends[0] === OPEN || (isDay(ends[0]) && ends[0] <= ends[1]));
}

/** Whether the period keeps its last day when the as-of day moves on. */
export const isFixed = (period: Period): boolean => fixedEnds(period) !== null;

export function windowOf(period: Period, asOf: string): Window {
  const ends = fixedEnds(period);
  if (!ends) return { from: periodStart(period, asOf), to: asOf };
  const to = ends[1] < asOf ? ends[1] : asOf;
  return { from: ends[0] !== OPEN && ends[0] <= to ? ends[0] : null, to };
}

/** The period that means this window; one that ends with the as-of day goes on following it. */
export function periodOf(window: Window, asOf: string): Period {
  if (window.to >= asOf) return window.from ?? 'all';
  return `${window.from ?? OPEN}/${window.to}`;
}

/** The calendar quarter a day lies in. */
export function quarterOf(day: string): { year: number; quarter: number; from: string; to: string } {
  const year = Number(day.slice(0, 4));
  const quarter = Math.ceil(Number(day.slice(5, 7)) / 3);
  const from = `${year}-${String(quarter * 3 - 2).padStart(2, '0')}-01`;
  return { year, quarter, from, to: addDays(addMonths(from, 3), -1) };
}

/** The quarters up to the as-of day, newest first. */
export function quartersBefore(asOf: string, count: number): ReturnType<typeof quarterOf>[] {
  return Array.from({ length: count }, (_none, index) => quarterOf(addMonths(quarterOf(asOf).from, -3 * index)));
}

/** A day moved by steps, back when negative. */
export function shiftDay(day: string, step: Step, by: number): string {
  if (step === 'day') return addDays(day, by);
  if (step === 'week') return addDays(day, 7 * by);
  return addMonths(day, by * { month: 1, quarter: 3, year: 12 }[step]);
}

const isMonthEnd = (day: string): boolean => addDays(day, 1).endsWith('-01');

/** A last day moved by steps: the end of a month goes to the end of a month. */
export function shiftEnd(day: string, step: Step, by: number): string {
  if (step === 'day' || step === 'week' || !isMonthEnd(day)) return shiftDay(day, step, by);
  return addDays(shiftDay(addDays(day, 1), step, by), -1);
}

export interface Moment { asOf: string; period: Period }

/** Day and period one or more steps on. A window with its own last day moves along the axis; one that
 * ends with the as-of day moves with that day. Cumulative: the first day stays where it is. */
export function advance(now: Moment, step: Step, by: number, isCumulative: boolean): Moment {
  const { from, to } = windowOf(now.period, now.asOf);
  if (!isFixed(now.period)) {
    const asOf = shiftEnd(now.asOf, step, by);
    if (isCumulative) return from === null || from <= asOf ? { asOf, period: from ?? 'all' } : now;
    return { asOf, period: isPreset(now.period) || from === null ? now.period : shiftDay(from, step, by) };
  }
  const nextTo = shiftEnd(to, step, by);
  const nextFrom = isCumulative || from === null ? from : shiftDay(from, step, by);
  if (nextFrom !== null && nextFrom > nextTo) return now;
  const asOf = nextTo > now.asOf ? nextTo : now.asOf;
  return { asOf, period: `${nextFrom ?? OPEN}/${nextTo}` };
}

/** The period after the as-of day was moved: a window that would lie after it moves back with it. */
export function keepBefore(period: Period, asOf: string): Period {
  const ends = fixedEnds(period);
  const first = ends ? ends[0] : period;
  if (!isDay(first) || first <= asOf) return period;
  if (!ends) return 'all';
  return `${addDays(asOf, -daysBetween(first, ends[1]))}/${asOf}`;
}
