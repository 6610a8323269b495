// Time in words and fields: the as-of day, the period by name or by its two days, and whether cases are
// those open in it or those begun in it.
import { t } from '../../i18n';
import { PERIODS } from '../../model/days';
import { quartersBefore } from '../../model/period';
import * as store from '../../state/store';
import { choosePeriod, opening, setAsOf, setWindow, shownAxis, timeWindow } from '../../state/time';
import { DayField } from '../DayField';

const QUARTERS = 6;
const YEARS = 3;

export function AsOf() {
  return (
    <div class="time-asof">
      <label for="asof">{t('time.asof')}</label>
      <DayField id="asof" value={store.asOf.value} onDay={(day) => { if (day) setAsOf(day); }} />
    </div>
  );
}

export function PeriodSelect() {
  const period = store.period.value;
  const isNamed = (PERIODS as readonly string[]).includes(period);
  const quarters = quartersBefore(opening.value, QUARTERS);
  const lastYear = Number(opening.value.slice(0, 4));
  const years = Array.from({ length: YEARS }, (_none, index) => lastYear - index);
  const fixed = new Set([...quarters.map((one) => `${one.from}/${one.to}`), ...years.map((year) => `${year}-01-01/${year}-12-31`)]);
  const isListed = isNamed || fixed.has(period);
  const choose = (value: string): void => {
    const [from, to] = value.split('/');
    if (value === 'custom') choosePeriod(`${timeWindow.value.from ?? shownAxis.value.from}/${timeWindow.value.to}`);
    // The present quarter or year ends with what is known.
    else if (from && to) setWindow({ from, to: to < opening.value ? to : opening.value });
    else choosePeriod(value);
  };
  // A window that ends with the as-of day is told by its first day; it may be a quarter or year still running.
  const { from, to } = timeWindow.value;
  const running = isListed ? null : [...fixed].find((one) => one.startsWith(`${from}/`) && (to === one.slice(11) || (one.slice(11) > opening.value && to === opening.value)));
  return (
    <select id="period" aria-label={t('time.period')} value={isListed ? period : (running ?? 'custom')} onChange={(event) => choose(event.currentTarget.value)}>
      {PERIODS.map((one) => <option key={one} value={one}>{t(`time.${one}`)}</option>)}
      <optgroup label={t('axis.quarters')}>
        {quarters.map((one) => <option key={one.from} value={`${one.from}/${one.to}`}>{t('axis.quarter', { quarter: one.quarter, year: String(one.year) })}</option>)}
      </optgroup>
      <optgroup label={t('axis.years')}>
        {years.map((year) => <option key={year} value={`${year}-01-01/${year}-12-31`}>{t('axis.year', { year: String(year) })}</option>)}
      </optgroup>
      <option value="custom">{t('axis.custom')}</option>
    </select>
  );
}

export function Period() {
  const { from, to } = timeWindow.value;
  return (
    <div class="time-period">
      <label for="period">{t('time.period')}</label>
      <PeriodSelect />
      <DayField id="period-from" label={t('time.from')} isPlain value={from} onDay={(day) => setWindow({ from: day && day <= to ? day : day ? to : null, to: day && day > to ? day : to })} />
      <span class="faint" aria-hidden="true">–</span>
      <DayField id="period-to" label={t('axis.to')} isPlain value={to} onDay={(day) => setWindow({ from: from && day && day < from ? day : from, to: day ?? store.asOf.value })} />
    </div>
  );
}

export function ModeSelect() {
  return (
    <select id="mode" class="time-mode" aria-label={t('axis.mode')} title={t(`axis.${store.mode.value}_long`)} value={store.mode.value} onChange={(event) => { store.mode.value = event.currentTarget.value === 'began' ? 'began' : 'open'; }}>
      <option value="open">{t('axis.open')}</option>
      <option value="began">{t('axis.began')}</option>
    </select>
  );
}

