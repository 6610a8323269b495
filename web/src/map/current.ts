// The map that is open, for what is loaded later than it (drawing). `view.ts` sets it, nobody else.
import { signal } from '@preact/signals';
import type { Map as GlMap } from 'maplibre-gl';

export const currentMap = signal<GlMap | null>(null);

/** The map once it exists; at once if it is open. */
export function whenMap(): Promise<GlMap> {
  return new Promise((resolve) => {
    if (currentMap.value) {
      resolve(currentMap.value);
      return;
    }
    const stop = currentMap.subscribe((map) => {
      if (!map) return;
      resolve(map);
      queueMicrotask(() => stop());
    });
  });
}
