// The one time axis along the bottom: the as-of day and the period in the same place, the bars of every
// shown layer, steps and playback. It folds to a line; its table is one key away.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { errorText, number, t } from '../../i18n';
import { showDay } from '../../model/days';
import * as store from '../../state/store';
import { pause, timeWindow, togglePlay, zoomAxis } from '../../state/time';
import { Icon, type IconName } from '../icons';
import { Axis } from './Axis';
import { AxisTable } from './AxisTable';
import { AsOf, ModeSelect, Period, PeriodSelect } from './Controls';
import { Player } from './Player';
import { useAxis } from './useAxis';

/** null: open on a desk, folded on a phone. */
const folded = signal<boolean | null>(null);
const hasTable = signal(false);

export const isTimeFolded = (): boolean => folded.value ?? store.isPhone.value;

export function flipTimeFold(): void {
  folded.value = !isTimeFolded();
}

export function flipTimeTable(): void {
  hasTable.value = isTimeFolded() || !hasTable.value;
  folded.value = false;
}

const CONTROLS = 'button, select, input[type="text"], input[type="date"], a';

function onKeyDown(event: KeyboardEvent): void {
  if (event.key === ' ' && !(event.target as Element).closest(CONTROLS)) {
    event.preventDefault();
    togglePlay();
  }
  if (event.key === 'Escape' && hasTable.value) {
    event.preventDefault();
    hasTable.value = false;
    document.querySelector<HTMLElement>('#axis-table-button')?.focus();
  }
}

/** The window as words. */
export function windowText(): string {
  const { from, to } = timeWindow.value;
  return from ? t('time.range', { from: showDay(from), to: showDay(to) }) : t('time.until', { to: showDay(to) });
}

function IconToggle({ id, icon, name, isOn, run }: { id: string; icon: IconName; name: string; isOn?: boolean; run: () => void }) {
  return <button type="button" id={id} class="icon-button" aria-label={name} title={name} {...(isOn === undefined ? {} : { 'aria-pressed': isOn })} onClick={run}><Icon name={icon} size={16} /></button>;
}

function Folded({ total }: { total: number | null }) {
  return (
    <section class="time is-folded" aria-label={t('time.label')}>
      <AsOf />
      <PeriodSelect />
      <span class="time-words faint">{windowText()} · {t(`axis.${store.mode.value}`)}{total !== null && <b> {number(total)}</b>}</span>
      <IconToggle id="time-unfold" icon="up" name={t('axis.unfold')} run={() => { folded.value = false; }} />
    </section>
  );
}

export function TimeBar() {
  const loaded = useAxis();
  const axis = loaded.data;
  useEffect(() => pause, []);
  useEffect(() => {
    if (axis) store.spoken.value = t('axis.announce', { window: windowText(), n: axis.total });
  }, [axis?.total, timeWindow.value.from, timeWindow.value.to]);
  if (isTimeFolded()) return <Folded total={axis?.total ?? null} />;
  const isZoomed = store.axis.value !== null;
  return (
    // Space on the axis plays; every action also has its own button.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section class="time" aria-label={t('time.label')} onKeyDown={onKeyDown}>
      {hasTable.value && axis && <AxisTable axis={axis} onClose={() => { hasTable.value = false; }} />}
      <div class="time-controls">
        <AsOf />
        <Period />
        <ModeSelect />
        <Player />
        <span class="time-tools">
          <IconToggle id="axis-zoom" icon={isZoomed ? 'zoomOut' : 'zoomIn'} name={t(isZoomed ? 'axis.zoom_data' : 'axis.zoom_window')} run={() => zoomAxis(isZoomed ? 'data' : 'window')} />
          <IconToggle id="axis-table-button" icon="table" name={t('axis.table')} isOn={hasTable.value} run={() => { hasTable.value = !hasTable.value; }} />
          <IconToggle id="time-fold" icon="down" name={t('axis.fold')} run={() => { folded.value = true; }} />
        </span>
      </div>
      {axis ? <Axis axis={axis} /> : <p class="axis-none hint" role={loaded.error ? 'alert' : undefined}>{loaded.error ? errorText(loaded.error) : ''}</p>}
    </section>
  );
}
