// The only place that makes a maplibregl.Map. It follows the state's signals (style, filter, visible
// layers, selection, point being placed) and answers with camera, bounds, clicks and hovers.
import 'maplibre-gl/dist/maplibre-gl.css';
import { effect, untracked } from '@preact/signals';
import { Map as GlMap, ScaleControl, setWorkerUrl, type GeoJSONSource, type MapGeoJSONFeature, type PointLike, type StyleSpecification } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { getStyle } from '../api/client';
import type { Feature, Layer } from '../api/types';
import { errorText, t } from '../i18n';
import { legendOf } from '../model/layers';
import { onFlight, point, select, tell, type Flight } from '../state/actions';
import { pin } from '../state/reach';
import { marked } from '../state/moves';
import * as store from '../state/store';
import { followAnchors } from './anchors';
import { currentMap } from './current';
import { isDrawing } from './draw';
import { followHere } from './here';
import { fontFaces } from './fonts';
import { PICTURE_RATIO, hatchPicture, markPicture } from './marks';
import { PIN } from './pin';
import { HOME_PADDING } from './sketch';
import { followOverlays } from './overlays';
import { clusterAt, spread } from './clusters';
import { followTiles } from './tiles';
import { faded, ownOpacity } from './fade';
import { DRAFT, MARKED, SELECTED, anchorSource, dressStyle, hasAnchors, inksOf, isBase } from './style';

const HIT_PX = 6;
const FLY_MS = 140;
const POINT_ZOOM = 16.5;
const PICTURE = /^(hatch|mark)-([a-z0-9_]+)-(.+)$/;

setWorkerUrl(workerUrl);

/** What the pointer is over, for the tooltip. */
export interface Hover { layer: Layer; properties: Record<string, unknown>; x: number; y: number }

export interface MapView {
  map: GlMap;
  zoomBy(steps: number): void;
  home(): void;
  close(): void;
}

export interface MapOptions {
  container: HTMLElement;
  /** The feature whose geometry is highlighted. */
  shown: { value: Feature | null };
  hover: { value: Hover | null };
  /** Space covered by sheets, kept free when flying. */
  padding: () => { top: number; right: number; bottom: number; left: number };
}

/** Draws the picture a style asks for by name, in the inks of a theme. */
export function addPicture(map: GlMap, id: string, theme: store.ShownTheme): void {
  const [, kind, layerId, codeName] = PICTURE.exec(id) ?? [];
  const layer = store.layerById(layerId);
  if (!layer || !codeName || map.hasImage(id)) return;
  const code = legendOf(layer).find((one) => one.code === codeName) ?? { code: codeName, vi: '', en: '' };
  const { color, paper } = inksOf(layer, codeName, theme);
  const picture = kind === 'hatch' ? hatchPicture(code, color) : markPicture(code, color, paper);
  if (picture) map.addImage(id, picture, { pixelRatio: PICTURE_RATIO });
}

/** Style layers of one of our layers: those of its source and of its label anchors. */
function styleLayersOf(map: GlMap, layer: string): string[] {
  const sources = [layer, anchorSource(layer)];
  return map.getLayersOrder().filter((id) => {
    const spec = map.getLayer(id);
    return spec !== undefined && sources.includes(spec.source);
  });
}

/** The lowest of the parts that lie over all shapes: names, then what the page itself draws. */
function firstName(map: GlMap): string | undefined {
  return map.getLayersOrder().find((id) => {
    const part = map.getLayer(id);
    return part !== undefined && ((part.type === 'symbol' && !id.endsWith('-mark')) || part.source === MARKED);
  });
}

const shownParts = (map: GlMap): string[] => store.visibleLayers.value.flatMap((layer) => styleLayersOf(map, layer));

function hitsAt(map: GlMap, point: { x: number; y: number }, reach: number): MapGeoJSONFeature[] {
  const ids = shownParts(map);
  const box: [PointLike, PointLike] = [[point.x - reach, point.y - reach], [point.x + reach, point.y + reach]];
  const hits = map.queryRenderedFeatures(box, { layers: ids }).filter((hit) => store.layerById(hit.source) && hit.properties['id']);
  const exact = map.queryRenderedFeatures([point.x, point.y], { layers: ids }).filter((hit) => store.layerById(hit.source) && hit.properties['id']);
  const small = hits.filter((hit) => hit.geometry.type !== 'Polygon' && hit.geometry.type !== 'MultiPolygon');
  return small.length > 0 ? small : exact;
}

