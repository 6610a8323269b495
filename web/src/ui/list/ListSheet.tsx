// The table twin of the map: one layer under the same filter and time, all of it or only what is in
// view, with how many there are, where they are, and the same as a file.
import { useEffect } from 'preact/hooks';
import { signal } from '@preact/signals';
import { countOf } from '../../state/answers';
import type { Layer } from '../../api/types';
import { errorText, t, title } from '../../i18n';
import { isNarrowed, layerParams } from '../../model/query';
import { clearConditions, openList } from '../../state/actions';
import { useLoaded } from '../../state/loader';
import { useRows } from '../../state/rows';
import * as store from '../../state/store';
import { choosePeriod } from '../../state/time';
import { PLAIN_LIST } from '../../state/url';
import { exportUrl } from '../../state/share';
import { Icon } from '../icons';
import { ColumnPicker } from './ColumnPicker';
import { RowTable } from './RowTable';
import { columnsOf, listParams, sortOf } from './columns';

const isTall = signal(false);

function change(part: Partial<typeof PLAIN_LIST>): void {
  store.listView.value = { ...store.listView.value, ...part };
}

function Total({ layer, params, total }: { layer: Layer; params: URLSearchParams; total: number | null }) {
  const loaded = useLoaded(`${layer.id}?${params}|${store.revisions.value[layer.id] ?? 0}`, (signal) => countOf(layer.id, params, signal), layer.id);
  const count = loaded.data;
  const placed = layer.geometry !== 'none' && count ? t('list.placed', { located: count.located ?? 0, waiting: count.waiting ?? 0 }) : '';
  return (
    <span class="sheet-count" data-total={total ?? ''} data-located={count?.located ?? ''} data-waiting={count?.waiting ?? ''}>
      {total !== null && <b>{t('layers.count', { n: total })}</b>}{placed && <span class="sheet-placed">{placed}</span>}
    </span>
  );
}

/** Nothing found: what to do next, as buttons. */
function Nothing({ layer }: { layer: Layer }) {
  const { listView, view, period } = store;
  const isTimed = layer.time === 'event' || layer.time === 'state';
  return (
    <div class="sheet-nothing">
      <p>{t('list.empty')}</p>
      <div class="area-tools">
        {listView.value.inView && <button type="button" class="secondary" onClick={() => change({ inView: false })}>{t('list.everywhere')}</button>}
        {listView.value.located !== null && <button type="button" class="secondary" onClick={() => change({ located: null })}>{t('list.any_place')}</button>}
        {isNarrowed(layer, view.value) && <button type="button" class="secondary" onClick={clearConditions}>{t('filter.clear')}</button>}
        {isTimed && period.value !== 'all' && <button type="button" class="secondary" onClick={() => choosePeriod('all')}>{t('list.any_time')}</button>}
      </div>
    </div>
  );
}

function Tools({ layer, params }: { layer: Layer; params: URLSearchParams }) {
  const view = store.listView.value;
  return (
    <>
      {layer.geometry !== 'none' && (
        <>
          <label class="check"><input type="checkbox" id="list-in-view" checked={view.inView} onChange={(event) => change({ inView: event.currentTarget.checked })} />{t('list.in_view')}</label>
          <select id="list-located" aria-label={t('list.located')} value={view.located === null ? '' : String(view.located)} onChange={(event) => change({ located: event.currentTarget.value === '' ? null : event.currentTarget.value === 'true' })}>
            <option value="">{t('list.located_all')}</option>
            <option value="true">{t('list.located_yes')}</option>
            <option value="false">{t('list.located_no')}</option>
          </select>
        </>
      )}
      <ColumnPicker layer={layer} />
      {(['csv', 'geojson'] as const).map((format) => <a key={format} class="quiet sheet-export" data-format={format} href={exportUrl(layer.id, format, params)} download={`${layer.id}.${format}`} aria-label={t('data.export', { layer: title(layer.title), format: t(`data.${format}`) })}>{t(`data.${format}`)}</a>)}
    </>
  );
}

function Sheet({ layer }: { layer: Layer }) {
  const list = store.listView.value;
  const box = list.inView && layer.geometry !== 'none' ? store.bounds.value : null;
  const params = listParams(layer, layerParams(layer, store.view.value, box ? { bbox: box } : {}), list);
  const sort = sortOf(layer, list.sort);
  const paged = new URLSearchParams(params);
  if (sort.length > 0) paged.set('sortby', sort.join(','));
  const { need, ...rows } = useRows(layer.id, paged, store.revisions.value[layer.id] ?? 0);
  useEffect(() => {
    if (rows.total !== null) store.spoken.value = t('list.announce', { layer: title(layer.title), n: rows.total });
  }, [rows.total, layer.id]);
  const isEmpty = rows.total === 0 && rows.features.length === 0;
  return (
    <section class={isTall.value ? 'sheet is-tall' : 'sheet'} id="list" aria-labelledby="list-title">
      <header class="sheet-head">
        <h2 id="list-title">{t('list.title')}</h2>
        <select id="list-layer" aria-label={t('list.layer')} value={layer.id} onChange={(event) => openList(event.currentTarget.value)}>
          {store.layers.value.map((one) => <option key={one.id} value={one.id}>{title(one.title)}</option>)}
        </select>
        <Total layer={layer} params={params} total={rows.total} />
        <Tools layer={layer} params={params} />
        <span class="sheet-turns">
          <button type="button" class="icon-button" aria-pressed={isTall.value} aria-label={t('list.tall')} title={t('list.tall')} onClick={() => { isTall.value = !isTall.value; }}><Icon name={isTall.value ? 'down' : 'up'} /></button>
          <button type="button" class="icon-button" aria-label={t('list.close')} title={t('list.close')} onClick={() => { store.list.value = null; }}><Icon name="close" /></button>
        </span>
      </header>
      {rows.error && <p class="hint sheet-message" role="alert">{errorText(rows.error)}</p>}
      {isEmpty && !rows.error ? <Nothing layer={layer} /> : rows.total !== null && <RowTable layer={layer} columns={columnsOf(layer, list.columns)} sort={sort} rows={rows} need={need} />}
      {rows.total === null && !rows.error && <p class="hint sheet-message">{t('list.loading')}</p>}
    </section>
  );
}

export function ListSheet({ layerId }: { layerId: string }) {
  const layer = store.layerById(layerId);
  return layer ? <Sheet key={layer.id} layer={layer} /> : null;
}
