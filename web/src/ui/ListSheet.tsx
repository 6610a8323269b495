// The table twin of the map: the features of one layer under the same filter and day, in pages, and
// if wished only those in view. Enter on a row opens it and goes there; arrows walk the rows.
import { useEffect, useState } from 'preact/hooks';
import { getItems } from '../api/client';
import type { Feature, Field, Layer, Page } from '../api/types';
import { errorText, number, t, title, words } from '../i18n';
import { showDay } from '../model/days';
import { classOf, labelOf, nameField } from '../model/layers';
import { layerParams } from '../model/query';
import { showValue } from '../model/values';
import { select } from '../state/actions';
import { useLoaded } from '../state/loader';
import * as store from '../state/store';
import { flyTo } from './Drawer';
import { Icon } from './icons';
import { Swatch } from './Swatch';

const PAGE = 50;
const MAX_COLUMNS = 6;

/** The columns worth a glance: the legend's field, the layer's day, then what the tiles carry. */
function columnsOf(layer: Layer): Field[] {
  const isFirst = (field: Field): boolean => field.name === layer.style?.by || field.name === layer.start;
  const name = nameField(layer);
  const usable = layer.fields.filter((field) => !field.cold && field !== name && field.type !== 'ref' && (field.tile || isFirst(field) || field.type === 'date'));
  return usable.toSorted((a, b) => Number(isFirst(b)) - Number(isFirst(a))).slice(0, MAX_COLUMNS);
}

function nextCursor(page: Page): string | null {
  const link = page.links?.find((one) => one.rel === 'next');
  return link ? new URL(link.href, location.origin).searchParams.get('after') : null;
}

function open(layer: Layer, feature: Feature): void {
  select(layer.id, feature.id);
  flyTo(feature);
}

/** Up and down move between rows without leaving the keyboard's place. */
function walk(event: KeyboardEvent): void {
  const step = event.key === 'ArrowDown' ? 'nextElementSibling' : event.key === 'ArrowUp' ? 'previousElementSibling' : null;
  const row = (event.target as HTMLElement).closest('tr')?.[step ?? 'nextElementSibling'];
  if (!step || !row) return;
  event.preventDefault();
  row.querySelector<HTMLElement>('button')?.focus();
}

function Rows({ layer, page }: { layer: Layer; page: Page }) {
  const columns = columnsOf(layer);
  return (
    <table>
      <caption class="sr-only">{t('list.caption', { layer: title(layer.title), day: showDay(store.asOf.value) })}</caption>
      <thead><tr><th scope="col">{t('list.name')}</th>{columns.map((field) => <th key={field.name} scope="col" class={field.type === 'number' || field.type === 'integer' ? 'number' : ''}>{title(field.title)}</th>)}</tr></thead>
      <tbody>
        {page.features.map((feature) => {
          const code = classOf(layer, feature.properties);
          const isOpen = store.selection.value?.id === feature.id;
          return (
            <tr key={feature.id} class={isOpen ? 'is-open' : ''} data-id={feature.id}>
              <th scope="row">
                <button type="button" class="linklike with-swatch" aria-current={isOpen} onKeyDown={walk} onClick={() => open(layer, feature)}>
                  {code ? <Swatch layer={layer} code={code} /> : null}{labelOf(layer, feature, store.lang.value)}
                </button>
                {!feature.geometry && layer.geometry !== 'none' && <span class="dot-waiting" role="img" aria-label={t('drawer.waiting')} title={t('drawer.waiting')} />}
              </th>
              {columns.map((field) => <td key={field.name} data-field={field.name} class={field.type === 'number' || field.type === 'integer' ? 'number' : ''}>{showValue(field, feature.properties[field.name], store.lang.value, words())}</td>)}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

export function ListSheet({ layerId }: { layerId: string }) {
  const layer = store.layerById(layerId);
  const [inView, setInView] = useState(false);
  const [located, setLocated] = useState('');
  const [cursors, setCursors] = useState<string[]>([]);
  const box = inView ? store.bounds.value : null;
  const params = layer ? layerParams(layer, store.view.value, box ? { bbox: box } : {}) : new URLSearchParams();
  if (located) params.set('located', located);
  params.set('limit', String(PAGE));
  const base = `${layerId}|${params}`;
  useEffect(() => setCursors([]), [base]);
  const after = cursors.at(-1);
  if (after) params.set('after', after);
  const key = layer ? `${layerId}|${params}|${store.revisions.value[layerId] ?? 0}` : null;
  const loaded = useLoaded(key, (signal) => getItems(layerId, params, signal), layerId);
  const page = loaded.data;
  useEffect(() => {
    if (page && layer) store.spoken.value = t('list.announce', { layer: title(layer.title), n: page.numberMatched });
  }, [page?.numberMatched, layerId]);
  if (!layer) return null;
  const next = page ? nextCursor(page) : null;
  const first = cursors.length * PAGE + 1;
  return (
    <section class="sheet" id="list" aria-labelledby="list-title">
      <header class="sheet-head">
        <h2 id="list-title">{t('list.title')}</h2>
        <select aria-label={t('list.layer')} value={layerId} onChange={(event) => { store.list.value = event.currentTarget.value; setLocated(''); }}>
          {store.layers.value.map((one) => <option key={one.id} value={one.id}>{title(one.title)}</option>)}
        </select>
        {layer.geometry !== 'none' && (
          <>
            <label class="check"><input type="checkbox" checked={inView} onChange={(event) => setInView(event.currentTarget.checked)} />{t('list.in_view')}</label>
            <select aria-label={t('list.located')} value={located} onChange={(event) => setLocated(event.currentTarget.value)}>
              <option value="">{t('list.located_all')}</option>
              <option value="true">{t('list.located_yes')}</option>
              <option value="false">{t('list.located_no')}</option>
            </select>
          </>
        )}
        <span class="sheet-turns">
        {page && page.numberMatched > 0 && <span class="sheet-count">{t('list.page', { from: number(first), to: number(first + page.features.length - 1), total: number(page.numberMatched) })}</span>}
        <button type="button" class="icon-button" aria-label={t('list.previous')} title={t('list.previous')} disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}><span class="turn"><Icon name="chevron" /></span></button>
        <button type="button" class="icon-button" aria-label={t('list.next')} title={t('list.next')} disabled={!next} onClick={() => next && setCursors([...cursors, next])}><Icon name="chevron" /></button>
        <button type="button" class="icon-button" aria-label={t('list.close')} title={t('list.close')} onClick={() => { store.list.value = null; }}><Icon name="close" /></button>
        </span>
      </header>
      <div class="sheet-body" aria-busy={loaded.isLoading}>
        {page && page.features.length > 0 && <Rows layer={layer} page={page} />}
        {page && page.features.length === 0 && <p class="hint">{t('list.empty')}</p>}
        {loaded.error && <p class="hint" role="alert">{errorText(loaded.error)}</p>}
        {!page && !loaded.error && <p class="hint">{t('list.loading')}</p>}
      </div>
    </section>
  );
}
