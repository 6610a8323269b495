// What leaves the page: the address of a layer as a file, and the link to what is shown.
import { t } from '../i18n';
import { tell } from './actions';

/** The address of a layer as a file under the current view. */
export function exportUrl(layer: string, format: string, params: URLSearchParams): string {
  return `/export/${layer}?${new URLSearchParams([['format', format], ...params])}`;
}

/** Puts the link to this view on the clipboard. */
export async function copyLink(): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href);
    tell('ok', t('data.copied'));
  } catch {
    tell('error', t('data.copy_failed'));
  }
}
