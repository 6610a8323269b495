// The page: rail, the open room's panel, the map with its time axis, the list and the drawer laid over
// it, and the two live regions (what was saved or went wrong; what a screen reader should know).
import { useEffect } from 'preact/hooks';
import { t, title } from '../i18n';
import { isDrawing } from '../map/draw';
import { openRoom } from '../state/actions';
import { isTourSeen, overlay } from '../state/reach';
import * as store from '../state/store';
import { LeaveDialog } from './form/LeaveDialog';
import './commands';
import './explore';
import { Handle } from './Handle';
import { Icon } from './icons';
import { onKey } from './keys';
import { later } from './later';
import { LayersPanel } from './LayersPanel';
import { MapArea } from './MapArea';
import { MorePanel, Rail } from './Rail';
import { TimeBar, isTimeFolded } from './time/TimeBar';

const DataPanel = later((from) => from.DataPanel);
const Drawer = later((from) => from.Drawer);
const FilterPanel = later((from) => from.FilterPanel);
const HelpDialog = later((from) => from.HelpDialog);
const ListSheet = later((from) => from.ListSheet);
const Measure = later((from) => from.Measure);
const MovesPanel = later((from) => from.MovesPanel);
const PrintView = later((from) => from.PrintView);
const RecordPanel = later((from) => from.RecordPanel);
const SchemePanel = later((from) => from.SchemePanel);
const Tour = later((from) => from.Tour);
const ViewsPanel = later((from) => from.ViewsPanel);

const NOTICE_MS = 6000;

function Panel() {
  const room = store.room.value;
  if (!room) return null;
  return (
    <section class="panel" aria-label={t(`rail.${room}_hint`)} data-room={room} data-size={store.sheetSize.value}>
      <Handle onClose={() => openRoom(null)} />
      <button type="button" class="icon-button panel-close" aria-label={t('close')} title={t('close')} onClick={() => openRoom(null)}><Icon name={store.isPhone.value ? 'down' : 'close'} size={16} /></button>
      {room === 'layers' && <LayersPanel />}
      {room === 'filter' && <FilterPanel />}
      {room === 'moves' && <MovesPanel />}
      {room === 'scheme' && <SchemePanel />}
      {room === 'more' && <MorePanel />}
      {room === 'record' && <RecordPanel />}
      {room === 'data' && <DataPanel />}
      {room === 'views' && <ViewsPanel />}
      <p class="panel-foot">{t('app.role', { role: t(`role.${(store.site.value?.role ?? 'analyst') as 'analyst'}`) })}</p>
    </section>
  );
}

function Notices() {
  const notice = store.notice.value;
  useEffect(() => {
    if (!notice || notice.kind === 'error') return undefined;
    const timer = setTimeout(() => { store.notice.value = null; }, NOTICE_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <div class="notices" role="status" aria-live="polite">
      {notice && (
        <p class={`notice is-${notice.kind}`} data-notice={notice.kind}>
          <span>{notice.text}</span>
          <button type="button" class="icon-button" aria-label={t('close')} onClick={() => { store.notice.value = null; }}><Icon name="close" size={15} /></button>
        </p>
      )}
    </div>
  );
}

export function App({ failure, onRetry }: { failure: string | null; onRetry: () => void }) {
  useEffect(() => {
    addEventListener('keydown', onKey);
    if (!isTourSeen()) overlay.value = 'tour';
    return () => removeEventListener('keydown', onKey);
  }, []);
  const { lang, shownTheme, site, selection, list } = store;
  useEffect(() => {
    document.documentElement.lang = lang.value;
    document.documentElement.dataset['theme'] = shownTheme.value;
    document.title = site.value ? `${title(site.value.title)} · ${t('app.name')}` : t('app.name');
  }, [lang.value, shownTheme.value, site.value]);
  if (failure !== null) return <main class="opening"><p role="alert">{t('app.failed', { reason: failure })}</p><button type="button" class="primary" onClick={onRetry}>{t('app.retry')}</button></main>;
  if (!site.value) return <main class="opening"><p>{t('app.loading')}</p></main>;
  const classes = ['page', store.room.value ? 'has-panel' : '', selection.value ? 'has-drawer' : '', list.value ? 'has-list' : '', store.pick.value || isDrawing.value ? 'is-picking' : '', isTimeFolded() ? 'has-time-line' : ''];
  return (
    <>
      <div class={classes.filter(Boolean).join(' ')} inert={overlay.value === 'print'}>
        <a class="skip" href="#find">{t('find.skip')}</a>
        <a class="skip" href="#rail-list">{t('app.skip')}</a>
        <Rail />
        <Panel />
        <main class="stage" aria-label={title(site.value.title)}>
          <h1 class="sr-only">{title(site.value.title)} · {t('app.name')}</h1>
          <MapArea />
          {overlay.value === 'measure' && <Measure />}
          {list.value && <ListSheet layerId={list.value} />}
          <TimeBar />
          {selection.value && <Drawer selection={selection.value} />}
        </main>
        {overlay.value === 'help' && <HelpDialog />}
        {overlay.value === 'tour' && <Tour />}
        <LeaveDialog />
      </div>
      <Notices />
      <div class="sr-only" aria-live="polite">{store.spoken.value}</div>
      {overlay.value === 'print' && <PrintView />}
    </>
  );
}
