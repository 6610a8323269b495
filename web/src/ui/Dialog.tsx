// A dialog over the page: the browser's own, which keeps the focus inside, gives it back to where it
// was, and closes on Escape.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { Icon } from './icons';

interface DialogProps {
  title: string;
  name: string;
  onClose: () => void;
  children: ComponentChildren;
}

export function Dialog({ title, name, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={ref} class={`dialog dialog-${name}`} aria-labelledby={`dialog-${name}`} onClose={onClose}>
      <header class="dialog-head">
        <h2 id={`dialog-${name}`}>{title}</h2>
        <button type="button" class="icon-button" aria-label={t('close')} title={t('close')} onClick={() => ref.current?.close()}><Icon name="close" size={16} /></button>
      </header>
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}
