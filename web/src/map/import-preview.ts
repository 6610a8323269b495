// The rows of a dry run on the map, in a source of their own that goes when the assistant does. A colour and
// a shape per outcome: what would be written is full, what stays as it is a ring, what is refused a thick ring.
import { effect } from '@preact/signals';
import type { ExpressionSpecification, GeoJSONSource, LayerSpecification, Map as GlMap } from 'maplibre-gl';
import type { Outcome, Seen } from '../api/imports';
import type { ShownTheme } from '../state/store';
import * as store from '../state/store';
import { currentMap } from './current';
import { TONES } from './tones';

const SOURCE = 'import-preview';

/** The colour of each outcome in a theme; told again beside each count and row. */
export const OUTCOME_COLOURS: Record<ShownTheme, Record<Outcome, string>> = {
  light: { stored: '#0b6e69', updated: '#2457a6', unchanged: '#5d6560', waiting: '#8a5200', rejected: '#a3261b' },
  dark: { stored: '#4fc0b5', updated: '#8ab4f8', unchanged: '#a3ada8', waiting: '#f0b866', rejected: '#ff9d8f' },
  contrast: { stored: '#00504c', updated: '#0b3d91', unchanged: '#2b2b2b', waiting: '#6b3d00', rejected: '#8a0f06' },
};

function layersOf(theme: ShownTheme): LayerSpecification[] {
  const inks = OUTCOME_COLOURS[theme];
  const { panel } = TONES[theme];
  const ink = ['match', ['get', 'outcome'], 'stored', inks.stored, 'updated', inks.updated, 'rejected', inks.rejected, inks.unchanged] as ExpressionSpecification;
  const isRing = ['match', ['get', 'outcome'], ['unchanged', 'rejected'], true, false] as ExpressionSpecification;
  const isRefused = ['==', ['get', 'outcome'], 'rejected'] as ExpressionSpecification;
  return [
    { id: `${SOURCE}-fill`, type: 'fill', source: SOURCE, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': ink, 'fill-opacity': 0.18 } },
    { id: `${SOURCE}-line`, type: 'line', source: SOURCE, filter: ['!=', ['geometry-type'], 'Point'], paint: { 'line-color': ink, 'line-width': ['case', isRefused, 4, 2.5] } },
    {
      id: `${SOURCE}-point`, type: 'circle', source: SOURCE, filter: ['==', ['geometry-type'], 'Point'],
      paint: {
        'circle-radius': 6, 'circle-color': ['case', isRing, panel, ink], 'circle-opacity': ['case', isRing, 0.7, 1],
        'circle-stroke-color': ['case', isRing, ink, panel], 'circle-stroke-width': ['case', isRefused, 3.5, 2],
      },
    },
  ];
}

function draw(map: GlMap, seen: Seen | null, theme: ShownTheme): void {
  if (!map.getStyle()) return;
  const layers = layersOf(theme);
  const source = map.getSource(SOURCE) as GeoJSONSource | undefined;
  if (!seen) {
    for (const layer of layers) if (map.getLayer(layer.id)) map.removeLayer(layer.id);
    if (source) map.removeSource(SOURCE);
    return;
  }
  const data = { type: 'FeatureCollection' as const, features: seen.preview.features.filter((row) => row.geometry !== null) } as GeoJSON.FeatureCollection;
  if (source) source.setData(data);
  else map.addSource(SOURCE, { type: 'geojson', data });
  for (const layer of layers) {
    if (!map.getLayer(layer.id)) map.addLayer(layer);
    else for (const [name, value] of Object.entries(layer.paint ?? {})) map.setPaintProperty(layer.id, name as 'line-color', value as string);
  }
}

/** Shows what `seen` holds until the answer is called. A new style takes foreign sources away: they come back. */
export function followPreview(seen: { value: Seen | null }): () => void {
  let stopMap: () => void = () => undefined;
  const stop = effect(() => {
    stopMap();
    const map = currentMap.value;
    if (!map) return;
    const again = (): void => {
      if (seen.value && !map.getSource(SOURCE)) draw(map, seen.value, store.shownTheme.value);
    };
    map.on('styledata', again);
    const stopDraw = effect(() => draw(map, seen.value, store.shownTheme.value));
    stopMap = () => {
      stopDraw();
      map.off('styledata', again);
      if (currentMap.peek() === map) draw(map, null, store.shownTheme.peek());
    };
  });
  return () => {
    stop();
    stopMap();
  };
}
