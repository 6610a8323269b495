// Hours of the day and days of the week as two strips with the count each would give. Press or drag
// over cells; with the keyboard the arrows walk, Space presses, Shift with an arrow extends.
import { useRef } from 'preact/hooks';
import { countOf } from '../../state/answers';
import type { Layer } from '../../api/types';
import { number, t } from '../../i18n';
import { HOURS, WEEKDAYS, hourField, weekdayField } from '../../model/clock';
import { layerParams } from '../../model/query';
import { asOneStep, endGesture } from '../../state/gesture';
import { useLoaded } from '../../state/loader';
import * as store from '../../state/store';
import { weekdayName } from './words';

interface StripProps {
  name: 'hours' | 'days';
  values: number[];
  chosen: number[];
  counts: Map<number, number> | null;
  columns: number;
  show: (value: number) => string;
  onChange: (values: number[]) => void;
}

function Strip({ name, values, chosen, counts, columns, show, onChange }: StripProps) {
  const drag = useRef<{ from: number; isOn: boolean; before: number[] } | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const most = Math.max(1, ...(counts?.values() ?? []));
  const put = (from: number, to: number, isOn: boolean, base: number[]): void => {
    const span = values.slice(Math.min(values.indexOf(from), values.indexOf(to)), Math.max(values.indexOf(from), values.indexOf(to)) + 1);
    const kept = base.filter((value) => !span.includes(value));
    asOneStep(`clock-${name}`, () => onChange((isOn ? [...kept, ...span] : kept).toSorted((a, b) => a - b)));
  };
  const press = (value: number): void => {
    drag.current = { from: value, isOn: !chosen.includes(value), before: chosen };
    put(value, value, !chosen.includes(value), chosen);
  };
  const release = (): void => {
    drag.current = null;
    endGesture();
  };
  const walk = (event: KeyboardEvent, value: number): void => {
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key] ?? 0;
    const next = values[values.indexOf(value) + by];
    if (by === 0 || next === undefined) return;
    event.preventDefault();
    if (event.shiftKey) put(value, next, chosen.includes(value), chosen);
    box.current?.querySelector<HTMLElement>(`[data-value="${next}"]`)?.focus();
  };
  const focusable = chosen[0] ?? values[0];
  return (
    <div class={`clock is-${name}`} ref={box} role="group" aria-label={t(`filter.${name}`)} onPointerUp={release} onPointerLeave={() => { if (drag.current) release(); }}>
      {values.map((value) => {
        const count = counts?.get(value) ?? 0;
        const isChosen = chosen.includes(value);
        return (
          <button key={value} type="button" class="clock-cell" data-value={value} data-count={counts ? count : ''} aria-pressed={isChosen} tabIndex={value === focusable ? 0 : -1}
            title={t(`filter.${name}_cell`, { value: show(value), n: count })}
            onPointerDown={(event) => { if (event.button === 0) { (event.target as Element).releasePointerCapture?.(event.pointerId); press(value); } }}
            onPointerEnter={() => { if (drag.current) put(drag.current.from, value, drag.current.isOn, drag.current.before); }}
            onClick={(event) => {
              // A click without a pointer comes from an assistive tool.
              if (event.detail === 0) put(value, value, !isChosen, chosen);
            }}
            onKeyDown={(event) => {
              if (event.key === ' ' || event.key === 'Enter') {
                event.preventDefault();
                put(value, value, !isChosen, chosen);
              } else walk(event, value);
            }}>
            <i style={{ height: `${(count / most) * 100}%` }} /><b>{show(value)}</b><span class="sr-only">{t(`filter.${name}_unit`)}</span><span>{counts ? number(count) : ''}</span>
          </button>
        );
      })}
    </div>
  );
}

/** Counts by hour or weekday over the shown layers that know it, without that condition itself. */
function useCells(name: 'hours' | 'days', fieldOf: (layer: Layer) => string | null): Map<number, number> | null {
  const view = store.view.value;
  const asked = store.layers.value.flatMap((layer) => {
    const field = store.isVisible(layer.id) ? fieldOf(layer) : null;
    if (!field) return [];
    const params = layerParams(layer, view, { without: name });
    params.set('by', `${field}.${name === 'hours' ? 'hour' : 'weekday'}`);
    return [{ layer, params }];
  });
  const key = asked.length === 0 ? null : asked.map(({ layer, params }) => `${layer.id}?${params}&${store.revisions.value[layer.id] ?? 0}`).join('|');
  const loaded = useLoaded(key, async (signal) => {
    const answers = await Promise.all(asked.map(({ layer, params }) => countOf(layer.id, params, signal)));
    const cells = new Map<number, number>();
    for (const answer of answers) {
      for (const [value, count] of Object.entries(answer.by ?? {})) {
        if (value !== '') cells.set(Number(value), (cells.get(Number(value)) ?? 0) + count);
      }
    }
    return cells;
  }, name);
  return loaded.data;
}

const PARTS: { key: 'morning' | 'afternoon' | 'evening' | 'night'; hours: number[] }[] = [
  { key: 'morning', hours: [6, 7, 8, 9, 10, 11] },
  { key: 'afternoon', hours: [12, 13, 14, 15, 16] },
  { key: 'evening', hours: [17, 18, 19, 20, 21] },
  { key: 'night', hours: [0, 1, 2, 3, 4, 5, 22, 23] },
];

export function ClockSection() {
  const { hours, days } = store;
  const hourCounts = useCells('hours', hourField);
  const dayCounts = useCells('days', weekdayField);
  const setHours = (values: number[]): void => { hours.value = values; };
  const setDays = (values: number[]): void => { days.value = values; };
  return (
    <section class="filter-part" aria-labelledby="clock-title">
      <h3 id="clock-title">{t('filter.clock')}</h3>
      <div class="clock-parts">
        {PARTS.map((part) => <button key={part.key} type="button" class="quiet" onClick={() => setHours(part.hours)}>{t(`filter.${part.key}`)}</button>)}
        {hours.value.length > 0 && <button type="button" class="quiet" onClick={() => setHours([])}>{t('filter.any_hour')}</button>}
      </div>
      <Strip name="hours" values={HOURS} chosen={hours.value} counts={hourCounts} columns={8} show={String} onChange={setHours} />
      <div class="clock-parts">
        <button type="button" class="quiet" onClick={() => setDays([1, 2, 3, 4, 5])}>{t('filter.workdays')}</button>
        <button type="button" class="quiet" onClick={() => setDays([6, 7])}>{t('filter.weekend')}</button>
        {days.value.length > 0 && <button type="button" class="quiet" onClick={() => setDays([])}>{t('filter.any_day')}</button>}
      </div>
      <Strip name="days" values={WEEKDAYS} chosen={days.value} counts={dayCounts} columns={7} show={weekdayName} onChange={setDays} />
      <p class="hint">{t('filter.clock_hint')}</p>
    </section>
  );
}
