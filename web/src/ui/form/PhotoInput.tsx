// The photos of a form: chosen, taken, dropped or pasted; sent at once with their progress; ordered and
// removed by buttons. Nothing is lost while the form is open: a failed one waits to be sent again.
import { useEffect, useRef, useState } from 'preact/hooks';
import { MAX_PHOTOS, PHOTO_TYPES } from '../../api/attachments';
import { t, title } from '../../i18n';
import type { Field } from '../../api/types';
import type { Photo, PhotoList } from '../../state/photos';
import * as store from '../../state/store';
import { Icon } from '../icons';

const ACCEPT = PHOTO_TYPES.join(',');

function Thumb({ photo, at, count, list }: { photo: Photo; at: number; count: number; list: PhotoList }) {
  const n = at + 1;
  const percent = Math.round(photo.progress * 100);
  return (
    <li class={`thumb is-${photo.state}`} data-photo={photo.sha256 ?? photo.key}>
      {photo.url ? <img src={photo.url} alt={t('photo.n', { n })} /> : <span class="thumb-none">{photo.name}</span>}
      {photo.state === 'sending' && <progress max={100} value={percent} aria-label={t('photo.sending', { percent })} />}
      {photo.state === 'failed' && <p class="field-error">{t(`photo.fault_${photo.fault ?? 'upload'}`)} {photo.detail}</p>}
      <span class="thumb-tools">
        <button type="button" class="icon-button" disabled={at === 0} aria-label={t('photo.earlier', { n })} title={t('photo.earlier', { n })} onClick={() => list.move(photo.key, -1)}><Icon name="left" size={14} /></button>
        <button type="button" class="icon-button" disabled={n === count} aria-label={t('photo.later', { n })} title={t('photo.later', { n })} onClick={() => list.move(photo.key, 1)}><Icon name="chevron" size={14} /></button>
        {photo.state === 'failed' && photo.fault === 'upload' && <button type="button" class="icon-button" data-do="retry" aria-label={t('photo.retry', { n })} title={t('photo.retry', { n })} onClick={() => list.retry(photo.key)}><Icon name="redo" size={14} /></button>}
        <button type="button" class="icon-button" data-do="remove" aria-label={t('photo.remove', { n })} title={t('photo.remove', { n })} onClick={() => list.remove(photo.key)}><Icon name="trash" size={14} /></button>
      </span>
      {photo.sha256 && <details class="thumb-hash"><summary>{t('photo.hash')}</summary><code>{photo.sha256}</code></details>}
    </li>
  );
}

export function PhotoInput({ field, list, error }: { field: Field; list: PhotoList; error: string | null }) {
  const picker = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const photos = list.photos.value;
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => {
      const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith('image/'));
      if (files.length === 0) return;
      event.preventDefault();
      list.add(files);
    };
    addEventListener('paste', paste);
    return () => removeEventListener('paste', paste);
  }, [list]);
  const take = (input: HTMLInputElement): void => {
    list.add([...(input.files ?? [])]);
    input.value = '';
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    list.add([...(event.dataTransfer?.files ?? [])]);
  };
  const sending = photos.filter((photo) => photo.state === 'sending' || photo.state === 'waiting').length;
  return (
    // Dropping is one of four ways; the buttons are the one for everybody.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <fieldset class={`photos${isOver ? ' is-over' : ''}`} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
      <legend>{title(field.title)} {photos.length > 0 && <span class="faint">{t('photo.count', { n: photos.length, max: MAX_PHOTOS })}</span>}</legend>
      {photos.length > 0 && <ul class="thumbs">{photos.map((photo, at) => <Thumb key={photo.key} photo={photo} at={at} count={photos.length} list={list} />)}</ul>}
      <div class="place-actions">
        {store.isPhone.value && <button type="button" class="secondary" data-do="camera" onClick={() => camera.current?.click()}><Icon name="camera" size={16} />{t('photo.take')}</button>}
        <button type="button" class="secondary" data-do="photo" onClick={() => picker.current?.click()}><Icon name="plus" size={16} />{t('photo.add')}</button>
      </div>
      <input ref={picker} class="photo-file" type="file" accept={ACCEPT} multiple tabIndex={-1} aria-label={t('photo.add')} onChange={(event) => take(event.currentTarget)} />
      <input ref={camera} class="photo-file" type="file" accept={ACCEPT} capture="environment" tabIndex={-1} aria-label={t('photo.take')} onChange={(event) => take(event.currentTarget)} />
      {!store.isPhone.value && <p class="hint">{t('photo.hint')}</p>}
      <p class="sr-only" role="status">{sending > 0 ? t('photo.going', { n: sending }) : ''}</p>
      {error && <p class="field-error" role="alert">{error}</p>}
    </fieldset>
  );
}
