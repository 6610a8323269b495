// The rows of a dry run, refused ones first, each with why. A row that has a place takes the map there.
import { useState } from 'preact/hooks';
import type { Fault, Row, Seen } from '../../api/imports';
import type { Bounds, Layer } from '../../api/types';
import { t, title, words } from '../../i18n';
import { showValue } from '../../model/values';
import { fly } from '../../state/actions';
import { boundsOfGeometry, reading } from '../../state/importing';
import * as store from '../../state/store';
import { Icon } from '../icons';
import { OUTCOME_NAMES, OutcomeMark } from './Counts';

const STEP = 50;
const SHOWN_VALUES = 4;

function faultText(layer: Layer | undefined, fault: Fault): string {
  const field = layer?.fields.find((one) => one.name === fault.field);
  const detail = fault.detail[store.lang.value];
  const name = field ? title(field.title) : placeText(fault.field);
  // Some sentences of the server name the field themselves.
  return detail.startsWith(name) ? detail : t('import.fault', { field: name, detail });
}

function placeText(field: string): string {
  if (field.startsWith('/geometry')) return t('import.place');
  return field === '' || field.startsWith('row ') ? t('import.whole_row') : field;
}

function valuesText(layer: Layer | undefined, values: Record<string, unknown>): string {
  const told = Object.entries(values).filter(([, value]) => value !== null && value !== '').slice(0, SHOWN_VALUES);
  return told.map(([name, value]) => showValue(layer?.fields.find((field) => field.name === name), value, store.lang.value, words())).join(' · ');
}

function RowItem({ row, layer }: { row: Row; layer: Layer | undefined }) {
  const { row: n, outcome, faults, values } = row.properties;
  const box: Bounds | null = row.geometry ? boundsOfGeometry(row.geometry) : null;
  return (
    <li data-row={n} data-outcome={outcome}>
      <p class="row-head">
        <OutcomeMark outcome={outcome} />
        <span class="row-name">{t('import.row', { n })}<span class="faint">{t(OUTCOME_NAMES[outcome])}</span></span>
        {box && <button type="button" class="icon-button" aria-label={t('import.row_fly', { n })} title={t('import.row_fly', { n })} onClick={() => fly({ bounds: box })}><Icon name="fly" size={15} /></button>}
      </p>
      {faults.map((fault) => <p key={`${fault.field} ${fault.code}`} class="row-fault">{faultText(layer, fault)}</p>)}
      <p class="row-values">{valuesText(layer, values)}</p>
    </li>
  );
}

export function Rows({ seen }: { seen: Seen }) {
  const [most, setMost] = useState(STEP);
  const layer = reading.value?.isNew ? undefined : store.layerById(seen.layer);
  const rows = seen.preview.features as Row[];
  const left = Math.min(STEP, rows.length - most);
  return (
    <section aria-labelledby="import-rows">
      <h3 class="group-title" id="import-rows">{t('import.rows')}</h3>
      {rows.length < seen.read && <p class="hint">{t('import.rows_part', { n: rows.length, total: seen.read })}</p>}
      {/* oxlint-disable-next-line no-noninteractive-tabindex -- a list that scrolls must be reachable by keyboard */}
      <ul class="import-rows" tabIndex={0} aria-labelledby="import-rows">
        {rows.slice(0, most).map((row) => <RowItem key={row.properties.row} row={row} layer={layer} />)}
      </ul>
      {left > 0 && <button type="button" class="quiet" onClick={() => setMost(most + STEP)}>{t('import.rows_more', { n: left })}</button>}
    </section>
  );
}
