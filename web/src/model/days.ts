// Calendar days as `YYYY-MM-DD` strings and the period that ends on the as-of day. Pure functions;
// days are counted in UTC so that no time zone can shift one.

/** How far back the period before the as-of day reaches: a length, everything, a first day, or
 * `first/last` with a last day of its own (see `period.ts`). */
export type Period = 'P30D' | 'P3M' | 'P12M' | 'all' | (string & {});

export const PERIODS = ['P30D', 'P3M', 'P12M', 'all'] as const;
export const DEFAULT_PERIOD: Period = 'P12M';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MS_PER_DAY = 86_400_000;

const toTime = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const toDay = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** Whether the text is a day that exists. */
export function isDay(text: string): boolean {
  if (!DAY.test(text)) return false;
  const time = toTime(text);
  return !Number.isNaN(time) && toDay(time) === text;
}

export const addDays = (day: string, days: number): string => toDay(toTime(day) + days * MS_PER_DAY);

export const daysBetween = (from: string, to: string): number => Math.round((toTime(to) - toTime(from)) / MS_PER_DAY);

/** Months back or forth; the 31st becomes the last day of a shorter month. */
export function addMonths(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  return toDay(Date.UTC(year, month - 1 + months, Math.min(date, last)));
}

/** First day of the period that ends on `asOf`, both days included: 12 months to 31/12 begin on 01/01.
 * null when it has no beginning. */
export function periodStart(period: Period, asOf: string): string | null {
  if (period === 'all') return null;
  if (period === 'P30D') return addDays(asOf, -29);
  if (period === 'P3M') return addDays(addMonths(asOf, -3), 1);
  if (period === 'P12M') return addDays(addMonths(asOf, -12), 1);
  const first = period.split('/')[0] ?? '';
  return isDay(first) && first <= asOf ? first : null;
}

/** Reads `dd/MM/yyyy` (also d/M/yyyy, `-` or `.` between, and ISO); null when it is not a day. */
export function parseDay(text: string): string | null {
  const trimmed = text.trim();
  if (isDay(trimmed)) return trimmed;
  const match = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(trimmed);
  if (!match) return null;
  const day = `${match[3]}-${match[2]?.padStart(2, '0')}-${match[1]?.padStart(2, '0')}`;
  return isDay(day) ? day : null;
}

/** `dd/MM/yyyy`, the form both languages use. */
export function showDay(day: string): string {
  const [year, month, date] = day.slice(0, 10).split('-');
  return `${date}/${month}/${year}`;
}
