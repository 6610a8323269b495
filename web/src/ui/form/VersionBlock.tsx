// A new version of a thing from a day on: the version that holds then ends on that day and the new one
// begins, so that the two never overlap. Should the second step fail, the first is taken back.
import { createItem, getItem, patchItem, type Held } from '../../api/client';
import { ApiError } from '../../api/problem';
import type { Layer } from '../../api/types';
import { t } from '../../i18n';
import { showDay } from '../../model/days';
import { select } from '../../state/actions';
import { save } from '../../state/edits';
import * as store from '../../state/store';
import { forgetUnsaved } from '../../state/unsaved';
import { FeatureForm, type Filled } from '../FeatureForm';

/** Whether a layer's things have versions that are written here. */
export const hasVersions = (layer: Layer): boolean => layer.time === 'interval' && layer.editable && !layer.derived;

async function putVersion(layer: Layer, held: Held, { properties, geometry }: Filled, from: string): Promise<string> {
  const old = held.feature;
  const until = old.properties['valid_to'];
  const isOpen = typeof until !== 'string' || until > from;
  if (isOpen) await patchItem(layer.id, old.id, held.etag, { properties: { valid_to: from }, reason: t('version.reason', { day: showDay(from) }) });
  const own = !layer.entity || layer.entity === 'entity' ? { entity: old.properties['entity'] } : {};
  try {
    return await createItem(layer.id, { properties: { ...properties, ...own }, ...(geometry === undefined ? {} : { geometry }) });
  } catch (error) {
    if (isOpen) {
      const closed = await getItem(layer.id, old.id);
      await patchItem(layer.id, old.id, closed.etag, { properties: { valid_to: until ?? null }, reason: t('version.undone') });
    }
    throw error;
  }
}

export function VersionBlock({ layer, held, onDone }: { layer: Layer; held: Held; onDone: () => void }) {
  const { properties, geometry } = held.feature;
  const since = properties['valid_from'];
  const { valid_from: _from, valid_to: _to, ...rest } = properties;
  const create = async (filled: Filled): Promise<ApiError | null> => {
    const from = filled.properties['valid_from'];
    const wrong = typeof from !== 'string' ? t('form.required') : typeof since === 'string' && from <= since ? t('version.early', { day: showDay(since) }) : null;
    if (wrong !== null) return new ApiError(422, 'invalid-value', wrong, [{ pointer: '/properties/valid_from', detail: wrong }]);
    let id = '';
    const error = await save(layer.id, async () => { id = await putVersion(layer, held, filled, from as string); }, 'version.saved');
    if (error) return error;
    forgetUnsaved();
    if (String(from) > store.asOf.value) store.chosenDay.value = String(from);
    onDone();
    select(layer.id, id);
    return null;
  };
  return (
    <section class="block">
      <h3>{t('version.title')}</h3>
      <p class="hint">{t('version.text', { from: typeof since === 'string' ? showDay(since) : '…' })}</p>
      <FeatureForm layer={layer} feature={null} preset={{ properties: rest, geometry: geometry ?? null }} onSave={create} onCancel={onDone} />
    </section>
  );
}
