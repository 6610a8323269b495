// What helps a person find their way: the one thing open over the page, the pin of a place that was
// looked up, the question an old name raises, and whether single-key shortcuts are on.
import { effect, signal } from '@preact/signals';

/** What lies over the page, one at a time. */
export type Overlay = 'help' | 'print' | 'measure' | 'tour';
export const overlay = signal<Overlay | null>(null);

/** A place that was looked up by coordinates. */
export interface Pin { lon: number; lat: number }
export const pin = signal<Pin | null>(null);

/** A name that was valid until a day: the reader may want to see the map of that day. */
export interface Offer { name: string; day: string }
export const offer = signal<Offer | null>(null);

/** What was searched for, newest first; kept in memory only, because a search may name a place of concern. */
export const recent = signal<string[]>([]);
const MAX_RECENT = 6;

export function remember(query: string): void {
  const text = query.trim();
  if (text) recent.value = [text, ...recent.value.filter((old) => old !== text)].slice(0, MAX_RECENT);
}

const KEYS_OFF = 'diaban.keys';
const TOUR_SEEN = 'diaban.tour';

const stored = (key: string): string | null => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};

const keep = (key: string, value: string): void => {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage may be forbidden: then the choice lasts as long as the page.
  }
};

/** Whether shortcuts of one key work (WCAG 2.1.4 lets a person turn them off). */
export const hasKeys = signal<boolean>(stored(KEYS_OFF) !== 'off');
effect(() => keep(KEYS_OFF, hasKeys.value ? 'on' : 'off'));

export const isTourSeen = (): boolean => stored(TOUR_SEEN) === 'seen';
/** Ends the tour, which then is not shown again by itself. */
export function closeTour(): void {
  keep(TOUR_SEEN, 'seen');
  overlay.value = null;
}
