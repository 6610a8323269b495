// The detail drawer of the selected feature. The same drawer opens from a click on the map, Enter on
// the map and Enter in the list. It reads the feature again whenever its layer changes.
import { useEffect, useRef, useState } from 'preact/hooks';
import { deleteItem, getHistory, getItem, revertItem, type Held } from '../api/client';
import type { Feature, Layer } from '../api/types';
import { errorText, t, title } from '../i18n';
import { noteField, pairsOf } from '../model/departures';
import { classOf, codeOf, fieldOf, isDerived, labelOf, stateOn } from '../model/layers';
import { flyTo } from '../state/actions';
import { save } from '../state/edits';
import { useLoaded } from '../state/loader';
import * as store from '../state/store';
import { leave } from '../state/unsaved';
import type { Selection } from '../state/url';
import { Departures } from './Departures';
import { Facts } from './Facts';
import { EditBlock } from './form/EditBlock';
import { kindOf } from './form/GeometryInput';
import { ShapeForm } from './form/ShapeForm';
import { canEditShape } from './form/ShapeInput';
import { VersionBlock, hasVersions } from './form/VersionBlock';
import { Handle } from './Handle';
import { History } from './History';
import { Icon, type IconName } from './icons';
import { NoteForm } from './NoteForm';
import { PhotoStrip } from './PhotoStrip';
import { StateForm } from './StateForm';
import { Swatch } from './Swatch';
import { Steps, Versions } from './Timeline';

type Mode = 'look' | 'note' | 'edit' | 'state' | 'move' | 'version' | 'delete';
type Answer = { held: Held } | { deleted: true };

/** A feature that is gone may still have a history: then it was deleted. */
async function readAnswer(layer: string, id: string): Promise<Answer> {
  try {
    return { held: await getItem(layer, id) };
  } catch (error) {
    const entries = await getHistory(layer, id).catch(() => []);
    if (entries[0]?.op === 'delete') return { deleted: true };
    throw error;
  }
}

/** The codes under the name: the legend's and each workflow's, as they were on the map's day. */
function Badges({ layer, feature }: { layer: Layer; feature: Feature }) {
  const flows = (layer.workflows ?? []).map((workflow) => workflow.field);
  const by = layer.style?.by;
  const names = [...new Set([...(by ? [by] : []), ...flows])];
  const quality = feature.properties['location_quality'];
  const isRough = feature.geometry !== null && typeof quality === 'string' && quality !== 'exact';
  return (
    <div class="badges">
      {names.map((name) => {
        const field = fieldOf(layer, name);
        const now = feature.properties[name];
        const isFlow = flows.includes(name) && (feature.transitions ?? []).some((step) => step.field === name);
        const then = isFlow ? stateOn(feature.transitions ?? [], name, store.asOf.value) : now;
        const code = codeOf(field, then);
        return (
          <span key={name} class="badge" data-field={name} data-code={String(then ?? '')}>
            {code && name === by && <Swatch layer={layer} code={code} />}
            {code?.[store.lang.value] ?? (isFlow && then === undefined ? t('drawer.not_yet') : t('value.none'))}
            {isFlow && then !== now && <span class="badge-now">{t('drawer.now', { state: codeOf(field, now)?.[store.lang.value] ?? '' })}</span>}
          </span>
        );
      })}
      {isRough && <span class="badge is-rough">{t('map.approximate')}</span>}
    </div>
  );
}

function Actions({ layer, feature, onMode }: { layer: Layer; feature: Feature; onMode: (mode: Mode) => void }) {
  const canEdit = layer.editable && !isDerived(layer);
  const isPoint = layer.geometry === 'point' || kindOf(feature.geometry) === 'point';
  const hasShape = layer.geometry !== 'none' && canEditShape(feature.geometry);
  const button = (name: IconName, text: string, run: () => void, kind = '') => <button type="button" class={`action ${kind}`} onClick={run}><Icon name={name} size={16} />{text}</button>;
  return (
    <div class="actions">
      {canEdit && (layer.workflows ?? []).length > 0 && button('step', t('drawer.state'), () => onMode('state'), 'is-main')}
      {canEdit && button('edit', t('drawer.edit'), () => onMode('edit'))}
      {canEdit && hasShape && button(isPoint || !feature.geometry ? 'move' : 'shape', t(!feature.geometry ? 'drawer.locate' : isPoint ? 'drawer.move' : 'shape.title'), () => onMode('move'))}
      {hasVersions(layer) && button('version', t('version.open'), () => onMode('version'))}
      {feature.geometry && button('fly', t('drawer.fly'), () => flyTo(feature))}
      {canEdit && noteField(layer) && button('note', t('note.open'), () => onMode('note'))}
      {canEdit && button('trash', t('drawer.delete'), () => onMode('delete'))}
    </div>
  );
}

