// Which columns the list shows: a small panel of checkboxes that opens from a button in its header.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Layer } from '../../api/types';
import { t, title } from '../../i18n';
import * as store from '../../state/store';
import { Icon } from '../icons';
import { columnsOf, possibleColumns, toggleColumn } from './columns';

export function ColumnPicker({ layer }: { layer: Layer }) {
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return undefined;
    const away = (event: PointerEvent): void => { if (!box.current?.contains(event.target as Node)) setOpen(false); };
    addEventListener('pointerdown', away);
    return () => removeEventListener('pointerdown', away);
  }, [isOpen]);
  const { listView } = store;
  const shown = new Set(columnsOf(layer, listView.value.columns).map((field) => field.name));
  const flip = (name: string): void => { listView.value = { ...listView.value, columns: toggleColumn(layer, listView.value.columns, name) }; };
  const close = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !isOpen) return;
    event.preventDefault();
    setOpen(false);
    box.current?.querySelector('button')?.focus();
  };
  return (
    // Escape closes it from anywhere inside.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div class="columns" ref={box} onKeyDown={close}>
      <button type="button" class="quiet" id="list-columns" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}><Icon name="columns" size={14} />{t('list.columns')}</button>
      {isOpen && (
        <fieldset class="columns-list">
          <legend class="sr-only">{t('list.columns')}</legend>
          {possibleColumns(layer).map((field) => (
            <label key={field.name} class="check"><input type="checkbox" checked={shown.has(field.name)} onChange={() => flip(field.name)} />{title(field.title)}</label>
          ))}
          {listView.value.columns !== null && <button type="button" class="quiet" onClick={() => { listView.value = { ...listView.value, columns: null }; }}>{t('list.columns_default')}</button>}
        </fieldset>
      )}
    </div>
  );
}
