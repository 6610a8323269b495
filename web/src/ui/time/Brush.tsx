// The window over the bars. By mouse: drag on the axis for a new one, drag an edge, drag its middle, a
// click clears it; the flag is the as-of day. By keyboard: three sliders. Both go through the same
// functions, and a whole drag is one step of the history.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../../i18n';
import { brushed, type Column, type Scale } from '../../model/axis';
import { addDays, daysBetween, showDay } from '../../model/days';
import { shiftDay, type Window } from '../../model/period';
import { asOneStep, endGesture } from '../../state/gesture';
import * as store from '../../state/store';
import { choosePeriod, pause, setAsOf, setWindow, shownAxis, timeWindow } from '../../state/time';

const EDGE_PX = 7;
const SNAP_PX = 5;
const CLICK_PX = 3;
const COMMIT_MS = 140;

type Hold = 'new' | 'from' | 'to' | 'move' | 'asof';
interface Drag { hold: Hold; startX: number; startDay: string; window: Window; hasMoved: boolean }

/** What is drawn while a drag is ahead of the answers. */
const draft = signal<{ window: Window; asOf: string } | null>(null);

/** The day under the pointer, for the line that tells its bar. */
export const pointed = signal<string | null>(null);

interface Props { scale: Scale; columns: Column[] }

/** The first days at which a drag likes to rest: where bars begin. */
function snapped(day: string, px: (day: string) => number, columns: Column[], isEnd: boolean): string {
  const edges = columns.map((column) => column.from);
  const last = columns.at(-1);
  if (last) edges.push(last.to);
  const at = px(isEnd ? addDays(day, 1) : day);
  const near = edges.filter((edge) => Math.abs(px(edge) - at) <= SNAP_PX).toSorted((a, b) => Math.abs(px(a) - at) - Math.abs(px(b) - at))[0];
  if (!near) return day;
  return isEnd ? addDays(near, -1) : near;
}

function useDrag({ scale, columns }: Props) {
  const plot = useRef<HTMLDivElement>(null);
  const drag = useRef<Drag | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const box = (): DOMRect => plot.current?.getBoundingClientRect() ?? new DOMRect();
  const px = (day: string): number => box().left + scale.at(day) * box().width;
  const dayAt = (clientX: number): string => scale.day((clientX - box().left) / Math.max(1, box().width));
  const first = (): string => shownAxis.value.from;

  const holdAt = (clientX: number, isFlag: boolean): Hold => {
    if (isFlag) return 'asof';
    const { from, to } = timeWindow.value;
    const [left, right] = [px(from ?? first()), px(addDays(to, 1))];
    if (Math.abs(clientX - right) <= EDGE_PX) return 'to';
    if (Math.abs(clientX - left) <= EDGE_PX) return 'from';
    return from !== null && clientX > left && clientX < right ? 'move' : 'new';
  };

  const next = (held: Drag, clientX: number): { window: Window; asOf: string } => {
    const asOf = store.asOf.value;
    const day = dayAt(clientX);
    const { from, to } = held.window;
    if (held.hold === 'asof') return { window: held.window, asOf: snapped(day, px, columns, true) };
    if (held.hold === 'from') {
      const start = snapped(day, px, columns, false);
      return { window: { from: start < to ? start : to, to }, asOf };
    }
    if (held.hold === 'to') {
      const end = snapped(day, px, columns, true);
      return { window: { from, to: from && end < from ? from : end }, asOf };
    }
    if (held.hold === 'move' && from) {
      const length = daysBetween(from, to);
      const moved = snapped(addDays(from, daysBetween(held.startDay, day)), px, columns, false);
      const last = addDays(shownAxis.value.to, -length);
      const start = moved < first() ? first() : moved > last ? last : moved;
      return { window: { from: start, to: addDays(start, length) }, asOf };
    }
    const between = brushed(held.startDay, day);
    if (!between) return { window: { from: day, to: day }, asOf };
    return { window: { from: snapped(between.from, px, columns, false), to: snapped(between.to, px, columns, true) }, asOf };
  };

  const commit = (held: Drag): void => {
    const shown = draft.value;
    if (!shown) return;
    asOneStep('brush', () => {
      if (held.hold === 'asof') setAsOf(shown.asOf);
      else setWindow(shown.window);
    }, 0);
  };

  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    pause();
    const isFlag = (event.target as Element).closest('.axis-flag') !== null;
    drag.current = { hold: holdAt(event.clientX, isFlag), startX: event.clientX, startDay: dayAt(event.clientX), window: timeWindow.value, hasMoved: false };
    plot.current?.setPointerCapture(event.pointerId);
    event.preventDefault();
  };
  const onPointerMove = (event: PointerEvent): void => {
    const held = drag.current;
    pointed.value = dayAt(event.clientX);
    if (!held) {
      if (plot.current) plot.current.dataset['hold'] = holdAt(event.clientX, (event.target as Element).closest('.axis-flag') !== null);
      return;
    }
    if (!held.hasMoved && Math.abs(event.clientX - held.startX) <= CLICK_PX) return;
    held.hasMoved = true;
    draft.value = next(held, event.clientX);
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      if (drag.current) commit(drag.current);
    }, COMMIT_MS);
  };
  const stop = (isKept: boolean): void => {
    const held = drag.current;
    drag.current = null;
    clearTimeout(timer.current);
    timer.current = undefined;
    if (held?.hasMoved && isKept) commit(held);
    else if (held && isKept && held.hold !== 'asof') choosePeriod('all');
    draft.value = null;
    endGesture();
  };
  useEffect(() => () => { clearTimeout(timer.current); draft.value = null; }, []);
  return { plot, onPointerDown, onPointerMove, onPointerUp: () => stop(true), onPointerCancel: () => stop(false), onPointerLeave: () => { pointed.value = null; } };
}

