// The grip of a bottom sheet on a phone. Dragged, the sheet takes the nearest of three heights; the two
// buttons beside the grip do the same without dragging, and the lowest sheet closes.
import { useRef } from 'preact/hooks';
import { t } from '../i18n';
import { isPhone, sheetSize, type SheetSize } from '../state/store';
import { Icon } from './icons';

const SIZES: readonly SheetSize[] = ['peek', 'half', 'full'];
/** The share of the window's height each size takes; the style sheet holds the same. */
const SHARE: Record<SheetSize, number> = { peek: 0.22, half: 0.56, full: 0.9 };

const nearest = (share: number): SheetSize => SIZES.toSorted((a, b) => Math.abs(SHARE[a] - share) - Math.abs(SHARE[b] - share))[0] ?? 'half';

export function Handle({ onClose }: { onClose?: () => void }) {
  const grip = useRef<HTMLDivElement>(null);
  const from = useRef<{ y: number; height: number } | null>(null);
  if (!isPhone.value) return null;
  const at = SIZES.indexOf(sheetSize.value);
  const sheet = (): HTMLElement | null => grip.current?.parentElement ?? null;

  const start = (event: PointerEvent): void => {
    if (event.target instanceof Element && event.target.closest('button')) return;
    const element = sheet();
    if (!element) return;
    grip.current?.setPointerCapture(event.pointerId);
    from.current = { y: event.clientY, height: element.offsetHeight };
  };
  const move = (event: PointerEvent): void => {
    const element = sheet();
    if (!from.current || !element) return;
    element.style.height = `${Math.max(90, Math.min(innerHeight - 66, from.current.height + from.current.y - event.clientY))}px`;
  };
  const end = (): void => {
    const element = sheet();
    if (!from.current || !element) return;
    from.current = null;
    sheetSize.value = nearest(element.offsetHeight / innerHeight);
    element.style.height = '';
  };
  const step = (by: number): void => {
    const next = SIZES[at + by];
    if (next) sheetSize.value = next;
    else onClose?.();
  };
  const button = (name: 'down' | 'up', by: number, label: string) => <button type="button" class="icon-button" data-do={`sheet-${name}`} disabled={SIZES[at + by] === undefined && !(by < 0 && onClose)} aria-label={label} title={label} onClick={() => step(by)}><Icon name={name} size={16} /></button>;
  return (
    <div ref={grip} class="handle" onPointerDown={start} onPointerMove={move} onPointerUp={end} onPointerCancel={end}>
      {button('down', -1, t(at === 0 && onClose ? 'close' : 'sheet.smaller'))}
      <span class="handle-bar" aria-hidden="true" />
      {button('up', 1, t('sheet.taller'))}
    </div>
  );
}
