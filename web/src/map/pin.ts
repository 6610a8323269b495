// The pin of a place that was looked up by its coordinates, drawn over everything.
import type { LayerSpecification } from 'maplibre-gl';
import type { Tones } from './tones';

export const PIN = 'page-pin';

/** A cross in a ring: exact in its middle, seen on any ground. */
export function pinLayers({ accent, paper }: Tones): LayerSpecification[] {
  return [
    { id: `${PIN}-halo`, type: 'circle', source: PIN, paint: { 'circle-radius': 11, 'circle-opacity': 0, 'circle-stroke-color': paper, 'circle-stroke-width': 6 } },
    { id: `${PIN}-ring`, type: 'circle', source: PIN, paint: { 'circle-radius': 11, 'circle-opacity': 0, 'circle-stroke-color': accent, 'circle-stroke-width': 3 } },
    { id: `${PIN}-dot`, type: 'circle', source: PIN, paint: { 'circle-radius': 3, 'circle-color': accent, 'circle-stroke-color': paper, 'circle-stroke-width': 1.5 } },
  ];
}
