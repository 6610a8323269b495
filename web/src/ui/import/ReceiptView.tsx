// What was stored, in words, and the ways on from there: see it, list it, undo it.
import { useEffect, useRef } from 'preact/hooks';
import type { Receipt } from '../../api/imports';
import { t, title } from '../../i18n';
import { written } from '../../model/importing';
import * as importing from '../../state/importing';
import * as store from '../../state/store';
import { Icon } from '../icons';
import { Progress } from './Progress';
import { UndoImport } from './UndoImport';

const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** Refused rows as a table: row, field, code and the reason. */
function rejectsFile(receipt: Receipt): string {
  const lines = receipt.rejects.map((one) => [String(one.row), cell(one.field), one.code, cell(one.detail[store.lang.value])].join(','));
  return `data:text/csv;charset=utf-8,${encodeURIComponent(`\u{FEFF}row,field,code,reason\r\n${lines.join('\r\n')}\r\n`)}`;
}

export function ReceiptView({ receipt }: { receipt: Receipt }) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), []);
  const layer = store.layerById(receipt.layer);
  const isUndone = importing.undone.value === receipt.batch;
  const n = written(receipt);
  const said = t('import.receipt_said', {
    n, layer: layer ? title(layer.title) : receipt.layer, stored: receipt.stored, updated: receipt.updated, waiting: receipt.waiting_for_location,
    unchanged: receipt.unchanged, rejected: receipt.rejected, read: receipt.read,
  });
  return (
    <section class="import-receipt" aria-labelledby="import-receipt" data-receipt={receipt.batch}>
      <h3 class="group-title" id="import-receipt" ref={head} tabIndex={-1}>{t('import.receipt')}</h3>
      <p>{said}</p>
      {receipt.dropped.length > 0 && <p class="hint">{t('import.dropped_done', { n: receipt.dropped.length, list: receipt.dropped.join(', ') })}</p>}
      {receipt.rejects.length > 0 && <a class="quiet" href={rejectsFile(receipt)} download={`${receipt.layer}-rejects.csv`}>{t('import.refused_file')}</a>}
      <Progress />
      {isUndone ? <p role="status" data-undone><strong>{t('import.receipt_undone')}</strong></p> : (
        <div class="import-ways">
          <button type="button" class="primary" onClick={importing.showOnMap}><Icon name="fly" size={16} />{t('import.receipt_show')}</button>
          {layer && <button type="button" class="secondary" onClick={() => { store.list.value = layer.id; }}><Icon name="table" size={16} />{t('import.receipt_list')}</button>}
          {n > 0 && <UndoImport batch={receipt.batch} stored={receipt.stored + receipt.waiting_for_location} updated={receipt.updated} label={t('import.receipt_undo')} />}
        </div>
      )}
    </section>
  );
}
