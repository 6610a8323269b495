// The room "Đã lưu": the present view under a name, and the site's views to open, rename, bring up to
// date, share by link or delete. A site without a layer for views has no such room.
import { useState } from 'preact/hooks';
import type { Layer } from '../../api/types';
import { errorText, t } from '../../i18n';
import { tell } from '../../state/actions';
import { useLoaded } from '../../state/loader';
import * as store from '../../state/store';
import { addView, isTooLong, linkOf, openView, presentQuery, readViews, removeView, renameView, replaceView, type SavedView } from '../../state/views';
import { Icon, type IconName } from '../icons';

async function copy(view: SavedView): Promise<void> {
  try {
    await navigator.clipboard.writeText(linkOf(view));
    tell('ok', t('data.copied'));
  } catch {
    tell('error', t('data.copy_failed'));
  }
}

function NameForm({ id, label, button, value = '', onSave, onCancel }: { id: string; label: string; button: string; value?: string; onSave: (name: string) => Promise<boolean>; onCancel?: () => void }) {
  const [name, setName] = useState(value);
  const [isBusy, setBusy] = useState(false);
  const [isMissing, setMissing] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setMissing(name.trim() === '');
    if (name.trim() === '' || isBusy) return;
    setBusy(true);
    if (await onSave(name.trim())) setName('');
    setBusy(false);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !onCancel) return;
    event.preventDefault();
    onCancel();
  };
  return (
    <form class="view-form" onSubmit={(event) => { void submit(event); }}>
      <label for={id}>{label}</label>
      <div>
        <input type="text" id={id} maxLength={120} autocomplete="off" value={name} aria-invalid={isMissing} onInput={(event) => setName(event.currentTarget.value)} onKeyDown={onKeyDown} />
        <button type="submit" class="primary" disabled={isBusy}>{button}</button>
      </div>
      {isMissing && <span class="field-error" role="alert">{t('views.name_missing')}</span>}
    </form>
  );
}

function ViewRow({ layer, view }: { layer: Layer; view: SavedView }) {
  const [mode, setMode] = useState<'look' | 'rename' | 'delete'>('look');
  const isShown = view.query === presentQuery();
  const button = (icon: IconName, text: string, run: () => void) => <button type="button" class="icon-button" aria-label={t('views.of', { action: text, name: view.name })} title={text} onClick={run}><Icon name={icon} size={16} /></button>;
  if (mode === 'rename') {
    const rename = async (name: string): Promise<boolean> => {
      const error = await renameView(layer.id, view, name);
      if (!error) setMode('look');
      return false;
    };
    return <li><NameForm id={`view-${view.id}`} label={t('views.new_name')} button={t('form.save')} value={view.name} onSave={rename} onCancel={() => setMode('look')} /></li>;
  }
  if (mode === 'delete') {
    return (
      <li class="ask" role="alertdialog" aria-label={t('views.delete')}>
        <p>{t('views.delete_ask', { name: view.name })}</p>
        <button type="button" class="danger" onClick={() => { void removeView(layer.id, view); }}>{t('views.delete')}</button>
        <button type="button" class="secondary" onClick={() => setMode('look')}>{t('form.cancel')}</button>
      </li>
    );
  }
  return (
    <li class="view-row" data-view={view.name}>
      <button type="button" class="view-open" aria-current={isShown} onClick={() => openView(view)}><Icon name="bookmark" size={15} /><span>{view.name}</span></button>
      {button('link', t('data.copy'), () => { void copy(view); })}
      {layer.editable && button('edit', t('views.rename'), () => setMode('rename'))}
      {layer.editable && button('check', t('views.replace'), () => { void replaceView(layer.id, view); })}
      {layer.editable && button('trash', t('views.delete'), () => setMode('delete'))}
    </li>
  );
}

export function ViewsPanel() {
  const layer = store.viewsLayer.value;
  const key = layer ? `${layer.id}|${store.revisions.value[layer.id] ?? 0}` : null;
  const loaded = useLoaded(key, (signal) => readViews(layer?.id ?? '', signal), 'views');
  if (!layer) return null;
  const add = async (name: string): Promise<boolean> => {
    if (isTooLong(presentQuery())) {
      tell('error', t('views.too_long'));
      return false;
    }
    return (await addView(layer.id, name)) === null;
  };
  return (
    <div class="panel-body">
      <header class="panel-head">
        <h2>{t('views.title')}</h2>
        <p class="hint">{t('views.intro')}</p>
      </header>
      {layer.editable && <NameForm id="view-name" label={t('views.name')} button={t('form.save')} onSave={add} />}
      {loaded.error && <p class="hint" role="alert">{errorText(loaded.error)}</p>}
      {loaded.data?.length === 0 && <p class="hint view-none">{t('views.none')}</p>}
      <ul class="views" aria-label={t('views.title')}>{(loaded.data ?? []).map((view) => <ViewRow key={view.id} layer={layer} view={view} />)}</ul>
    </div>
  );
}
