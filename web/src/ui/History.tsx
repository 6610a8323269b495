// The log of a feature, newest first: who changed what and when, before and after, and "revert",
// which is a new edit that undoes that one.
import { useState } from 'preact/hooks';
import { getHistory, revertItem } from '../api/client';
import type { Entry, Layer } from '../api/types';
import { t, title, words } from '../i18n';
import { fieldOf } from '../model/layers';
import { showInstant, showValue } from '../model/values';
import { save } from '../state/edits';
import { useLoaded } from '../state/loader';
import * as store from '../state/store';
import { Icon } from './icons';

interface HistoryProps { layer: Layer; id: string; etag: string | null; canRevert: boolean }

const MANY = 6;

function Changes({ layer, entry }: { layer: Layer; entry: Entry }) {
  if (entry.op === 'create' || entry.op === 'import' || entry.changes.length > MANY) return <p class="faint small">{t('history.more', { n: entry.changes.length })}</p>;
  return (
    <ul class="changes">
      {entry.changes.map((change) => {
        const field = fieldOf(layer, change.field);
        const isShape = change.field === 'geometry';
        const show = (value: unknown): string => showValue(field, value, store.lang.value, words());
        return (
          <li key={change.field}>
            <span class="faint">{isShape ? t('history.geometry') : field ? title(field.title) : change.field}</span>{' '}
            {isShape ? t('history.geometry_changed') : t('value.from_to', { from: show(change.before), to: show(change.after) })}
          </li>
        );
      })}
    </ul>
  );
}

export function History({ layer, id, etag, canRevert }: HistoryProps) {
  const [asking, setAsking] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const key = `${layer.id}/${id}|${store.revisions.value[layer.id] ?? 0}`;
  const loaded = useLoaded(key, () => getHistory(layer.id, id), `${layer.id}/${id}`);
  const entries = loaded.data ?? [];
  const revert = async (mark: string): Promise<void> => {
    setBusy(true);
    await save(layer.id, () => revertItem(layer.id, id, etag, mark), 'form.reverted');
    setBusy(false);
    setAsking(null);
  };
  return (
    <section class="block" aria-labelledby="history-title">
      <h3 id="history-title">{t('drawer.history')}</h3>
      {loaded.data && entries.length === 0 && <p class="faint small">{t('history.none')}</p>}
      <ol class="history">
        {entries.map((entry, index) => (
          <li key={entry.mark} data-op={entry.op}>
            <p class="history-head"><b>{t(`history.${entry.op}`)}</b> <time dateTime={entry.at}>{showInstant(entry.at, store.lang.value)}</time> <span class="faint">{t('history.by', { actor: entry.actor })}</span></p>
            {entry.reason && <p class="small">{t('history.reason', { reason: entry.reason })}</p>}
            <Changes layer={layer} entry={entry} />
            {canRevert && entry.op !== 'erase' && !(index === entries.length - 1) && (
              asking === entry.mark
                ? (
                  <div class="ask">
                    <p>{t('history.revert_ask', { at: showInstant(entry.at, store.lang.value) })}</p>
                    <button type="button" class="primary" disabled={isBusy} onClick={() => { void revert(entry.mark); }}>{t('history.revert')}</button>
                    <button type="button" class="secondary" onClick={() => setAsking(null)}>{t('form.cancel')}</button>
                  </div>
                )
                : <button type="button" class="quiet" onClick={() => setAsking(entry.mark)}><Icon name="undo" size={15} />{t('history.revert_this')}</button>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
