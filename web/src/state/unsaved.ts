// What is typed and not yet saved. Whoever would take a form away asks first; closing the tab is held up
// by the browser's own question.
import { computed, signal } from '@preact/signals';

const dirty = signal<ReadonlySet<string>>(new Set());

export const isUnsaved = computed(() => dirty.value.size > 0);

/** What the reader wanted to do when a form was in the way; the dialog runs it or drops it. */
export const leaving = signal<(() => void) | null>(null);

export function setUnsaved(form: string, is: boolean): void {
  if (dirty.value.has(form) === is) return;
  const next = new Set(dirty.value);
  if (is) next.add(form);
  else next.delete(form);
  dirty.value = next;
}

/** The forms are saved or given up. */
export function forgetUnsaved(): void {
  dirty.value = new Set();
}

/** Runs at once when nothing would be lost, else after the reader agreed. */
export function leave(run: () => void): void {
  if (isUnsaved.value) leaving.value = run;
  else run();
}

globalThis.addEventListener?.('beforeunload', (event) => {
  if (isUnsaved.value) event.preventDefault();
});