function openAt(map: GlMap, point: { x: number; y: number }): void {
  const [hit] = hitsAt(map, point, HIT_PX);
  const cluster = hit ? null : clusterAt(map, point, shownParts(map));
  if (hit) select(hit.source, String(hit.properties['id']));
  else if (cluster) map.easeTo({ center: [cluster.lon, cluster.lat], zoom: cluster.zoom, duration: store.prefersStill() ? 0 : FLY_MS });
  else if (store.selection.value) store.selection.value = null;
  else store.spoken.value = t('map.nothing');
}

function placeAt(map: GlMap, lon: number, lat: number): void {
  const pick = store.pick.value;
  if (pick) store.pick.value = { ...pick, lon: Number(lon.toFixed(7)), lat: Number(lat.toFixed(7)) };
  map.getCanvas().focus({ preventScroll: true });
}

function bindPointer(map: GlMap, hover: MapOptions['hover']): void {
  map.on('click', (event) => {
    if (isDrawing.value) return;
    if (store.pick.value) placeAt(map, event.lngLat.lng, event.lngLat.lat);
    else openAt(map, event.point);
  });
  map.on('mousemove', (event) => {
    if (isDrawing.value) return;
    const isPicking = store.pick.value !== null;
    const [hit] = isPicking ? [] : hitsAt(map, event.point, 3);
    const layer = store.layerById(hit?.source);
    map.getCanvas().style.cursor = isPicking ? 'crosshair' : hit || clusterAt(map, event.point, shownParts(map)) ? 'pointer' : '';
    hover.value = layer && hit ? { layer, properties: hit.properties, x: event.point.x, y: event.point.y } : null;
    point(layer && hit ? { layer: layer.id, id: String(hit.properties['id']) } : null);
  });
  map.on('mouseout', () => {
    hover.value = null;
    point(null);
  });
  map.on('movestart', () => { hover.value = null; });
  map.getCanvas().addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || isDrawing.value) return;
    event.preventDefault();
    const center = map.project(map.getCenter());
    if (store.pick.value) placeAt(map, map.getCenter().lng, map.getCenter().lat);
    else openAt(map, center);
  });
}

function follow(map: GlMap, options: MapOptions): () => void {
  const stops: (() => void)[] = [];
  const whenReady = (run: () => void): void => {
    stops.push(effect(run));
    map.on('style.load', run);
  };
  const setData = (source: string, features: GeoJSON.Feature[]): void => {
    map.getSource<GeoJSONSource>(source)?.setData({ type: 'FeatureCollection', features });
  };
  whenReady(() => {
    const visible = store.visibleLayers.value;
    for (const layer of untracked(() => store.layers.value)) {
      for (const id of styleLayersOf(map, layer.id)) map.setLayoutProperty(id, 'visibility', visible.includes(layer.id) ? 'visible' : 'none');
    }
  });
  whenReady(() => {
    const visibility = store.hasBase.value ? 'visible' : 'none';
    for (const id of map.getLayersOrder()) {
      const part = map.getLayer(id);
      if (part && isBase({ source: part.source, 'source-layer': part.sourceLayer }, store.baseLayers.peek())) map.setLayoutProperty(id, 'visibility', visibility);
    }
  });
  whenReady(() => {
    const order = store.drawOrder.value;
    spread(map, order.filter((layer) => store.isVisible(layer)));
    for (const layer of order.toReversed()) {
      for (const id of styleLayersOf(map, layer)) if (map.getLayer(id)?.type !== 'symbol' || id.endsWith('-mark')) map.moveLayer(id, firstName(map));
    }
  });
  whenReady(() => {
    const opacity = store.opacity.value;
    for (const layer of untracked(() => store.layers.value)) {
      for (const id of styleLayersOf(map, layer.id)) {
        const part = map.getLayer(id);
        if (!part) continue;
        for (const [name, value] of Object.entries(faded(part.type as 'fill', ownOpacity(part.metadata), opacity[layer.id] ?? 100))) map.setPaintProperty(id, name as 'fill-opacity', value as number);
      }
    }
  });
  whenReady(() => {
    // While a geometry is edited its drawing is what is looked at.
    const feature = isDrawing.value ? null : options.shown.value;
    setData(SELECTED, feature?.geometry ? [{ type: 'Feature', geometry: feature.geometry, properties: {} }] : []);
  });
  whenReady(() => setData(MARKED, marked.value.flatMap((feature) => (feature.geometry ? [{ type: 'Feature' as const, geometry: feature.geometry, properties: {} }] : []))));
  whenReady(() => {
    const pick = store.pick.value;
    const isPlaced = pick?.lon !== null && pick?.lon !== undefined && pick.lat !== null;
    setData(DRAFT, isPlaced ? [{ type: 'Feature', geometry: { type: 'Point', coordinates: [pick.lon as number, pick.lat as number] }, properties: {} }] : []);
  });
  whenReady(() => {
    const at = pin.value;
    setData(PIN, at ? [{ type: 'Feature', geometry: { type: 'Point', coordinates: [at.lon, at.lat] }, properties: {} }] : []);
  });
  stops.push(effect(() => map.getCanvas().setAttribute('aria-label', t('map.label'))));
  stops.push(followOverlays(map));
  stops.push(followTiles(map));
  stops.push(followHere(map));
  stops.push(followAnchors((layer) => map.getSource<GeoJSONSource>(anchorSource(layer.id)), hasAnchors, (again) => map.on('style.load', again)));
  return () => stops.forEach((stop) => stop());
}

