// The map's panel: all layers under calm headings that fold, found by words, with their legend (which
// is also the filter); or the shown ones in drawing order; and the base map's switch.
import { useState } from 'preact/hooks';
import type { Group, Layer } from '../api/types';
import { t, title } from '../i18n';
import { legendOf } from '../model/layers';
import { answers, grouped } from '../model/listing';
import { toggleBase } from '../state/arrange';
import * as store from '../state/store';
import { Icon } from './icons';
import { LayerOrder } from './LayerOrder';
import { LayerRow, SourceLine } from './LayerRow';

/** Layers unfolded at first: visible ones whose legend tells something a colour alone cannot. */
function firstOpen(): Set<string> {
  const told = store.layers.value.filter((layer) => store.isVisible(layer.id) && legendOf(layer).some((code) => code.letter || code.fill));
  return new Set(told.slice(0, 3).map((layer) => layer.id));
}

/** Headings unfolded at first: those with something to see. */
function firstGroups(): Set<Group> {
  return new Set(grouped(store.layers.value).filter((one) => one.layers.some((layer) => store.isVisible(layer.id) && layer.geometry !== 'none')).map((one) => one.group));
}

/** A set that one press adds to or takes from. */
function useSet<T>(first: () => Set<T>): [Set<T>, (one: T) => void] {
  const [set, replace] = useState(first);
  const flip = (one: T): void => replace((old) => {
    const next = new Set(old);
    if (!next.delete(one)) next.add(one);
    return next;
  });
  return [set, flip];
}

function GroupHead({ group, layers, isOpen, onToggle }: { group: Group; layers: Layer[]; isOpen: boolean; onToggle: () => void }) {
  const drawn = layers.filter((layer) => layer.geometry !== 'none');
  const shown = drawn.filter((layer) => store.isVisible(layer.id)).length;
  return (
    <h3 class="group-title">
      <button type="button" class="group-fold" aria-expanded={isOpen} onClick={onToggle}>
        <Icon name={isOpen ? 'down' : 'chevron'} size={13} />
        <span>{t(`group.${group}`)}</span>
        <span class="group-count">{drawn.length > 0 ? t('group.shown', { n: shown, total: drawn.length }) : t('group.count', { n: layers.length })}</span>
      </button>
    </h3>
  );
}

function Groups({ words }: { words: string }) {
  const [open, flip] = useSet(firstOpen);
  const [groups, flipGroup] = useSet(firstGroups);
  const found = words.trim() === '' ? null : store.layers.value.filter((layer) => answers(layer, words));
  const byId = new Map(store.collections.value.map((collection) => [collection.id, collection]));
  if (found?.length === 0) return <p class="hint layers-none" role="status">{t('layers.none', { words })}</p>;
  return (
    <>
      {grouped(found ?? store.layers.value).map(({ group, layers }) => {
        const isOpen = found !== null || groups.has(group);
        return (
          <section key={group} data-group={group}>
            <GroupHead group={group} layers={layers} isOpen={isOpen} onToggle={() => flipGroup(group)} />
            {isOpen && (
              <ul class="layers">
                {layers.map((layer) => {
                  const collection = byId.get(layer.id);
                  return collection && <LayerRow key={layer.id} collection={collection} isOpen={open.has(layer.id)} onToggle={() => flip(layer.id)} />;
                })}
              </ul>
            )}
          </section>
        );
      })}
    </>
  );
}

/** The quiet map underneath: one switch for all of it, with where it is from. */
function BaseSwitch() {
  const [base] = store.baseLayers.value;
  if (!base) return null;
  return (
    <div class="base-switch">
      <label class="check" title={title(base.description)}><input type="checkbox" checked={store.hasBase.value} onChange={toggleBase} />{t('layers.base')}</label>
      <SourceLine layer={base} />
    </div>
  );
}

export function LayersPanel() {
  const [words, setWords] = useState('');
  const [isOrder, setOrder] = useState(false);
  const tab = (on: boolean, text: string) => <button type="button" class="tab" aria-pressed={isOrder === on} onClick={() => setOrder(on)}>{text}</button>;
  return (
    <div class="panel-body">
      <header class="panel-head">
        <h2>{title(store.site.value?.title)}</h2>
      </header>
      <div class="layer-tools">
        <input type="search" class="layer-words" aria-label={t('layers.words')} placeholder={t('layers.words')} value={words} disabled={isOrder} onInput={(event) => setWords(event.currentTarget.value)} />
        <div class="tabs" role="group" aria-label={t('layers.title')}>{tab(false, t('layers.by_group'))}{tab(true, t('layers.by_order'))}</div>
      </div>
      {isOrder ? <LayerOrder /> : <Groups words={words} />}
      <BaseSwitch />
    </div>
  );
}
