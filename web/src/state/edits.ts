// Saving: runs one edit against the server, and only when it answered says so; a stale version makes
// everything shown of the layer be read again. Returns the error for forms to place beside a field.
import { asApiError, type ApiError } from '../api/problem';
import { errorText, t, type Key } from '../i18n';
import { bump, tell, touchedBy } from './actions';
import { announceTiles } from '../map/tiles';

/** True while an edit is on its way is the caller's to show; this only runs it and tells the outcome. */
export async function save(layer: string, edit: () => Promise<unknown>, done: Key): Promise<ApiError | null> {
  try {
    await edit();
    tell('ok', t(done));
    refresh(layer);
    return null;
  } catch (thrown) {
    const error = asApiError(thrown);
    tell('error', errorText(error));
    if (error.code === 'stale-version' || error.status === 412) refresh(layer);
    return error;
  }
}

/** The live event does the same a moment later; after one's own edit the page need not wait for it. */
function refresh(layer: string): void {
  bump(touchedBy(layer));
  announceTiles({ layer, id: '', fid: 0, op: 'update' });
}
