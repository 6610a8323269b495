// The import assistant: a file, the layer it goes into, how it is read, what would happen, and one button
// that stores. Until that button nothing is kept anywhere.
import { useEffect, useRef } from 'preact/hooks';
import { t, title } from '../../i18n';
import { followPreview } from '../../map/import-preview';
import { importable, written } from '../../model/importing';
import * as importing from '../../state/importing';
import * as store from '../../state/store';
import { fly } from '../../state/actions';
import { Icon } from '../icons';
import { Counts } from './Counts';
import { CrsChoice } from './CrsChoice';
import { Mapping } from './Mapping';
import { Progress } from './Progress';
import { ReceiptView } from './ReceiptView';
import { Refusal } from './Refusal';
import { Rows } from './Rows';

const NEW = '+';
/** Roles the server lets make layers; it decides, this only spares the offer. */
const MAKES_LAYERS = new Set(['analyst', 'planner', 'admin']);

function sizeText(bytes: number): string {
  const kb = Math.max(1, Math.round(bytes / 1024));
  return kb < 1024 ? t('import.kb', { n: kb }) : t('import.mb', { n: Math.round(kb / 102.4) / 10 });
}

function LayerChoice() {
  const reading = importing.reading.value;
  const canMake = MAKES_LAYERS.has(store.site.value?.role ?? '');
  return (
    <>
      <div class="field">
        <label for="import-layer">{t('import.layer')}</label>
        <select id="import-layer" value={reading?.isNew ? NEW : (reading?.layer ?? '')} onChange={(event) => {
          const { value } = event.currentTarget;
          importing.chooseLayer(value === NEW ? '' : value, value === NEW);
        }}>
          <option value="" disabled>{t('import.layer_none')}</option>
          {importable(store.layers.value).map((layer) => <option key={layer.id} value={layer.id}>{title(layer.title)}</option>)}
          {canMake && <option value={NEW}>{t('import.layer_new')}</option>}
        </select>
      </div>
      {reading?.isNew && (
        <div class="field">
          <label for="import-name">{t('import.layer_name')}</label>
          <input id="import-name" type="text" autocomplete="off" spellcheck={false} value={reading.layer} aria-describedby="import-name-hint" onChange={(event) => importing.choose({ layer: event.currentTarget.value.trim() })} />
          <p class="hint" id="import-name-hint">{t('import.layer_name_hint')}</p>
        </div>
      )}
    </>
  );
}

/** What is asked and seen before the rows are stored. */
function Choices() {
  const { reading, seen, failure, busy } = importing;
  const n = seen.value ? written(seen.value) : 0;
  const isIdle = busy.value === null;
  return (
    <>
      {!reading.value && isIdle && <p class="import-warn" role="status">{t('import.no_layer')}</p>}
      <LayerChoice />
      <Progress />
      {failure.value && isIdle && <Refusal problem={failure.value} />}
      {seen.value && (
        <div class={isIdle ? 'import-seen' : 'import-seen is-stale'}>
          <CrsChoice seen={seen.value} />
          <Counts seen={seen.value} />
          <Rows seen={seen.value} />
          <Mapping seen={seen.value} />
          <div class="form-actions import-actions">
            <button type="button" class="primary import-store" disabled={!isIdle || n === 0} onClick={() => { void importing.storeRows(); }}>{n === 0 ? t('import.store_nothing') : t('import.store', { n })}</button>
          </div>
        </div>
      )}
    </>
  );
}

export function Assistant({ file }: { file: File }) {
  const head = useRef<HTMLHeadingElement>(null);
  const { seen, receipt } = importing;
  useEffect(() => {
    head.current?.focus();
    return followPreview(importing.shownRows);
  }, []);
  // The map goes where the rows are, once per look that finds some.
  useEffect(() => {
    const box = importing.boundsOf(seen.value);
    if (box) fly({ bounds: box });
  }, [seen.value]);
  return (
    <div class="panel-body import-room">
      <header class="panel-head">
        <h2 ref={head} tabIndex={-1}>{t('import.heading')}</h2>
        <p class="hint import-file">{t('import.file', { name: file.name, size: sizeText(file.size) })}</p>
        {!receipt.value && <p class="hint">{t('import.nothing_yet')}</p>}
      </header>
      {receipt.value ? <ReceiptView receipt={receipt.value} /> : <Choices />}
      <button type="button" class="quiet import-leave" onClick={importing.close}><Icon name="undo" size={15} />{t(receipt.value ? 'import.other_file' : 'import.close')}</button>
    </div>
  );
}
