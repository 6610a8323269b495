// A reference to another feature: a box to type in and a list to choose from (the ARIA combobox). Without
// a choice the text goes back to what is stored, so that a half-typed name is never saved.
import { useEffect, useRef as useElement, useState } from 'preact/hooks';
import type { Field, Layer } from '../../api/types';
import { t, title } from '../../i18n';
import { rank } from '../../model/fold';
import { useLoaded, useSettled } from '../../state/loader';
import { findOptions, useChoices, useReferred, type Option } from '../../state/refs';
import * as store from '../../state/store';
import { Icon } from '../icons';

const SHOWN = 30;
const WAIT_MS = 120;

interface RefProps { id: string; field: Field; value: string; isInvalid: boolean; describedBy: string | undefined; onValue: (value: string) => void }

/** What the list shows for a text, and whether it is still being looked for. */
function useFound(layer: Layer | undefined, isOpen: boolean, text: string): { options: Option[]; isLoading: boolean; isPart: boolean } {
  const listed = useChoices(layer, isOpen);
  const query = useSettled(text.trim(), WAIT_MS);
  const isSearch = listed.data !== null && !listed.data.isWhole && query !== '';
  const found = useLoaded<Option[]>(isSearch && layer ? `${layer.id}|${query}` : null, (signal) => findOptions(layer as Layer, query, signal), layer?.id ?? '');
  const all = listed.data?.options ?? [];
  if (isSearch && !found.error) return { options: found.data ?? [], isLoading: found.isLoading, isPart: false };
  const ranked = text.trim() === '' ? all : all.flatMap((option) => {
    const place = rank(`${option.label} ${option.detail}`, text);
    return place === null ? [] : [{ option, place }];
  }).toSorted((a, b) => a.place - b.place).map((one) => one.option);
  return { options: ranked.slice(0, SHOWN), isLoading: listed.isLoading, isPart: listed.data !== null && (!listed.data.isWhole || ranked.length > SHOWN) };
}

export function RefCombobox({ id, field, value, isInvalid, describedBy, onValue }: RefProps) {
  const layer = store.layerById(field.layer);
  const chosen = useReferred(field.layer, value || null).data;
  const [draft, setDraft] = useState<string | null>(null);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const list = useElement<HTMLDivElement>(null);
  const { options, isLoading, isPart } = useFound(layer, isOpen, draft ?? '');
  const current = options[Math.min(active, options.length - 1)];

  const close = (): void => { setOpen(false); setDraft(null); };
  const take = (option: Option): void => { onValue(option.value); close(); };
  useEffect(() => { list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }); }, [active, isOpen]);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!isOpen) setOpen(true);
      else setActive((old) => Math.max(0, Math.min(options.length - 1, old + (event.key === 'ArrowDown' ? 1 : -1))));
    } else if (event.key === 'Enter' && isOpen) {
      event.preventDefault();
      if (current) take(current);
    } else if (event.key === 'Escape' && isOpen) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  };
  const name = layer ? title(layer.title) : '';
  return (
    <div class="combo">
      <input id={id} name={field.name} type="text" role="combobox" autocomplete="off" aria-expanded={isOpen} aria-controls={`${id}-list`} aria-autocomplete="list" aria-activedescendant={isOpen && current ? `${id}-${current.value}` : undefined}
        required={field.required ?? false} aria-invalid={isInvalid} aria-describedby={describedBy} placeholder={t('ref.placeholder', { layer: name })} data-value={value}
        value={draft ?? chosen?.label ?? value.slice(0, 8)}
        onFocus={(event) => event.currentTarget.select()}
        onClick={() => setOpen(true)}
        onInput={(event) => { setDraft(event.currentTarget.value); setActive(0); setOpen(true); }}
        onKeyDown={onKey} onBlur={close} />
      {value !== '' && <button type="button" class="icon-button" aria-label={t('ref.clear', { title: title(field.title) })} title={t('ref.clear', { title: title(field.title) })} onClick={() => { onValue(''); close(); }}><Icon name="close" size={14} /></button>}
      {isOpen && (
        <div class="combo-list">
          <div ref={list} id={`${id}-list`} role="listbox" aria-label={name}>
            {options.map((option) => (
              // The box keeps the focus (aria-activedescendant), so an option listens to the mouse only.
              // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
              <div key={option.value} id={`${id}-${option.value}`} role="option" aria-selected={option === current} onMouseDown={(event) => event.preventDefault()} onClick={() => take(option)}>
                <span>{option.label}</span>{option.detail && <span class="faint small">{option.detail}</span>}
              </div>
            ))}
          </div>
          {options.length === 0 && <p class="faint" role="status">{t(isLoading ? 'ref.reading' : 'ref.none')}</p>}
          {isPart && <p class="faint small">{t('ref.more')}</p>}
        </div>
      )}
    </div>
  );
}
