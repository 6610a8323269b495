// What the page draws over the data that is not data: the area looked in, with what lies outside it
// paled, and the feature under the pointer in the list. Put back whenever a new style is loaded.
import { effect } from '@preact/signals';
import type { Feature as GeoFeature, Position } from 'geojson';
import type { GeoJSONSource, LayerSpecification, Map as GlMap } from 'maplibre-gl';
import { fromWkt } from '../model/area';
import * as store from '../state/store';
import { TONES } from './tones';

const AREA = 'page-area';
const OUTSIDE = 'page-outside';
const HOVER = 'page-hover';
const WORLD: Position[] = [[-180, -85], [180, -85], [180, 85], [-180, 85], [-180, -85]];

function areaFeatures(): { area: GeoFeature[]; outside: GeoFeature[] } {
  const geometry = store.area.value ? fromWkt(store.area.value.wkt) : null;
  if (!geometry) return { area: [], outside: [] };
  const outers = geometry.type === 'Polygon' ? geometry.coordinates.slice(0, 1) : geometry.coordinates.flatMap((rings) => rings.slice(0, 1));
  return {
    area: [{ type: 'Feature', geometry, properties: {} }],
    outside: [{ type: 'Feature', geometry: { type: 'Polygon', coordinates: [WORLD, ...outers] }, properties: {} }],
  };
}

function layersOf(): LayerSpecification[] {
  const { accent, paper, ink } = TONES[store.shownTheme.value];
  return [
    { id: `${OUTSIDE}-fill`, type: 'fill', source: OUTSIDE, paint: { 'fill-color': paper, 'fill-opacity': 0.55 } },
    { id: `${AREA}-casing`, type: 'line', source: AREA, paint: { 'line-color': paper, 'line-width': 5, 'line-opacity': 0.9 } },
    { id: `${AREA}-line`, type: 'line', source: AREA, paint: { 'line-color': accent, 'line-width': 2.5, 'line-dasharray': [3, 1.5] } },
    { id: `${HOVER}-line`, type: 'line', source: HOVER, filter: ['!', ['==', ['geometry-type'], 'Point']], paint: { 'line-color': ink, 'line-width': 2.5 } },
    { id: `${HOVER}-ring`, type: 'circle', source: HOVER, filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 11, 'circle-color': ink, 'circle-opacity': 0.12, 'circle-stroke-color': ink, 'circle-stroke-width': 2 } },
  ];
}

/** Keeps the overlays in step with the state until the returned function is called. */
export function followOverlays(map: GlMap): () => void {
  const put = (id: string, features: GeoFeature[]): void => {
    map.getSource<GeoJSONSource>(id)?.setData({ type: 'FeatureCollection', features });
  };
  const show = (): void => {
    const { area, outside } = areaFeatures();
    const hovered = store.hovered.value?.geometry;
    put(OUTSIDE, outside);
    put(AREA, area);
    put(HOVER, hovered ? [{ type: 'Feature', geometry: hovered, properties: {} }] : []);
  };
  const dress = (): void => {
    for (const id of [OUTSIDE, AREA, HOVER]) if (!map.getSource(id)) map.addSource(id, { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
    for (const layer of layersOf()) if (!map.getLayer(layer.id)) map.addLayer(layer);
    show();
  };
  map.on('style.load', dress);
  const stop = effect(show);
  return () => {
    stop();
    map.off('style.load', dress);
  };
}
