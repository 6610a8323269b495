// Imports that were made, newest first, each with its undoing.
import { useEffect, useState } from 'preact/hooks';
import type { Batch } from '../../api/imports';
import { t, title } from '../../i18n';
import { showInstant } from '../../model/values';
import * as importing from '../../state/importing';
import * as store from '../../state/store';
import { UndoImport } from './UndoImport';

const STEP = 5;

function PastImport({ batch }: { batch: Batch }) {
  const layer = store.layerById(batch.layer);
  const files = batch.files.length > 0 ? batch.files.join(', ') : t('import.past_unnamed');
  const at = showInstant(batch.at, store.lang.value);
  const counts = { stored: batch.stored, updated: batch.updated, waiting: batch.waiting_for_location };
  return (
    <li data-batch={batch.batch}>
      <p class="past-name">{t('import.past_of', { files, layer: layer ? title(layer.title) : batch.layer })}</p>
      <p class="hint">{t('import.past_by', { at, actor: batch.actor })}</p>
      <p class="hint">{t('import.past_counts', counts)}</p>
      {batch.undone && <p class="hint" data-undone>{t('import.past_undone', { at: showInstant(batch.undone_at ?? '', store.lang.value) })}</p>}
      {batch.undoable && <UndoImport batch={batch.batch} stored={batch.stored + batch.waiting_for_location} updated={batch.updated} label={t('import.past_undo')} spoken={t('import.past_undo_label', { files, at })} />}
    </li>
  );
}

export function PastImports() {
  const [most, setMost] = useState(STEP);
  useEffect(() => { void importing.readPast(); }, []);
  const past = importing.past.value;
  if (past === null) return null;
  const left = past.length - most;
  return (
    <section class="import-past" aria-labelledby="import-past">
      <h3 class="group-title" id="import-past">{t('import.past')}</h3>
      {past.length === 0 && <p class="hint">{t('import.past_none')}</p>}
      <ul>{past.slice(0, most).map((batch) => <PastImport key={batch.batch} batch={batch} />)}</ul>
      {left > 0 && <button type="button" class="quiet" onClick={() => setMost(most + STEP)}>{t('import.past_more', { n: left })}</button>}
    </section>
  );
}
