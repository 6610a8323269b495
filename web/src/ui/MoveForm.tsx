// Moving a point: the new place by a click on the map or by typing; saved as a change of geometry.
import { useState } from 'preact/hooks';
import { patchItem, type Held } from '../api/client';
import type { Layer } from '../api/types';
import { t } from '../i18n';
import { parsePlace, pointOf, type Wrong } from '../model/form';
import { save } from '../state/edits';
import { PlaceInput, usePlace } from './PlaceInput';

export function MoveForm({ layer, held, onDone }: { layer: Layer; held: Held; onDone: () => void }) {
  const start = pointOf(held.feature);
  const [place, change] = usePlace('move', start);
  const [wrong, setWrong] = useState<Partial<Record<'lon' | 'lat', Wrong | undefined>>>();
  const [hint, setHint] = useState('');
  const [isSaving, setSaving] = useState(false);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const parsed = parsePlace(place);
    setWrong('wrong' in parsed ? parsed.wrong : undefined);
    if ('wrong' in parsed || !parsed.point) return;
    if (start && start[0] === parsed.point[0] && start[1] === parsed.point[1]) {
      setHint(t('form.unchanged'));
      return;
    }
    setSaving(true);
    const geometry = { type: 'Point', coordinates: parsed.point };
    const error = await save(layer.id, () => patchItem(layer.id, held.feature.id, held.etag, { geometry }), 'form.moved');
    setSaving(false);
    if (!error) onDone();
  };
  return (
    <form class="form block" noValidate aria-labelledby="move-title" onSubmit={(event) => { void submit(event); }}>
      <h3 id="move-title">{t(start ? 'form.move_title' : 'drawer.locate')}</h3>
      <PlaceInput place={place} onPlace={change} isOptional={false} {...(wrong ? { wrong } : {})} />
      <p class="form-hint" role="status">{hint}</p>
      <div class="form-actions">
        <button type="submit" class="primary" disabled={isSaving || (place.lon === '' && place.lat === '')}>{t(isSaving ? 'form.saving' : 'form.save')}</button>
        <button type="button" class="secondary" onClick={onDone}>{t('form.cancel')}</button>
      </div>
    </form>
  );
}
