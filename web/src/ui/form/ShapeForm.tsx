// Changing where a feature is, and its shape: saved as a change of geometry alone.
import type { Geometry } from 'geojson';
import { useEffect, useState, useLayoutEffect } from 'preact/hooks';
import { patchItem, type Held } from '../../api/client';
import type { ApiError } from '../../api/problem';
import type { Layer } from '../../api/types';
import { sameGeometry } from '../../geo/pieces';
import { t } from '../../i18n';
import { save } from '../../state/edits';
import { setUnsaved } from '../../state/unsaved';
import { GeometryInput, kindOf } from './GeometryInput';

export function ShapeForm({ layer, held, onDone }: { layer: Layer; held: Held; onDone: () => void }) {
  const start = held.feature.geometry;
  const [first] = useState(start);
  const [geometry, setGeometry] = useState<Geometry | null>(start);
  const [fault, setFault] = useState<string | null>(null);
  const [isJudged, setJudged] = useState(false);
  const [hint, setHint] = useState('');
  const [isSaving, setSaving] = useState(false);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const name = `shape-${held.feature.id}`;
  const isChanged = !sameGeometry(geometry, first);
  useLayoutEffect(() => { setUnsaved(name, isChanged); }, [isChanged]);
  useEffect(() => () => setUnsaved(name, false), []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setJudged(true);
    setRefused(null);
    if (fault) return;
    if (!isChanged || !geometry) {
      setHint(t('form.unchanged'));
      return;
    }
    setSaving(true);
    const error = await save(layer.id, () => patchItem(layer.id, held.feature.id, held.etag, { geometry }), 'form.moved');
    setSaving(false);
    setRefused(error);
    if (error) return;
    setUnsaved(name, false);
    onDone();
  };
  return (
    <form class="form block" noValidate aria-labelledby="move-title" onSubmit={(event) => { void submit(event); }}>
      <h3 id="move-title">{t(!first ? 'drawer.locate' : kindOf(first) === 'point' ? 'form.move_title' : 'shape.title')}</h3>
      <GeometryInput layer={layer} purpose="move" start={first} isOptional={false} isJudged={isJudged} refused={refused?.at('/geometry') ?? null} onGeometry={(next, wrong) => { setGeometry(next); setFault(wrong); setHint(''); }} />
      <p class="form-hint" role="status">{hint}</p>
      <div class="form-actions">
        <button type="submit" class="primary" disabled={isSaving || geometry === null}>{t(isSaving ? 'form.saving' : 'form.save')}</button>
        <button type="button" class="secondary" onClick={onDone}>{t('form.cancel')}</button>
      </div>
    </form>
  );
}
