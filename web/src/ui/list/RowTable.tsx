// The rows on screen of a long list, in a real table: only those in sight (and a few more) are in the
// page, the header stays, and each row knows its number in the whole. One row is in the tab order;
// arrows walk, Enter opens and goes there, Space selects in place.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Feature, Field, Layer } from '../../api/types';
import { t, title, words } from '../../i18n';
import { showDay } from '../../model/days';
import { classOf, labelOf, nameField } from '../../model/layers';
import { showValue } from '../../model/values';
import { flyTo, point, select } from '../../state/actions';
import type { Rows } from '../../state/rows';
import * as store from '../../state/store';
import { Icon } from '../icons';
import { Swatch } from '../Swatch';
import { nextSort, sortDirection } from './columns';

const OVERSCAN = 10;
const HEAD_PX = 32;

interface Props { layer: Layer; columns: Field[]; sort: string[]; rows: Rows; need: (index: number) => void }

const isNumber = (field: Field): boolean => field.type === 'number' || field.type === 'integer';

function Heading({ field, name, sort }: { field: Field | undefined; name: string; sort: string[] }) {
  if (!field || field.cold) return <th scope="col">{name}</th>;
  const direction = sortDirection(sort, field.name);
  // From the state, not from what was drawn: two quick presses are two steps.
  const change = (event: MouseEvent): void => { store.listView.value = { ...store.listView.value, sort: nextSort(store.listView.value.sort, field.name, event.shiftKey) }; };
  return (
    <th scope="col" aria-sort={direction} class={isNumber(field) ? 'number' : ''}>
      <button type="button" class="sort" data-sort={field.name} title={t('list.sort', { field: name })} onClick={change}>
        {name}{direction !== 'none' && <Icon name={direction === 'ascending' ? 'up' : 'down'} size={12} />}
      </button>
    </th>
  );
}

function Row({ layer, columns, feature, index, isFocusable, rowPx }: { layer: Layer; columns: Field[]; feature: Feature; index: number; isFocusable: boolean; rowPx: number }) {
  const code = classOf(layer, feature.properties);
  const isOpen = store.selection.value?.id === feature.id;
  const isHovered = store.hovered.value?.id === feature.id;
  const { lang } = store;
  return (
    <tr data-id={feature.id} data-index={index} style={{ height: `${rowPx}px` }} class={`${isOpen ? 'is-open' : ''}${isHovered ? ' is-hover' : ''}`} aria-rowindex={index + 2} aria-selected={isOpen} tabIndex={isFocusable ? 0 : -1}
      onMouseEnter={() => point({ layer: layer.id, id: feature.id, geometry: feature.geometry })} onFocus={() => point({ layer: layer.id, id: feature.id, geometry: feature.geometry })} onBlur={() => point(null)}>
      <th scope="row">
        <button type="button" class="linklike with-swatch" tabIndex={-1} aria-current={isOpen} onClick={() => open(layer, feature)}>
          {code ? <Swatch layer={layer} code={code} /> : null}<span class="cell-name">{labelOf(layer, feature, lang.value)}</span>
        </button>
        {!feature.geometry && layer.geometry !== 'none' && <span class="dot-waiting" role="img" aria-label={t('drawer.waiting')} title={t('drawer.waiting')} />}
      </th>
      {columns.map((field) => <td key={field.name} data-field={field.name} class={isNumber(field) ? 'number' : ''}>{showValue(field, feature.properties[field.name], lang.value, words())}</td>)}
    </tr>
  );
}

function open(layer: Layer, feature: Feature): void {
  select(layer.id, feature.id);
  flyTo(feature);
}

export function RowTable({ layer, columns, sort, rows, need }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState({ top: 0, height: 400 });
  const [active, setActive] = useState(0);
  const wantsFocus = useRef(false);
  const rowPx = store.isPhone.value ? 48 : 30;
  const total = rows.total ?? 0;
  const first = Math.max(0, Math.floor(scroll.top / rowPx) - OVERSCAN);
  const last = Math.min(total, Math.ceil((scroll.top + scroll.height) / rowPx) + OVERSCAN);
  const shown = rows.features.slice(first, last);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setScroll({ top: element.scrollTop, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    box.current?.scrollTo({ top: 0 });
    setActive(0);
  }, [rows.generation]);
  useEffect(() => { if (last > rows.features.length) need(last); }, [last, rows.features.length, rows.isLoading]);
  useEffect(() => () => point(null), [layer.id]);

  /** Brings a row into sight under the header. */
  const reveal = (index: number): void => {
    const element = box.current;
    if (!element) return;
    const [top, room] = [index * rowPx, element.clientHeight - HEAD_PX];
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowPx > element.scrollTop + room) element.scrollTop = top + rowPx - room;
  };
  const chosen = store.selection.value?.layer === layer.id ? store.selection.value.id : null;
  const chosenIndex = chosen ? rows.features.findIndex((feature) => feature.id === chosen) : -1;
  // What is selected elsewhere (on the map) comes into sight here.
  useEffect(() => {
    if (chosenIndex < 0) return;
    setActive(chosenIndex);
    reveal(chosenIndex);
  }, [chosen, chosenIndex < 0]);
  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    const row = box.current?.querySelector<HTMLElement>(`tr[data-index="${active}"]`);
    if (!row) return;
    wantsFocus.current = false;
    row.focus({ preventScroll: true });
  });

  const walk = (to: number): void => {
    const next = Math.max(0, Math.min(total - 1, to));
    wantsFocus.current = true;
    setActive(next);
    need(next);
    reveal(next);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('tbody tr');
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const index = Number(row.dataset['index']);
    const feature = rows.features[index];
    const page = Math.max(1, Math.floor((scroll.height - HEAD_PX) / rowPx) - 1);
    const target = { ArrowDown: index + 1, ArrowUp: index - 1, PageDown: index + page, PageUp: index - page, Home: 0, End: total - 1 }[event.key];
    if (target !== undefined) walk(target);
    else if (event.key === 'Enter' && feature) open(layer, feature);
    else if (event.key === ' ' && feature) {
      if (chosen === feature.id) store.selection.value = null;
      else select(layer.id, feature.id, { keepsFocus: true });
    } else return;
    event.preventDefault();
  };
  const isActiveShown = active >= first && active < first + shown.length;
  const name = nameField(layer);
  return (
    <div class="sheet-body" ref={box} aria-busy={rows.isLoading} onScroll={(event) => setScroll({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })} onMouseLeave={() => point(null)}>
      <div class="rows" style={{ height: `${total * rowPx + HEAD_PX}px` }}>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- a grid: one stop, its rows take the focus and the keys */}
        <table role="grid" aria-rowcount={total + 1} style={{ top: `${first * rowPx}px` }} onKeyDown={onKeyDown}>
          <caption class="sr-only">{t('list.caption', { layer: title(layer.title), day: showDay(store.asOf.value) })}</caption>
          <thead><tr aria-rowindex={1} style={{ height: `${HEAD_PX}px` }}><Heading field={name} name={t('list.name')} sort={sort} />{columns.map((field) => <Heading key={field.name} field={field} name={title(field.title)} sort={sort} />)}</tr></thead>
          <tbody>
            {shown.map((feature, offset) => <Row key={feature.id} layer={layer} columns={columns} feature={feature} index={first + offset} rowPx={rowPx} isFocusable={isActiveShown ? first + offset === active : offset === 0} />)}
          </tbody>
        </table>
      </div>
    </div>
  );
}
