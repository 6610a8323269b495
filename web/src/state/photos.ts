// The photos of one form: those the feature has and those being added, in their order. A file stays here
// until the form is closed, whatever happens to its upload; a failed one can be sent again.
import { signal, type ReadonlySignal } from '@preact/signals';
import { MAX_PHOTOS, MAX_PHOTO_BYTES, PHOTO_TYPES, photoUrl, sendPhoto, type Sending } from '../api/attachments';
import { asApiError } from '../api/problem';

export type PhotoFault = 'type' | 'size' | 'count' | 'upload';

export interface Photo {
  key: string;
  name: string;
  /** What is shown: the file itself until the feature is saved. */
  url: string;
  sha256: string | null;
  state: 'waiting' | 'sending' | 'done' | 'failed';
  /** 0 to 1 while it is sent. */
  progress: number;
  fault: PhotoFault | null;
  detail: string;
}

export interface PhotoList {
  readonly photos: ReadonlySignal<Photo[]>;
  add(files: Iterable<File>): void;
  remove(key: string): void;
  move(key: string, by: number): void;
  retry(key: string): void;
  /** Resolves once nothing is on its way: the hashes in order, or null when a photo failed. */
  settled(): Promise<string[] | null>;
  /** Whether it differs from what the feature had. */
  isChanged(): boolean;
  close(): void;
}

const PARALLEL = 2;
const isKnown = (type: string): boolean => (PHOTO_TYPES as readonly string[]).includes(type);
let counter = 0;

/** The list of a form that starts with the feature's photos. */
export function photoList(start: string[], language: () => string): PhotoList {
  const existing = start.map((sha256): Photo => ({ key: sha256, name: '', url: photoUrl(sha256, 'thumb'), sha256, state: 'done', progress: 1, fault: null, detail: '' }));
  const photos = signal<Photo[]>(existing);
  const files = new Map<string, File>();
  const going = new Map<string, Sending>();
  const waiters: (() => void)[] = [];

  const change = (key: string, part: Partial<Photo>): void => {
    photos.value = photos.value.map((photo) => (photo.key === key ? { ...photo, ...part } : photo));
  };
  const pump = (): void => {
    const next = photos.value.find((photo) => photo.state === 'waiting');
    if (next && going.size < PARALLEL) {
      begin(next.key);
      pump();
      return;
    }
    if (!next && going.size === 0) waiters.splice(0).forEach((wake) => wake());
  };
  const begin = (key: string): void => {
    const file = files.get(key);
    if (!file) return;
    change(key, { state: 'sending', progress: 0, fault: null, detail: '' });
    const sending = sendPhoto(file, language(), (progress) => change(key, { progress }));
    going.set(key, sending);
    sending.done.then(
      (sha256) => change(key, { state: 'done', progress: 1, sha256 }),
      (error: unknown) => change(key, { state: 'failed', fault: 'upload', detail: asApiError(error).detail }),
    ).finally(() => { going.delete(key); pump(); });
  };

  return {
    photos,
    add: (added) => {
      for (const file of added) {
        counter += 1;
        const key = `file-${counter}`;
        const kept = photos.value.filter((photo) => photo.state !== 'failed' || photo.fault === 'upload').length;
        const fault: PhotoFault | null = !isKnown(file.type) ? 'type' : file.size > MAX_PHOTO_BYTES ? 'size' : kept >= MAX_PHOTOS ? 'count' : null;
        files.set(key, file);
        photos.value = [...photos.value, { key, name: file.name, url: isKnown(file.type) ? URL.createObjectURL(file) : '', sha256: null, state: fault ? 'failed' : 'waiting', progress: 0, fault, detail: '' }];
      }
      pump();
    },
    remove: (key) => {
      const gone = photos.value.find((photo) => photo.key === key);
      photos.value = photos.value.filter((photo) => photo.key !== key);
      files.delete(key);
      going.get(key)?.abort();
      if (gone?.url.startsWith('blob:')) URL.revokeObjectURL(gone.url);
      pump();
    },
    move: (key, by) => {
      const list = [...photos.value];
      const at = list.findIndex((photo) => photo.key === key);
      const [photo] = list.splice(at, 1);
      if (photo) list.splice(Math.max(0, at + by), 0, photo);
      photos.value = list;
    },
    retry: (key) => {
      change(key, { state: 'waiting', fault: null });
      pump();
    },
    settled: async () => {
      if (going.size > 0 || photos.value.some((photo) => photo.state === 'waiting')) await new Promise<void>((resolve) => { waiters.push(resolve); });
      const hashes = photos.value.map((photo) => photo.sha256);
      // The same picture twice is one photo.
      return hashes.includes(null) ? null : [...new Set(hashes as string[])];
    },
    isChanged: () => JSON.stringify(photos.value.map((photo) => photo.key)) !== JSON.stringify(start),
    close: () => {
      for (const sending of going.values()) sending.abort();
      for (const photo of photos.value) if (photo.url.startsWith('blob:')) URL.revokeObjectURL(photo.url);
    },
  };
}
