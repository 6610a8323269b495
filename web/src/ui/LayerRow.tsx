// One layer of the list: its eye, name and count; unfolded, what period and how many the legend is
// about, the legend, how fresh the data is, and ways to go there.
import type { Collection, Layer } from '../api/types';
import { getItems } from '../api/client';
import { number, t, title } from '../i18n';
import { daysBetween, showDay } from '../model/days';
import { fieldOf, isDerived, legendOf } from '../model/layers';
import { windowOf } from '../model/period';
import { isNarrowed } from '../model/query';
import { fly, toggleLayer } from '../state/actions';
import { counts } from '../state/counts';
import { useLoaded } from '../state/loader';
import * as store from '../state/store';
import { Icon } from './icons';
import { LayerLegend } from './LayerLegend';
import { Swatch } from './Swatch';

function CountText({ layer }: { layer: Layer }) {
  const count = counts.value[layer.id];
  if (!count) return <span class="layer-count is-unread" />;
  const isPart = isNarrowed(layer, store.view.value) && count.total !== count.count;
  const text = isPart ? t('layers.count_of', { n: count.count, total: count.total }) : t('layers.count', { n: count.count });
  return (
    <span class="layer-count" data-count={count.count} title={text}>
      <span aria-hidden="true">{isPart ? t('layers.of', { n: count.count, total: count.total }) : number(count.count)}</span>
      <span class="sr-only">{text}</span>
    </span>
  );
}

/** The time a layer's numbers are about. */
export function periodText(layer: Layer): string {
  if (layer.time === 'none') return '';
  const { from, to } = windowOf(store.period.value, store.asOf.value);
  if (layer.time === 'interval') return t('legend.on', { day: showDay(store.asOf.value) });
  return from ? t('legend.period', { from: showDay(from), to: showDay(to) }) : t('time.until', { to: showDay(to) });
}

/** What a legend must say: when, how many, and how many of them are on no map yet. */
export function aboutText(layer: Layer): string {
  const count = counts.value[layer.id];
  const n = count ? t('legend.n', { n: count.count }) : '';
  const waiting = layer.geometry !== 'none' && count?.waiting ? t('layers.waiting', { n: count.waiting }) : '';
  return [periodText(layer), [n, waiting].filter(Boolean).join(', ')].filter(Boolean).join(' · ');
}

interface Freshness { day: string; source: string | null }

/** The newest day a source gave; null when no feature has one. */
async function readFreshness(layer: Layer, signal: AbortSignal): Promise<Freshness | null> {
  const page = await getItems(layer.id, new URLSearchParams({ limit: '1', sortby: '-source_date', source_date: 'any:' }), signal);
  const [newest] = page.features;
  const day = newest?.properties['source_date'];
  const source = newest?.properties['source'];
  return typeof day === 'string' ? { day, source: typeof source === 'string' ? source : null } : null;
}

/** Where a layer's data is from, how new it is, and whether that is too long ago. */
export function SourceLine({ layer, query = true }: { layer: Layer; query?: boolean }) {
  const canAsk = query && !isDerived(layer) && fieldOf(layer, 'source_date') !== undefined;
  const loaded = useLoaded(canAsk ? `${layer.id}|${store.revisions.value[layer.id] ?? 0}` : null, (signal) => readFreshness(layer, signal), layer.id);
  const newest = loaded.data;
  if (!newest) return null;
  const today = store.site.value?.as_of ?? store.asOf.value;
  const age = daysBetween(newest.day, today);
  const isStale = layer.stale_after_days ? age > layer.stale_after_days : false;
  return (
    <p class="layer-note layer-source">
      <span>{t('layers.source', { source: newest.source ?? t('layers.source_unknown'), day: showDay(newest.day) })}</span>
      {isStale && <span class="badge" title={t('layers.stale_hint', { n: age })}>{t('layers.stale')}</span>}
    </p>
  );
}

/** A layer that is drawn from a zoom the map has not reached says so, and offers to go there. */
function ZoomHint({ layer }: { layer: Layer }) {
  const least = layer.style?.min_zoom ?? 0;
  const camera = store.camera.value;
  if (!camera || camera.zoom >= least || !store.isVisible(layer.id)) return null;
  return (
    <p class="layer-note">
      <button type="button" class="quiet" onClick={() => fly({ lon: camera.lon, lat: camera.lat, zoom: least + 0.01 })}><Icon name="plus" size={14} />{t('layers.zoom')}</button>
    </p>
  );
}

function Actions({ collection }: { collection: Collection }) {
  const { layer } = collection;
  const name = title(layer.title);
  const isDrawn = layer.geometry !== 'none';
  const [west, south, east, north] = collection.extent?.spatial?.bbox?.[0] ?? [];
  const canFly = isDrawn && west !== undefined && south !== undefined && east !== undefined && north !== undefined;
  const go = (): void => {
    if (!canFly) return;
    if (!store.isVisible(layer.id)) toggleLayer(layer.id);
    fly({ bounds: [west, south, east, north] });
  };
  return (
    <div class="layer-actions">
      {canFly && <button type="button" class="quiet" aria-label={t('layers.fly', { layer: name })} onClick={go}><Icon name="fly" size={15} />{t('drawer.fly')}</button>}
      <button type="button" class="quiet" aria-label={t('layers.list', { layer: name })} onClick={() => { store.list.value = layer.id; }}><Icon name="table" size={15} />{t('rail.list')}</button>
    </div>
  );
}

export function LayerRow({ collection, isOpen, onToggle }: { collection: Collection; isOpen: boolean; onToggle: () => void }) {
  const { layer } = collection;
  const name = title(layer.title);
  const isShown = store.isVisible(layer.id);
  const isDrawn = layer.geometry !== 'none';
  return (
    <li class={`layer${isDrawn && !isShown ? ' is-off' : ''}${isOpen ? ' is-open' : ''}`} data-layer={layer.id}>
      <div class="layer-row">
        {isDrawn && (
          <button type="button" class="icon-button" aria-pressed={isShown} aria-label={t(isShown ? 'layers.hide' : 'layers.show', { layer: name })} title={t(isShown ? 'layers.hide' : 'layers.show', { layer: name })} onClick={() => toggleLayer(layer.id)}>
            <Icon name={isShown ? 'eye' : 'eyeOff'} />
          </button>
        )}
        <button type="button" class="layer-name" aria-expanded={isOpen} aria-label={t('layers.expand', { layer: name })} onClick={onToggle}>
          {isDrawn && legendOf(layer).length === 0 && <Swatch layer={layer} />}
          <span>{name}</span>
          <Icon name={isOpen ? 'down' : 'chevron'} size={14} />
        </button>
        <CountText layer={layer} />
      </div>
      {isOpen && (
        <div class="layer-body">
          <p class="layer-note layer-about">{aboutText(layer)}</p>
          <ZoomHint layer={layer} />
          <LayerLegend layer={layer} />
          {isDerived(layer) && <p class="layer-note">{t('layers.derived')}</p>}
          {layer.note && <p class="layer-note">{title(layer.note)}</p>}
          <SourceLine layer={layer} />
          <Actions collection={collection} />
        </div>
      )}
    </li>
  );
}
