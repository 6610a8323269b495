// The shown layers in drawing order, topmost first: moved by dragging the grip, by the arrow keys on
// it, or by the buttons; each with its opacity. What a drag does can be done without one.
import { useRef, useState } from 'preact/hooks';
import type { Layer } from '../api/types';
import { t, title } from '../i18n';
import { moveLayer, setOpacity, shiftLayer } from '../state/arrange';
import * as store from '../state/store';
import { Icon } from './icons';
import { Swatch } from './Swatch';

const STEP = 5;

function say(layer: Layer): void {
  const shown = store.drawOrder.value.filter((id) => store.isVisible(id));
  store.spoken.value = t('order.spoken', { layer: title(layer.title), i: shown.indexOf(layer.id) + 1, total: shown.length });
}

/** The row a height on the screen falls in. */
function rowAt(list: HTMLElement | null, y: number): string | null {
  for (const row of list?.querySelectorAll<HTMLElement>('[data-layer]') ?? []) {
    const box = row.getBoundingClientRect();
    if (y >= box.top && y < box.bottom) return row.dataset['layer'] ?? null;
  }
  return null;
}

function OrderRow({ layer, index, count, list }: { layer: Layer; index: number; count: number; list: { current: HTMLElement | null } }) {
  const [isHeld, setHeld] = useState(false);
  const name = title(layer.title);
  const percent = store.opacity.value[layer.id] ?? 100;
  const shift = (by: -1 | 1): void => { if (shiftLayer(layer.id, by)) say(layer); };
  const hold = (event: PointerEvent): void => {
    event.preventDefault();
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    store.gesture.value = `order-${layer.id}-${event.timeStamp}`;
    setHeld(true);
  };
  const drag = (event: PointerEvent): void => {
    const over = isHeld ? rowAt(list.current, event.clientY) : null;
    if (over && over !== layer.id) moveLayer(layer.id, over);
  };
  const drop = (): void => {
    if (!isHeld) return;
    setHeld(false);
    store.gesture.value = null;
    say(layer);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    shift(event.key === 'ArrowUp' ? -1 : 1);
  };
  return (
    <li class={`order-row${isHeld ? ' is-held' : ''}`} data-layer={layer.id}>
      <div class="layer-row">
        <button type="button" class="icon-button grip" aria-label={t('order.grip', { layer: name })} title={t('order.grip', { layer: name })} onPointerDown={hold} onPointerMove={drag} onPointerUp={drop} onPointerCancel={drop} onKeyDown={onKey}><Icon name="grip" size={16} /></button>
        <Swatch layer={layer} />
        <span class="order-name">{name}</span>
        <button type="button" class="icon-button" disabled={index === 0} aria-label={t('order.up', { layer: name })} title={t('order.up', { layer: name })} onClick={() => shift(-1)}><Icon name="up" size={16} /></button>
        <button type="button" class="icon-button" disabled={index === count - 1} aria-label={t('order.down', { layer: name })} title={t('order.down', { layer: name })} onClick={() => shift(1)}><Icon name="down" size={16} /></button>
      </div>
      <label class="order-opacity">
        <span>{t('order.opacity')}</span>
        <input type="range" min={0} max={100} step={STEP} value={percent} aria-label={t('order.opacity_of', { layer: name })} aria-valuetext={t('order.percent', { n: percent })}
          onInput={(event) => { store.gesture.value = `opacity-${layer.id}`; setOpacity(layer.id, Number(event.currentTarget.value)); }} onChange={() => { store.gesture.value = null; }} />
        <span class="number">{t('order.percent', { n: percent })}</span>
      </label>
    </li>
  );
}

export function LayerOrder() {
  const list = useRef<HTMLUListElement>(null);
  const shown = store.drawOrder.value.flatMap((id) => (store.isVisible(id) ? [store.layerById(id)] : [])).filter((layer) => layer !== undefined);
  return (
    <>
      <p class="hint">{t('order.hint')}</p>
      <ul ref={list} class="layers">
        {shown.map((layer, index) => <OrderRow key={layer.id} layer={layer} index={index} count={shown.length} list={list} />)}
      </ul>
      {store.chosenOrder.value && <button type="button" class="quiet" onClick={() => { store.chosenOrder.value = null; }}><Icon name="undo" size={15} />{t('order.reset')}</button>}
    </>
  );
}
