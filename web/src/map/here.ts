// The reader's own place on the map: a dot, and the circle it may lie in.
import { effect } from '@preact/signals';
import type { GeoJSONSource, Map as GlMap } from 'maplibre-gl';
import { circleRing } from '../geo/measure';
import { closeRing } from '../geo/pieces';
import { here } from '../state/here';
import { shownTheme } from '../state/store';
import { TONES } from './tones';

export const HERE = 'page-here';

function features(): GeoJSON.Feature[] {
  const place = here.value;
  if (!place) return [];
  const center = [place.lon, place.lat];
  return [
    { type: 'Feature', geometry: { type: 'Polygon', coordinates: [closeRing(circleRing(center, place.accuracy_m))] }, properties: {} },
    { type: 'Feature', geometry: { type: 'Point', coordinates: center }, properties: {} },
  ];
}

/** Keeps the place on the map, through changes of style, until stopped. */
export function followHere(map: GlMap): () => void {
  const put = (): void => {
    if (!here.value && !map.getSource(HERE)) return;
    const source = map.getSource<GeoJSONSource>(HERE);
    if (source) source.setData({ type: 'FeatureCollection', features: features() });
    else add();
  };
  const add = (): void => {
    const { accent, panel } = TONES[shownTheme.value];
    map.addSource(HERE, { type: 'geojson', data: { type: 'FeatureCollection', features: features() } });
    map.addLayer({ id: `${HERE}-circle`, type: 'fill', source: HERE, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': accent, 'fill-opacity': 0.14 } });
    map.addLayer({ id: `${HERE}-edge`, type: 'line', source: HERE, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'line-color': accent, 'line-width': 1.5, 'line-dasharray': [2, 2] } });
    map.addLayer({ id: `${HERE}-dot`, type: 'circle', source: HERE, filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 7, 'circle-color': accent, 'circle-stroke-color': panel, 'circle-stroke-width': 3 } });
  };
  map.on('style.load', put);
  const stop = effect(() => {
    if (here.value && map.isStyleLoaded() !== undefined) put();
  });
  return () => {
    stop();
    map.off('style.load', put);
  };
}
