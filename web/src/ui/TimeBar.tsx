// The time axis along the bottom: the as-of day (typed, stepped, or dragged), the period before it,
// and behind them how many features of the visible layers began in each month.
import { getHistogram } from '../api/client';
import type { Bar } from '../api/types';
import { number, t } from '../i18n';
import { DEFAULT_PERIOD, PERIODS, addDays, daysBetween, periodStart, showDay } from '../model/days';
import { layerParams } from '../model/query';
import { useLoaded } from '../state/loader';
import * as store from '../state/store';
import { DayField } from './DayField';
import { Icon } from './icons';

const YEARS_BACK = 5;
const HEIGHT = 30;

interface Month { from: string; to: string; count: number }

async function readMonths(): Promise<Month[]> {
  const shown = store.layers.value.filter((layer) => (layer.time === 'event' || layer.time === 'state') && layer.start && store.isVisible(layer.id));
  const lists = await Promise.all(shown.map((layer) => {
    const params = layerParams(layer, { ...store.view.value, period: 'all' });
    params.delete('datetime');
    params.set('field', layer.start ?? '');
    params.set('step', 'month');
    return getHistogram(layer.id, params).catch((): Bar[] => []);
  }));
  const months = new Map<string, Month>();
  for (const bar of lists.flat()) {
    const from = bar.from.slice(0, 10);
    const old = months.get(from);
    months.set(from, { from, to: bar.to.slice(0, 10), count: (old?.count ?? 0) + bar.count });
  }
  return [...months.values()].toSorted((a, b) => a.from.localeCompare(b.from));
}

function useAxis(): { months: Month[]; first: string; last: string } {
  const key = store.layers.value.length === 0 ? null : [store.visibleLayers.value.join(), JSON.stringify(store.filters.value), Object.values(store.revisions.value).join('.')].join('|');
  const loaded = useLoaded(key, readMonths, 'axis');
  const opening = store.site.value?.as_of ?? store.asOf.value;
  const months = (loaded.data ?? []).filter((month) => month.from <= opening);
  const floor = `${Number(opening.slice(0, 4)) - YEARS_BACK}-01-01`;
  const first = [months[0]?.from ?? floor, floor, store.asOf.value].toSorted()[0] ?? floor;
  const last = [opening, store.asOf.value].toSorted().at(-1) ?? opening;
  return { months, first, last };
}

function Bars({ months, first, last }: { months: Month[]; first: string; last: string }) {
  const span = Math.max(1, daysBetween(first, last));
  const most = Math.max(1, ...months.map((month) => month.count));
  const x = (day: string): number => (Math.max(0, Math.min(span, daysBetween(first, day))) / span) * 1000;
  const from = periodStart(store.period.value, store.asOf.value) ?? first;
  const years = Array.from({ length: Number(last.slice(0, 4)) - Number(first.slice(0, 4)) + 1 }, (_none, index) => `${Number(first.slice(0, 4)) + index}`).filter((year) => `${year}-01-01` >= first);
  return (
    <>
      <svg class="bars" viewBox={`0 0 1000 ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={t('time.bars')}>
        <rect class="bars-period" x={x(from)} y={0} width={Math.max(2, x(store.asOf.value) - x(from))} height={HEIGHT} />
        {months.map((month) => {
          const height = (month.count / most) * (HEIGHT - 4);
          const isIn = month.to > from && month.from <= store.asOf.value;
          return <rect key={month.from} class={isIn ? 'bar is-in' : 'bar'} x={x(month.from) + 0.8} y={HEIGHT - height} width={Math.max(1, x(month.to) - x(month.from) - 1.6)} height={height}><title>{t('time.bar', { month: `${month.from.slice(5, 7)}/${month.from.slice(0, 4)}`, n: number(month.count) })}</title></rect>;
        })}
      </svg>
      <div class="years" aria-hidden="true">
        {years.map((year) => <span key={year} style={{ left: `${x(`${year}-01-01`) / 10}%` }}>{year}</span>)}
      </div>
    </>
  );
}

function Period() {
  const { period } = store;
  const isCustom = !(PERIODS as readonly string[]).includes(period.value);
  const from = periodStart(period.value, store.asOf.value);
  const choose = (value: string): void => { period.value = value === 'custom' ? (from ?? addDays(store.asOf.value, -365)) : value; };
  return (
    <div class="time-period">
      <label for="period">{t('time.period')}</label>
      <select id="period" value={isCustom ? 'custom' : period.value} onChange={(event) => choose(event.currentTarget.value)}>
        {PERIODS.map((one) => <option key={one} value={one}>{t(`time.${one}`)}</option>)}
        <option value="custom">{t('time.custom')}</option>
      </select>
      {isCustom
        ? <DayField id="period-from" label={t('time.from')} value={from} onDay={(day) => { period.value = day ?? DEFAULT_PERIOD; }} />
        : <span class="faint time-range">{from ? t('time.range', { from: showDay(from), to: showDay(store.asOf.value) }) : t('time.until', { to: showDay(store.asOf.value) })}</span>}
    </div>
  );
}

export function TimeBar() {
  const { months, first, last } = useAxis();
  const day = store.asOf.value;
  const setDay = (next: string): void => { store.chosenDay.value = next === store.site.value?.as_of ? null : next; };
  const span = Math.max(1, daysBetween(first, last));
  return (
    <section class="time" aria-label={t('time.label')}>
      <div class="time-asof">
        <label for="asof">{t('time.asof')}</label>
        <div class="time-day">
          <button type="button" class="icon-button" aria-label={t('time.previous')} title={t('time.previous')} onClick={() => setDay(addDays(day, -1))}><span class="turn"><Icon name="chevron" size={16} /></span></button>
          <DayField id="asof" value={day} onDay={(next) => { if (next) setDay(next); }} />
          <button type="button" class="icon-button" aria-label={t('time.next')} title={t('time.next')} onClick={() => setDay(addDays(day, 1))}><Icon name="chevron" size={16} /></button>
          {store.chosenDay.value && <button type="button" class="icon-button" aria-label={t('time.reset')} title={t('time.reset')} onClick={() => { store.chosenDay.value = null; }}><Icon name="undo" size={16} /></button>}
        </div>
      </div>
      <div class="time-axis">
        <Bars months={months} first={first} last={last} />
        <input type="range" min={0} max={span} step={1} value={daysBetween(first, day)} aria-label={t('time.slider')} aria-valuetext={t('time.asof_of', { day: showDay(day) })} onInput={(event) => setDay(addDays(first, Number(event.currentTarget.value)))} />
      </div>
      <Period />
    </section>
  );
}
