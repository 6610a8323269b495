// The map's panel: every layer with its eye, picture, count, and, unfolded, its legend (which is also
// the filter), the other code fields to filter by, how many wait for a location, and ways to go there.
import { useState } from 'preact/hooks';
import type { Collection, Layer, Field } from '../api/types';
import { getCount } from '../api/client';
import { number, t, title } from '../i18n';
import { filterFields, isDerived, legendOf } from '../model/layers';
import { isNarrowed, layerParams } from '../model/query';
import { fly, toggleFilter, toggleLayer } from '../state/actions';
import { counts } from '../state/counts';
import { useLoaded } from '../state/loader';
import * as store from '../state/store';
import { Icon } from './icons';
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

/** One filterable field: its codes with what each would leave. The legend's field shows pictures. */
function CodeGroup({ layer, field }: { layer: Layer; field: Field }) {
  const isLegend = field.name === layer.style?.by;
  const chosen = store.filters.value[layer.id]?.[field.name] ?? [];
  const params = layerParams(layer, store.view.value, { without: field.name });
  params.set('by', field.name);
  const key = isLegend ? null : `${params}|${store.revisions.value[layer.id] ?? 0}`;
  const other = useLoaded(key, (signal) => getCount(layer.id, params, signal), `${layer.id}.${field.name}`);
  const by = isLegend ? counts.value[layer.id]?.by : other.data?.by;
  return (
    <fieldset class="codes">
      <legend class="sr-only">{title(field.title)}</legend>
      {(field.codes ?? []).map((code) => {
        const isChosen = chosen.includes(code.code);
        return (
          <button key={code.code} type="button" class={`code${chosen.length > 0 && !isChosen ? ' is-faded' : ''}`} aria-pressed={isChosen} data-code={code.code} onClick={() => toggleFilter(layer.id, field.name, code.code)}>
            {isLegend ? <Swatch layer={layer} code={code} /> : <span class={`tick${isChosen ? ' is-on' : ''}`}>{isChosen && <Icon name="check" size={12} />}</span>}
            <span class="code-name">{code[store.lang.value]}</span>
            <span class="code-count">{by ? number(by[code.code] ?? 0) : ''}</span>
          </button>
        );
      })}
    </fieldset>
  );
}

/** A further field to filter by stays folded until wanted, unless it is in use. */
function FoldedGroup({ layer, field }: { layer: Layer; field: Field }) {
  const isUsed = (store.filters.value[layer.id]?.[field.name] ?? []).length > 0;
  const [isOpen, setOpen] = useState(isUsed);
  return (
    <div class="folded">
      <button type="button" class="fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Icon name={isOpen ? 'down' : 'chevron'} size={13} />{title(field.title)}{isUsed && <span class="fold-used" aria-hidden="true" />}
      </button>
      {isOpen && <CodeGroup layer={layer} field={field} />}
    </div>
  );
}

function LayerRow({ collection, isOpen, onToggle }: { collection: Collection; isOpen: boolean; onToggle: () => void }) {
  const { layer } = collection;
  const name = title(layer.title);
  const isShown = store.isVisible(layer.id);
  const isDrawn = layer.geometry !== 'none';
  const waiting = counts.value[layer.id]?.waiting ?? 0;
  const box = collection.extent?.spatial?.bbox?.[0];
  const [west, south, east, north] = box ?? [];
  const canFly = west !== undefined && south !== undefined && east !== undefined && north !== undefined;
  const codes = legendOf(layer);
  return (
    <li class={`layer${isDrawn && !isShown ? ' is-off' : ''}${isOpen ? ' is-open' : ''}`} data-layer={layer.id}>
      <div class="layer-row">
        {isDrawn && (
          <button type="button" class="icon-button" aria-pressed={isShown} aria-label={t(isShown ? 'layers.hide' : 'layers.show', { layer: name })} title={t(isShown ? 'layers.hide' : 'layers.show', { layer: name })} onClick={() => toggleLayer(layer.id)}>
            <Icon name={isShown ? 'eye' : 'eyeOff'} />
          </button>
        )}
        <button type="button" class="layer-name" aria-expanded={isOpen} aria-label={t('layers.expand', { layer: name })} onClick={onToggle}>
          {isDrawn && codes.length === 0 && <Swatch layer={layer} />}
          <span>{name}</span>
          <Icon name={isOpen ? 'down' : 'chevron'} size={14} />
        </button>
        <CountText layer={layer} />
      </div>
      {isOpen && (
        <div class="layer-body">
          {filterFields(layer).map((field) => (field.name === layer.style?.by ? <CodeGroup key={field.name} layer={layer} field={field} /> : <FoldedGroup key={field.name} layer={layer} field={field} />))}
          {waiting > 0 && <p class="layer-note"><span class="dot-waiting" aria-hidden="true" />{t('layers.waiting', { n: waiting })}</p>}
          {isDerived(layer) && <p class="layer-note">{t('layers.derived')}</p>}
          {layer.note && <p class="layer-note">{title(layer.note)}</p>}
          <div class="layer-actions">
            {canFly && <button type="button" class="quiet" aria-label={t('layers.fly', { layer: name })} onClick={() => { if (!isShown && isDrawn) toggleLayer(layer.id); fly({ bounds: [west, south, east, north] }); }}><Icon name="fly" size={15} />{t('drawer.fly')}</button>}
            <button type="button" class="quiet" aria-label={t('layers.list', { layer: name })} onClick={() => { store.list.value = layer.id; }}><Icon name="table" size={15} />{t('rail.list')}</button>
          </div>
        </div>
      )}
    </li>
  );
}

/** Layers unfolded at first: visible ones whose legend tells something a colour alone cannot. */
function firstOpen(): Set<string> {
  const told = store.layers.value.filter((layer) => store.isVisible(layer.id) && legendOf(layer).some((code) => code.letter || code.fill));
  return new Set(told.slice(0, 2).map((layer) => layer.id));
}

export function LayersPanel() {
  const [open, setOpen] = useState<Set<string>>(firstOpen);
  const byId = new Map(store.collections.value.map((collection) => [collection.id, collection]));
  const rows = (list: Layer[]) => list.map((layer) => {
    const collection = byId.get(layer.id);
    if (!collection) return null;
    const flip = (): void => setOpen((old) => {
      const next = new Set(old);
      if (!next.delete(layer.id)) next.add(layer.id);
      return next;
    });
    return <LayerRow key={layer.id} collection={collection} isOpen={open.has(layer.id)} onToggle={flip} />;
  });
  const tables = store.layers.value.filter((layer) => layer.geometry === 'none');
  return (
    <div class="panel-body">
      <header class="panel-head">
        <h2>{title(store.site.value?.title)}</h2>
        <p class="hint">{t('layers.filter_hint')}</p>
      </header>
      <h3 class="sr-only">{t('layers.title')}</h3>
      <ul class="layers">{rows(store.drawnLayers.value)}</ul>
      {tables.length > 0 && (
        <>
          <h3 class="group-title">{t('layers.tables')}</h3>
          <ul class="layers">{rows(tables)}</ul>
        </>
      )}
    </div>
  );
}