interface SliderProps { name: 'from' | 'to' | 'asof'; label: string; day: string; scale: Scale; onDay: (day: string) => void }

/** One end of the window for the keyboard: arrows by a day, Page keys by the chosen step. */
function Slider({ name, label, day, scale, onDay }: SliderProps) {
  const start = shownAxis.value.from;
  const set = (next: string): void => asOneStep(`slider-${name}`, () => onDay(next));
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === 'PageUp' ? 1 : event.key === 'PageDown' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const moved = shiftDay(day, store.step.value, by);
    const { from, to } = shownAxis.value;
    set(moved < from ? from : moved > to ? to : moved);
  };
  return <input type="range" class="axis-slider" data-end={name} data-first={start} min={0} max={scale.days - 1} step={1} value={daysBetween(start, day)} aria-label={label} aria-valuetext={showDay(day)} onKeyDown={onKeyDown} onInput={(event) => set(addDays(start, Number(event.currentTarget.value)))} onBlur={endGesture} />;
}

export function Brush({ scale, columns }: Props) {
  const { plot, ...handlers } = useDrag({ scale, columns });
  const window = draft.value?.window ?? timeWindow.value;
  const asOf = draft.value?.asOf ?? store.asOf.value;
  const from = window.from ?? shownAxis.value.from;
  const left = scale.at(from) * 100;
  const right = scale.at(addDays(window.to, 1)) * 100;
  return (
    <>
      <div class="axis-plot" ref={plot} {...handlers}>
        <div class="axis-window" data-from={window.from ?? ''} data-to={window.to} style={{ left: `${left}%`, width: `${Math.max(0, right - left)}%` }}>
          <i class="axis-edge is-from" /><i class="axis-edge is-to" />
        </div>
        <div class="axis-asof" style={{ left: `${scale.at(addDays(asOf, 1)) * 100}%` }}><i class="axis-flag" title={t('axis.flag', { day: showDay(asOf) })} /></div>
      </div>
      <div class="axis-sliders">
        <Slider name="from" label={t('axis.slider_from')} day={from} scale={scale} onDay={(day) => setWindow({ from: day < window.to ? day : window.to, to: window.to })} />
        <Slider name="to" label={t('axis.slider_to')} day={window.to} scale={scale} onDay={(day) => setWindow({ from: window.from, to: window.from && day < window.from ? window.from : day })} />
        <Slider name="asof" label={t('axis.slider_asof')} day={asOf} scale={scale} onDay={setAsOf} />
      </div>
    </>
  );
}