function DeleteAsk({ layer, held, onDone }: { layer: Layer; held: Held; onDone: () => void }) {
  const [isBusy, setBusy] = useState(false);
  const remove = async (): Promise<void> => {
    setBusy(true);
    await save(layer.id, () => deleteItem(layer.id, held.feature.id, held.etag), 'form.deleted');
    setBusy(false);
    onDone();
  };
  return (
    <div class="ask block" role="alertdialog" aria-label={t('drawer.delete')}>
      <p>{t('drawer.delete_ask', { name: labelOf(layer, held.feature, store.lang.value) })}</p>
      <button type="button" class="danger" disabled={isBusy} onClick={() => { void remove(); }}>{t('drawer.delete_yes')}</button>
      <button type="button" class="secondary" onClick={onDone}>{t('form.cancel')}</button>
    </div>
  );
}

function Content({ layer, held }: { layer: Layer; held: Held }) {
  const [mode, setMode] = useState<Mode>('look');
  const look = (): void => leave(() => setMode('look'));
  const { feature } = held;
  const canEdit = layer.editable && !isDerived(layer);
  const note = noteField(layer);
  const pairs = pairsOf(layer).flatMap((pair) => [pair.field.name, pair.other.name]);
  const shownAbove = new Set([...pairs, ...(layer.workflows ?? []).map((workflow) => workflow.field), ...(layer.style?.by && classOf(layer, feature.properties) ? [layer.style.by] : [])]);
  return (
    <>
      <Badges layer={layer} feature={feature} />
      {!feature.geometry && layer.geometry !== 'none' && <p class="waiting"><span class="dot-waiting" aria-hidden="true" />{t('drawer.waiting')}</p>}
      {mode === 'look' && <Actions layer={layer} feature={feature} onMode={setMode} />}
      {mode === 'state' && <StateForm key={held.etag} layer={layer} held={held} onDone={look} />}
      {mode === 'move' && <ShapeForm layer={layer} held={held} onDone={look} />}
      {mode === 'version' && <VersionBlock layer={layer} held={held} onDone={look} />}
      {mode === 'note' && note && <NoteForm key={held.etag} layer={layer} field={note} held={held} onDone={look} />}
      {mode === 'delete' && <DeleteAsk layer={layer} held={held} onDone={look} />}
      {mode === 'edit' && <EditBlock layer={layer} held={held} onDone={look} />}
      {mode !== 'edit' && mode !== 'version' && (
        <>
          <PhotoStrip layer={layer} feature={feature} etag={held.etag} />
          <Departures layer={layer} feature={feature} />
          <Facts layer={layer} feature={feature} isState={(name) => shownAbove.has(name)} />
          <Steps layer={layer} feature={feature} />
          <Versions layer={layer} feature={feature} />
          <History layer={layer} id={feature.id} etag={held.etag} canRevert={canEdit} />
        </>
      )}
    </>
  );
}

function Gone({ layer, id }: { layer: Layer; id: string }) {
  const restore = (): void => { void save(layer.id, () => revertItem(layer.id, id, null), 'form.restored'); };
  return (
    <>
      <div class="ask block">
        <p>{t('drawer.deleted')}</p>
        {layer.editable && <button type="button" class="primary" onClick={restore}>{t('drawer.restore')}</button>}
      </div>
      <History layer={layer} id={id} etag={null} canRevert={false} />
    </>
  );
}

export function Drawer({ selection }: { selection: Selection }) {
  const layer = store.layerById(selection.layer);
  const heading = useRef<HTMLHeadingElement>(null);
  const scope = `${selection.layer}/${selection.id}`;
  const revision = store.revisions.value[selection.layer] ?? 0;
  const loaded = useLoaded<Answer>(layer ? `${scope}|${revision}` : null, () => readAnswer(selection.layer, selection.id), scope);
  const held = loaded.data && 'held' in loaded.data ? loaded.data.held : null;
  useEffect(() => {
    store.shown.value = held?.feature ?? null;
    return () => { store.shown.value = null; };
  }, [held]);
  const isReady = loaded.data !== null || loaded.error !== null;
  useEffect(() => { if (isReady && !store.keepsFocus.peek()) heading.current?.focus({ preventScroll: true }); }, [scope, isReady]);
  const name = layer && held ? labelOf(layer, held.feature, store.lang.value) : '';
  return (
    <section class="drawer" aria-label={t('drawer.label')} data-item={scope} data-size={store.sheetSize.value}>
      <Handle />
      <header class="drawer-head">
        <div>
          <p class="eyebrow">{title(layer?.title)}</p>
          <h2 ref={heading} tabIndex={-1}>{name || t('drawer.label')}</h2>
        </div>
        <button type="button" class="icon-button" aria-label={t('drawer.close')} title={t('drawer.close')} onClick={() => leave(() => { store.selection.value = null; })}><Icon name="close" /></button>
      </header>
      <div class="drawer-body">
        {layer && held && <Content key={scope} layer={layer} held={held} />}
        {layer && loaded.data && 'deleted' in loaded.data && <Gone layer={layer} id={selection.id} />}
        {(loaded.error || !layer) && <p class="block" role="alert">{loaded.error && loaded.error.status !== 404 ? errorText(loaded.error) : t('drawer.not_found')}</p>}
        {!isReady && layer && <div class="skeleton" aria-hidden="true"><i /><i /><i /><i /></div>}
      </div>
    </section>
  );
}
