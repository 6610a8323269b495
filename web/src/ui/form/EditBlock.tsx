// Editing a feature that exists. A change from elsewhere renews the form only while nothing is typed;
// after that the version the reader saw is the one that is sent. When the server says it is stale, what
// the others changed is laid beside what is typed here, and saving again puts it on top of the new one.
import { useEffect, useRef, useState } from 'preact/hooks';
import { patchItem, type Held } from '../../api/client';
import type { Feature, Layer } from '../../api/types';
import { sameGeometry } from '../../geo/pieces';
import { t, title, words } from '../../i18n';
import { allFields, fieldOf } from '../../model/layers';
import { showValue } from '../../model/values';
import { save } from '../../state/edits';
import * as store from '../../state/store';
import { forgetUnsaved, isUnsaved } from '../../state/unsaved';
import { FeatureForm, type Filled } from '../FeatureForm';

interface ConflictProps { layer: Layer; base: Feature; theirs: Feature; mine: Filled; onReapply: () => void; onDrop: () => void; isBusy: boolean }

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

function Conflict({ layer, base, theirs, mine, onReapply, onDrop, isBusy }: ConflictProps) {
  const changed = allFields(layer).filter((field) => !isSame(base.properties[field.name], theirs.properties[field.name]));
  const isMoved = !sameGeometry(base.geometry, theirs.geometry);
  const box = useRef<HTMLDivElement>(null);
  // The form is long and its button far below: what happened must come into sight.
  useEffect(() => {
    box.current?.scrollIntoView({ block: 'start' });
    box.current?.focus({ preventScroll: true });
  }, []);
  const show = (name: string, value: unknown): string => showValue(fieldOf(layer, name), value, store.lang.value, words());
  return (
    <div ref={box} class="ask block conflict" role="alert" tabIndex={-1}>
      <p><b>{t('conflict.title')}</b> {t('conflict.text')}</p>
      <dl class="conflict-fields">
        {changed.map((field) => (
          <div key={field.name} data-conflict={field.name}>
            <dt>{title(field.title)}</dt>
            <dd>{t('conflict.theirs', { before: show(field.name, base.properties[field.name]), after: show(field.name, theirs.properties[field.name]) })}</dd>
            {field.name in mine.properties && <dd class="is-mine">{t('conflict.mine', { value: show(field.name, mine.properties[field.name]) })}</dd>}
          </div>
        ))}
        {isMoved && <div data-conflict="geometry"><dt>{t('history.geometry')}</dt><dd>{t('history.geometry_changed')}</dd></div>}
      </dl>
      <button type="button" class="primary" data-do="reapply" disabled={isBusy} onClick={onReapply}>{t('conflict.reapply')}</button>
      <button type="button" class="secondary" data-do="drop" onClick={onDrop}>{t('conflict.drop')}</button>
    </div>
  );
}

export function EditBlock({ layer, held, onDone }: { layer: Layer; held: Held; onDone: () => void }) {
  const [start, setStart] = useState(held);
  const [refused, setRefused] = useState<Filled | null>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => { if (!isUnsaved.value) setStart(held); }, [held]);

  const send = async (filled: Filled, etag: string) => {
    const { properties, geometry, reason } = filled;
    const edit = { properties, ...(geometry === undefined ? {} : { geometry }), ...(reason.trim() ? { reason: reason.trim() } : {}) };
    const error = await save(layer.id, () => patchItem(layer.id, start.feature.id, etag, edit), 'form.saved');
    setRefused(error?.status === 412 ? filled : null);
    if (error) return error;
    forgetUnsaved();
    onDone();
    return null;
  };
  const reapply = async (): Promise<void> => {
    if (!refused) return;
    setBusy(true);
    await send(refused, held.etag);
    setBusy(false);
  };
  const isNewer = refused !== null && held.etag !== start.etag;
  return (
    <section class="block">
      <h3>{t('form.edit_title')}</h3>
      {isNewer && <Conflict layer={layer} base={start.feature} theirs={held.feature} mine={refused} isBusy={isBusy} onReapply={() => { void reapply(); }} onDrop={() => { forgetUnsaved(); onDone(); }} />}
      <FeatureForm key={start.etag} layer={layer} feature={start.feature} onSave={(filled) => send(filled, isNewer ? held.etag : start.etag)} onCancel={onDone} />
    </section>
  );
}
