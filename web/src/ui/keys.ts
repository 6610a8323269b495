// One listener for the keyboard: Escape goes one step back, Ctrl-K opens the search anywhere, and
// single keys run their command unless someone is typing, a dialog is open, or they are turned off.
import { stepBack } from '../state/actions';
import { commandOf } from '../state/commands';
import { closeTour, hasKeys, offer, overlay, pin } from '../state/reach';
import { summon } from './SearchField';

const TYPING = 'input:not([type="checkbox"], [type="radio"], [type="range"], [type="button"]), textarea, select, [contenteditable]';

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(TYPING) !== null;
}

/** What lies over the page closes first, then the page's own steps. */
function escape(): void {
  if (overlay.value === 'measure') overlay.value = null;
  else if (overlay.value === 'tour') closeTour();
  else if (offer.value) offer.value = null;
  else if (pin.value) pin.value = null;
  else stepBack();
}

export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const isOver = document.querySelector('dialog[open]') !== null;
  if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
    event.preventDefault();
    if (!isOver) summon('');
    return;
  }
  if (isOver || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape') {
    escape();
    return;
  }
  if (!hasKeys.value || isTyping(event.target)) return;
  const command = commandOf(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (!command) return;
  event.preventDefault();
  command.run();
}
