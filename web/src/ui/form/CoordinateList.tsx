// The typed twin of a drawing: one vertex a row, added, removed, moved and pasted, in WGS 84 or VN-2000.
import type { Geometry, Position } from 'geojson';
import { useState } from 'preact/hooks';
import type { PieceKind } from '../../geo/pieces';
import { vn2000 } from '../../geo/vn2000';
import { t } from '../../i18n';
import { kilometresOff, parsePaste, rowOf, type Crs, type Row } from '../../model/coordinates';
import * as store from '../../state/store';
import { Icon } from '../icons';
import { CrsSelect, lastCrs } from './CrsSelect';
import { useRows, type RowsState } from './rows';

/** Rows shown at once; a surveyed boundary may have hundreds. */
const PAGE = 40;

interface ListProps {
  kind: PieceKind;
  geometry: Geometry | null;
  partial: Position[];
  onGeometry: (geometry: Geometry | null, hasFault: boolean) => void;
}

function PieceSelect({ state }: { state: RowsState }) {
  if (state.pieces.length < 2) return null;
  return (
    <div class="field">
      <label for="rows-piece">{t('shape.part')}</label>
      <select id="rows-piece" value={state.piece} onChange={(event) => state.choose(Number(event.currentTarget.value))}>
        {state.pieces.map((piece, at) => <option key={at} value={at}>{piece.ring > 0 ? t('shape.hole_n', { n: piece.part + 1, hole: piece.ring }) : t('shape.part_n', { n: piece.part + 1 })}</option>)}
      </select>
      <p class="hint">{t('shape.parts', { n: state.pieces.length })}</p>
    </div>
  );
}

function Paste({ crs, onRows }: { crs: Crs; onRows: (rows: Row[]) => void }) {
  const [text, setText] = useState('');
  const [told, setTold] = useState('');
  const take = (): void => {
    const { rows, missed } = parsePaste(text, crs);
    setTold([t('rows.pasted', { n: rows.length }), missed > 0 ? t('rows.missed', { n: missed }) : ''].join(' '));
    if (rows.length === 0) return;
    setText('');
    onRows(rows);
  };
  return (
    <details class="aside">
      <summary>{t('rows.paste')}</summary>
      <p class="hint" id="rows-paste-hint">{t('rows.paste_hint')}</p>
      <textarea id="rows-paste" class="coords-paste" rows={3} aria-label={t('rows.paste_box')} aria-describedby="rows-paste-hint" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      <button type="button" class="secondary" disabled={text.trim() === ''} onClick={take}>{t('rows.paste_take')}</button>
      <p class="hint" role="status">{told}</p>
    </details>
  );
}

export function CoordinateList(props: ListProps) {
  const [crs, setCrs] = useState<Crs>(lastCrs.value);
  const [limit, setLimit] = useState(PAGE);
  /** The row last typed in, which the arrows move. */
  const [held, setHeld] = useState(0);
  const state = useRows({ ...props, crs });
  const { rows, read, change } = state;
  const center = store.camera.value;
  const heldRow = Math.min(held, rows.length - 1);
  const isCut = rows.length > limit;
  const edit = (at: number, part: Partial<Row>): void => change(rows.map((row, index) => (index === at ? { ...row, ...part } : row)));
  const move = (at: number, by: number): void => {
    const next = [...rows];
    const [row] = next.splice(at, 1);
    if (row) next.splice(at + by, 0, row);
    setHeld(at + by);
    change(next);
  };
  const paste = (event: ClipboardEvent, at: number): void => {
    const text = event.clipboardData?.getData('text') ?? '';
    const pasted = parsePaste(text, crs).rows;
    if (pasted.length === 0) return;
    event.preventDefault();
    const isEmpty = rows[at]?.x.trim() === '' && rows[at]?.y.trim() === '';
    change([...rows.slice(0, isEmpty ? at : at + 1), ...pasted, ...rows.slice(at + 1)]);
  };
  const far = Math.max(0, ...read.map((row) => (row.position && store.site.value ? kilometresOff(row.position, store.site.value.bounds) : 0)));
  const axis = { x: t(`crs.${crs}_x`), y: t(`crs.${crs}_y`) };
  const button = (name: 'up' | 'down' | 'close', label: string, isOff: boolean, run: () => void) => <button type="button" class="icon-button" aria-label={label} title={label} disabled={isOff} onClick={run}><Icon name={name} size={13} /></button>;
  return (
    <div class="coords">
      <CrsSelect id="rows-crs" crs={crs} onCrs={setCrs} />
      <PieceSelect state={state} />
      <div class="coords-head" aria-hidden="true"><span>{axis.x}</span><span>{axis.y}</span></div>
      <ol class="coords-list" aria-label={t('rows.caption')}>
        {rows.slice(0, limit).map((row, at) => {
          const fault = read[at]?.fault ?? null;
          const box = (name: 'x' | 'y') => <input type="text" inputMode="decimal" autocomplete="off" aria-label={t('rows.x', { axis: axis[name], n: at + 1 })} aria-invalid={fault === 'number' || fault === 'range'} aria-describedby={fault ? `rows-fault-${at}` : undefined} value={row[name]} onInput={(event) => edit(at, { [name]: event.currentTarget.value })} onPaste={(event) => paste(event, at)} />;
          return (
            <li key={at} data-row={at} class={at === heldRow ? 'is-row' : ''} onFocusIn={() => setHeld(at)}>
              {box('x')}{box('y')}
              {button('close', t('rows.remove', { n: at + 1 }), false, () => change(rows.filter((_row, index) => index !== at)))}
              {fault && <span class="field-error" id={`rows-fault-${at}`}>{t(`rows.fault_${fault}`)}</span>}
            </li>
          );
        })}
      </ol>
      {isCut && <button type="button" class="quiet" onClick={() => setLimit(limit + PAGE)}>{t('rows.more', { n: rows.length - limit })}</button>}
      <div class="place-actions">
        {rows.length > 1 && button('up', t('rows.up', { n: heldRow + 1 }), heldRow === 0, () => move(heldRow, -1))}
        {rows.length > 1 && button('down', t('rows.down', { n: heldRow + 1 }), heldRow === rows.length - 1, () => move(heldRow, 1))}
        <button type="button" class="quiet" data-do="add-row" onClick={() => { setLimit(Math.max(limit, rows.length + 1)); change([...rows, { x: '', y: '' }]); }}><Icon name="plus" size={15} />{t('rows.add')}</button>
        <button type="button" class="quiet" disabled={!center} onClick={() => center && change([...rows, rowOf([center.lon, center.lat], crs, vn2000.value)])}><Icon name="fly" size={15} />{t('rows.add_center')}</button>
      </div>
      {read.some((row) => row.isSwapped) && <p class="hint is-told" role="status">{t('rows.swapped')}</p>}
      {far > 0 && <p class="field-error" role="status">{t('rows.far', { n: far })}</p>}
      <Paste crs={crs} onRows={(pasted) => { setLimit(Math.max(limit, rows.length + pasted.length)); change([...rows.filter((row) => row.x.trim() !== '' || row.y.trim() !== ''), ...pasted]); }} />
    </div>
  );
}