/** The style of the page's present state in a theme. */
export async function styleOf(language: string, theme: store.ShownTheme): Promise<StyleSpecification> {
  const style = await getStyle(language, theme === 'dark' ? 'dark' : 'light');
  const { layers, visibleLayers, view, drawOrder, opacity, baseLayers, hasBase } = store;
  return dressStyle(style, { layers: layers.peek(), visible: visibleLayers.peek(), view: view.peek(), order: drawOrder.peek(), opacity: opacity.peek(), base: baseLayers.peek(), hasBase: hasBase.peek(), theme, origin: location.origin, fonts: fontFaces() });
}

function followStyle(map: GlMap): () => void {
  let latest = 0;
  return effect(() => {
    const language = store.lang.value;
    const theme = store.shownTheme.value;
    if (store.layers.value.length === 0) return;
    latest += 1;
    const mine = latest;
    styleOf(language, theme).then(
      (style) => { if (mine === latest) map.setStyle(style, { diff: false }); },
      (error: unknown) => tell('error', errorText(error)),
    );
  });
}

function bindCamera(map: GlMap, options: MapOptions): () => void {
  const report = (): void => {
    const center = map.getCenter();
    const box = map.getBounds();
    store.camera.value = { lon: center.lng, lat: center.lat, zoom: map.getZoom() };
    store.bounds.value = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
  };
  map.on('moveend', report);
  map.once('load', report);
  const fly = (flight: Flight): void => {
    const duration = store.prefersStill() ? 0 : FLY_MS;
    const padding = options.padding();
    if ('bounds' in flight) map.fitBounds(flight.bounds, { padding: { top: padding.top + 32, right: padding.right + 32, bottom: padding.bottom + 32, left: padding.left + 32 }, maxZoom: 17, duration });
    else map.easeTo({ center: [flight.lon, flight.lat], zoom: flight.zoom ?? Math.max(map.getZoom(), POINT_ZOOM), padding, duration });
  };
  onFlight(fly);
  return effect(() => {
    const camera = store.camera.value;
    if (!camera || map.isMoving()) return;
    const center = map.getCenter();
    const isSame = Math.abs(center.lng - camera.lon) < 1e-6 && Math.abs(center.lat - camera.lat) < 1e-6 && Math.abs(map.getZoom() - camera.zoom) < 0.01;
    if (!isSame) map.jumpTo({ center: [camera.lon, camera.lat], zoom: camera.zoom });
  });
}

/** Makes the map in the container and keeps it in step with the state until closed. */
export function openMap(options: MapOptions): MapView {
  const { camera, site } = store;
  const start = camera.value ? { center: [camera.value.lon, camera.value.lat] as [number, number], zoom: camera.value.zoom } : { bounds: site.value?.bounds ?? [103.7, 21.2, 104.1, 21.5] as [number, number, number, number], fitBoundsOptions: { padding: HOME_PADDING } };
  const map = new GlMap({ container: options.container, style: { version: 8, sources: {}, layers: [] }, ...start, attributionControl: false, maxTileCacheSize: 0, dragRotate: false, pitchWithRotate: false, rollEnabled: false, touchPitch: false, fadeDuration: 100, minZoom: 6, maxZoom: 21 });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.setMissingStyleImageResolver((id) => addPicture(map, id, store.shownTheme.value));
  map.addControl(new ScaleControl({ maxWidth: 110 }), 'bottom-right');
  map.on('error', (event) => {
    if ('sourceId' in event) tell('error', t('map.error'));
  });
  bindPointer(map, options.hover);
  const stops = [follow(map, options), followStyle(map), bindCamera(map, options)];
  const home = (): void => {
    if (site.value) map.fitBounds(site.value.bounds, { padding: HOME_PADDING, duration: store.prefersStill() ? 0 : FLY_MS });
  };
  Object.assign(globalThis, { diabanMap: map });
  currentMap.value = map;
  return {
    map,
    home,
    zoomBy: (steps) => map.zoomTo(map.getZoom() + steps, { duration: store.prefersStill() ? 0 : FLY_MS }),
    close: () => {
      currentMap.value = null;
      stops.forEach((stop) => stop());
      map.remove();
    },
  };
}
