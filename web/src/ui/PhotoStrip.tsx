// The photos of a feature in its drawer: a strip of thumbnails with the day each was added, a large view
// with the keyboard's arrows, and the earliest beside the one looked at (before and after).
import { useEffect, useState } from 'preact/hooks';
import { getHistory } from '../api/client';
import { photoUrl } from '../api/attachments';
import type { Entry, Feature, Layer } from '../api/types';
import { t } from '../i18n';
import { showDay } from '../model/days';
import { photosOf } from '../model/form';
import { useLoaded } from '../state/loader';
import { Dialog } from './Dialog';
import { Icon } from './icons';

interface Shot { sha256: string; day: string | null }

/** The day each photo first appeared in the history, which tells newest first. */
export function daysOf(entries: Entry[]): Map<string, string> {
  const days = new Map<string, string>();
  for (const entry of entries.toReversed()) {
    for (const change of entry.changes.filter((one) => one.field === 'photos')) {
      for (const sha256 of Array.isArray(change.after) ? change.after as unknown[] : []) {
        if (typeof sha256 === 'string' && !days.has(sha256)) days.set(sha256, entry.at.slice(0, 10));
      }
    }
  }
  return days;
}

const caption = (shot: Shot, n: number, count: number): string =>
  (shot.day ? t('photo.caption', { n, count, day: showDay(shot.day) }) : t('photo.caption_plain', { n, count }));

function Lightbox({ shots, at, onAt, onClose }: { shots: Shot[]; at: number; onAt: (at: number) => void; onClose: () => void }) {
  const [isBeside, setBeside] = useState(false);
  const shot = shots[at] as Shot;
  const first = shots.toSorted((a, b) => (a.day ?? '').localeCompare(b.day ?? ''))[0] as Shot;
  const turn = (by: number): void => onAt((at + by + shots.length) % shots.length);
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      if (event.key === 'ArrowRight') turn(1);
      else if (event.key === 'ArrowLeft') turn(-1);
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', key);
    return () => removeEventListener('keydown', key);
  }, [at, shots.length]);
  const figure = (one: Shot, label: string) => <figure><img src={photoUrl(one.sha256)} alt={label} />{isBeside && <figcaption>{label}</figcaption>}</figure>;
  const label = caption(shot, at + 1, shots.length);
  return (
    <Dialog title={t('photo.title')} name="photo" onClose={onClose}>
      <div class={`lightbox${isBeside ? ' is-beside' : ''}`}>
        {isBeside && first !== shot && figure(first, t('photo.before', { day: first.day ? showDay(first.day) : '…' }))}
        {figure(shot, isBeside ? t('photo.after', { day: shot.day ? showDay(shot.day) : '…' }) : label)}
      </div>
      <div class="lightbox-tools">
        {shots.length > 1 && <button type="button" class="icon-button" aria-label={t('photo.previous')} title={t('photo.previous')} onClick={() => turn(-1)}><Icon name="left" /></button>}
        <span role="status">{label}</span>
        {shots.length > 1 && <button type="button" class="icon-button" aria-label={t('photo.next')} title={t('photo.next')} onClick={() => turn(1)}><Icon name="chevron" /></button>}
        {shots.length > 1 && <button type="button" class="secondary" aria-pressed={isBeside} onClick={() => setBeside(!isBeside)}>{t('photo.beside')}</button>}
      </div>
      <p class="faint small lightbox-hash">{t('photo.hash')} <code>{shot.sha256}</code></p>
    </Dialog>
  );
}

export function PhotoStrip({ layer, feature, etag }: { layer: Layer; feature: Feature; etag: string }) {
  const hashes = photosOf(feature.properties);
  const [open, setOpen] = useState<number | null>(null);
  const loaded = useLoaded(hashes.length > 0 ? `${layer.id}/${feature.id}|${etag}` : null, () => getHistory(layer.id, feature.id).then(daysOf), feature.id);
  if (hashes.length === 0) return null;
  const shots = hashes.map((sha256): Shot => ({ sha256, day: loaded.data?.get(sha256) ?? null }));
  return (
    <section class="block" aria-labelledby="photos-title">
      <h3 id="photos-title">{t('photo.title')}</h3>
      <ul class="strip">
        {shots.map((shot, at) => (
          <li key={shot.sha256}>
            <button type="button" class="strip-photo" aria-label={t('photo.open', { n: at + 1 })} onClick={() => setOpen(at)}><img src={photoUrl(shot.sha256, 'thumb')} alt="" loading="lazy" /></button>
            {shot.day && <span class="faint small">{showDay(shot.day)}</span>}
          </li>
        ))}
      </ul>
      {open !== null && <Lightbox shots={shots} at={Math.min(open, shots.length - 1)} onAt={setOpen} onClose={() => setOpen(null)} />}
    </section>
  );
}
