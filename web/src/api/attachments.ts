// `/attachments`: photos by the SHA-256 of what the server keeps (turned upright, without metadata,
// encoded anew). Sent with XMLHttpRequest, because fetch cannot tell how much has gone out.
import { ApiError } from './problem';

export const PHOTO_TYPES = ['image/jpeg', 'image/png', 'image/webp'] as const;
export const MAX_PHOTO_BYTES = 20_000_000;
export const MAX_PHOTOS = 20;

export const photoUrl = (sha256: string, size?: 'thumb'): string => `/attachments/${sha256}${size ? `?size=${size}` : ''}`;

export interface Sending { done: Promise<string>; abort(): void }

interface Answer { sha256?: string; code?: string; detail?: string; title?: string }

function read(text: string): Answer {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return {};
  }
}

/** Sends one photo; the promise gives its SHA-256 once the server has it. */
export function sendPhoto(file: Blob, language: string, onProgress: (fraction: number) => void): Sending {
  const request = new XMLHttpRequest();
  const done = new Promise<string>((resolve, reject) => {
    request.open('POST', '/attachments');
    request.setRequestHeader('Content-Type', file.type);
    request.setRequestHeader('Accept-Language', language);
    request.upload.addEventListener('progress', (event) => { if (event.lengthComputable) onProgress(event.loaded / event.total); });
    request.addEventListener('load', () => {
      const answer = read(request.responseText);
      if (request.status === 201 && answer.sha256) resolve(answer.sha256);
      else reject(new ApiError(request.status, answer.code ?? `http-${request.status}`, answer.detail ?? answer.title ?? ''));
    });
    request.addEventListener('error', () => reject(new ApiError(0, 'offline', '')));
    request.addEventListener('abort', () => reject(new ApiError(0, 'aborted', '')));
    request.send(file);
  });
  return { done, abort: () => request.abort() };
}
