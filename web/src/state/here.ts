// Where the reader is, by the device's own positioning, asked for only when wanted. Browsers refuse it on
// plain http (localhost excepted); then the page says so instead of a button that does nothing.
import { signal } from '@preact/signals';
import type { Key } from '../i18n';

export interface Here { lon: number; lat: number; accuracy_m: number }
export type HereState = 'off' | 'asking' | 'on' | 'denied' | 'unavailable' | 'insecure';

const TIMEOUT_MS = 15_000;
/** A fix this old may still be where one stands. */
const MAX_AGE_MS = 10_000;

export const here = signal<Here | null>(null);
export const hereState = signal<HereState>('off');

/** What is said when the place is not known. */
export const HERE_TEXT: Partial<Record<HereState, Key>> = { asking: 'here.asking', denied: 'here.denied', unavailable: 'here.unavailable', insecure: 'here.insecure' };

/** Asks once; gives the place or null, and `hereState` says why. */
export function locate(): Promise<Here | null> {
  const end = (state: HereState, place: Here | null): Here | null => {
    hereState.value = state;
    here.value = place;
    return place;
  };
  if (!globalThis.isSecureContext) return Promise.resolve(end('insecure', null));
  if (!('geolocation' in navigator)) return Promise.resolve(end('unavailable', null));
  hereState.value = 'asking';
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve(end('on', { lon: coords.longitude, lat: coords.latitude, accuracy_m: Math.max(1, Math.round(coords.accuracy)) })),
      (error) => resolve(end(error.code === error.PERMISSION_DENIED ? 'denied' : 'unavailable', null)),
      { enableHighAccuracy: true, timeout: TIMEOUT_MS, maximumAge: MAX_AGE_MS },
    );
  });
}
