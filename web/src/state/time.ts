// What a person can do to time, one function each: the as-of day, the window, steps and playback. The
// window never passes the as-of day; moving one past the other takes the other along.
import { batch, computed, signal } from '@preact/signals';
import { dataRange, isTimed } from '../model/axis';
import { addDays, daysBetween, type Period } from '../model/days';
import { advance, isFixed, keepBefore, periodOf, windowOf, type Window } from '../model/period';
import { asOneStep, endGesture } from './gesture';
import * as store from './store';
import type { AxisRange } from './url';

const PLAY_MS = 1100;

/** The day the site opens at: nothing is known after it. */
export const opening = computed(() => store.site.value?.as_of ?? store.asOf.value);

export const timeWindow = computed<Window>(() => windowOf(store.period.value, store.asOf.value));

/** Layers the axis counts: shown ones whose features begin at some time. */
export const timedLayers = computed(() => store.layers.value.filter((layer) => isTimed(layer) && store.isVisible(layer.id)));

/** The axis when it is as long as the data; it does not move with filters. */
export const wholeAxis = computed<AxisRange>(() => {
  const timed = new Set(store.layers.value.filter(isTimed).map((layer) => layer.id));
  const range = dataRange(store.collections.value.filter((collection) => timed.has(collection.id)), opening.value);
  const days = [range.from, store.asOf.value, timeWindow.value.from ?? range.from].toSorted();
  return { from: days[0] ?? range.from, to: [range.to, store.asOf.value].toSorted().at(-1) ?? range.to };
});

export const shownAxis = computed<AxisRange>(() => store.axis.value ?? wholeAxis.value);

export function setAsOf(day: string): void {
  batch(() => {
    store.period.value = keepBefore(store.period.value, day);
    store.chosenDay.value = day === opening.value ? null : day;
  });
}

/** Looks at a window; one that reaches past the as-of day takes that day along. */
export function setWindow(window: Window): void {
  batch(() => {
    if (window.to > store.asOf.value) store.chosenDay.value = window.to === opening.value ? null : window.to;
    store.period.value = periodOf(window, store.asOf.value);
  });
}

export function choosePeriod(period: Period): void {
  store.period.value = period;
}

/** One step on or back. False when there is nowhere to go: nothing is known after the opening day. */
export function go(by: number): boolean {
  const now = { asOf: store.asOf.value, period: store.period.value };
  const next = advance(now, store.step.value, by, store.isCumulative.value);
  const end = isFixed(next.period) ? windowOf(next.period, next.asOf).to : next.asOf;
  const oldEnd = isFixed(now.period) ? timeWindow.value.to : now.asOf;
  if (by > 0 && end > opening.value) {
    // The last step is as long as there is time for.
    if (oldEnd >= opening.value || !isFixed(now.period)) {
      if (oldEnd >= opening.value) return false;
      setAsOf(opening.value);
      return true;
    }
    setWindow({ from: windowOf(next.period, next.asOf).from, to: opening.value });
    return true;
  }
  if (by < 0 && end < wholeAxis.value.from) return false;
  batch(() => {
    store.period.value = next.period;
    store.chosenDay.value = next.asOf === opening.value ? null : next.asOf;
  });
  return true;
}

export const isPlaying = signal(false);
let timer: ReturnType<typeof setInterval> | undefined;

export function pause(): void {
  clearInterval(timer);
  isPlaying.value = false;
  endGesture();
}

/** From the end playback begins again at the start of the axis. */
function rewind(): void {
  const { from, to } = timeWindow.value;
  if (to < opening.value) return;
  const start = shownAxis.value.from;
  if (store.isCumulative.value) setWindow({ from, to: from && from > start ? from : addDays(start, 30) });
  else if (isFixed(store.period.value) && from) setWindow({ from: start, to: addDays(start, daysBetween(from, to)) });
  else setAsOf(addDays(start, from ? Math.min(daysBetween(from, to), 90) : 30));
}

/** Moves on by steps until stopped or at the end. The whole playback is one step of the history. */
export function play(): void {
  if (isPlaying.value) return;
  isPlaying.value = true;
  asOneStep('play', rewind, 0);
  timer = setInterval(() => {
    let hasMoved = false;
    asOneStep('play', () => { hasMoved = go(1); }, 0);
    if (!hasMoved) pause();
  }, PLAY_MS);
}

export const togglePlay = (): void => (isPlaying.value ? pause() : play());

/** Lengthens the axis to the data, or to the window with some room around it. */
export function zoomAxis(to: 'data' | 'window'): void {
  const { from, to: last } = timeWindow.value;
  if (to === 'data' || from === null) {
    store.axis.value = null;
    return;
  }
  const room = Math.max(7, Math.round(daysBetween(from, last) * 0.15));
  const whole = wholeAxis.value;
  const [first, end] = [addDays(from, -room), addDays(last, room)];
  store.axis.value = { from: first > whole.from ? first : whole.from, to: end < whole.to ? end : whole.to };
}
