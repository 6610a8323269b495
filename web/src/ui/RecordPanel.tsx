// "Ghi nhận": choose an editable layer, give the place and the facts, save. The new feature opens in
// the drawer once the server has it.
import { useState } from 'preact/hooks';
import { createItem } from '../api/client';
import { t, title } from '../i18n';
import { flyTo, openRoom, select } from '../state/actions';
import { save } from '../state/edits';
import * as store from '../state/store';
import { forgetUnsaved, leave } from '../state/unsaved';
import { quickLayer } from '../model/quick';
import { FeatureForm, type Filled } from './FeatureForm';
import { QuickRecord } from './QuickRecord';

export function RecordPanel() {
  const editable = store.layers.value.filter((layer) => layer.editable && !layer.derived);
  const [chosen, setChosen] = useState<string>(() => (editable.find((layer) => layer.time === 'state' && layer.geometry === 'point') ?? editable[0])?.id ?? '');
  const [round, setRound] = useState(0);
  const [isFull, setFull] = useState(false);
  const quick = store.isPhone.value && !isFull ? quickLayer(editable) : null;
  const layer = store.layerById(chosen);
  if (!layer) return <div class="panel-body"><header class="panel-head"><h2>{t('form.new_title')}</h2></header><p class="hint">{t('form.nothing_editable')}</p></div>;

  if (quick) return <QuickRecord quick={quick} onMore={() => setFull(true)} />;

  const create = async ({ properties, geometry = null }: Filled) => {
    let id = '';
    const error = await save(layer.id, async () => { id = await createItem(layer.id, { properties, geometry }); }, 'form.created');
    if (error) return error;
    forgetUnsaved();
    setRound(round + 1);
    if (!store.isVisible(layer.id) && geometry) store.chosenLayers.value = [...store.visibleLayers.value, layer.id];
    openRoom(store.isPhone.value ? null : 'layers');
    select(layer.id, id);
    flyTo({ geometry });
    return null;
  };
  return (
    <div class="panel-body">
      <header class="panel-head"><h2>{t('form.new_title')}</h2></header>
      <div class="field">
        <label for="record-layer">{t('form.layer')}</label>
        <select id="record-layer" value={chosen} onChange={(event) => { const next = event.currentTarget.value; leave(() => setChosen(next)); }}>
          {editable.map((one) => <option key={one.id} value={one.id}>{title(one.title)}</option>)}
        </select>
      </div>
      <FeatureForm key={`${chosen}-${round}`} layer={layer} feature={null} onSave={create} onCancel={() => openRoom(store.isPhone.value ? null : 'layers')} />
    </div>
  );
}
