// Areas that have a name already: the outline of a unit or another polygon, or a circle of some metres
// around the selected feature.
import { useState } from 'preact/hooks';
import { getItems } from '../../api/client';
import type { Feature, Layer } from '../../api/types';
import { t, title } from '../../i18n';
import { labelPoint } from '../../map/shapes';
import { circleAround, toWkt } from '../../model/area';
import { isDerived, labelOf } from '../../model/layers';
import { tell } from '../../state/actions';
import { useLoaded } from '../../state/loader';
import * as store from '../../state/store';

const MAX_NAMES = 500;
const RADII = [50, 100, 200, 300, 500, 1000];

function take(feature: Feature, name: string): void {
  const wkt = toWkt(feature.geometry);
  if (wkt) store.area.value = { wkt, name };
  else tell('error', t('area.too_fine'));
}

/** Layers whose polygons stand for places with a name, as they are on the as-of day. */
const namedLayers = (): Layer[] => store.layers.value.filter((layer) => layer.geometry === 'polygon' && layer.time === 'interval' && layer.label && !isDerived(layer));

async function readNames(layers: Layer[], signal: AbortSignal): Promise<{ layer: Layer; features: Feature[] }[]> {
  return Promise.all(layers.map(async (layer) => {
    const page = await getItems(layer.id, new URLSearchParams({ datetime: store.asOf.value, located: 'true', limit: String(MAX_NAMES) }), signal);
    const lang = store.lang.value;
    return { layer, features: page.features.toSorted((a, b) => labelOf(layer, a, lang).localeCompare(labelOf(layer, b, lang), 'vi', { numeric: true })) };
  }));
}

export function NamedSelect() {
  const layers = namedLayers();
  const key = layers.length === 0 ? null : `${store.asOf.value}|${layers.map((layer) => `${layer.id}.${store.revisions.value[layer.id] ?? 0}`).join()}`;
  const loaded = useLoaded(key, (signal) => readNames(layers, signal), 'named');
  if (layers.length === 0) return null;
  const choose = (value: string): void => {
    const [layerId, id] = value.split('/');
    const group = loaded.data?.find((one) => one.layer.id === layerId);
    const feature = group?.features.find((one) => one.id === id);
    if (group && feature) take(feature, labelOf(group.layer, feature, store.lang.value));
  };
  return (
    <select id="area-named" aria-label={t('area.named')} value="" onChange={(event) => choose(event.currentTarget.value)}>
      <option value="">{t('area.named')}</option>
      {(loaded.data ?? []).map(({ layer, features }) => (
        <optgroup key={layer.id} label={title(layer.title)}>
          {features.map((feature) => <option key={feature.id} value={`${layer.id}/${feature.id}`}>{labelOf(layer, feature, store.lang.value)}</option>)}
        </optgroup>
      ))}
    </select>
  );
}

export function AroundSelected() {
  const [radius, setRadius] = useState(200);
  const feature = store.shown.value;
  const layer = store.layerById(store.selection.value?.layer);
  if (!feature?.geometry || !layer) return <p class="hint">{t('area.select_first')}</p>;
  const name = labelOf(layer, feature, store.lang.value);
  const isArea = feature.geometry.type === 'Polygon' || feature.geometry.type === 'MultiPolygon';
  const centre = feature.geometry.type === 'Point' ? feature.geometry.coordinates : labelPoint(feature.geometry);
  const around = (): void => {
    const [lon, lat] = centre ?? [];
    const wkt = lon === undefined || lat === undefined ? null : toWkt(circleAround(lon, lat, radius));
    if (wkt) store.area.value = { wkt, name: t('area.around_name', { n: radius, name }) };
  };
  return (
    <div class="area-around">
      {isArea && <button type="button" class="secondary" id="area-outline" onClick={() => take(feature, name)}>{t('area.outline', { name })}</button>}
      {centre && (
        <>
          <select id="area-radius" aria-label={t('area.radius')} value={String(radius)} onChange={(event) => setRadius(Number(event.currentTarget.value))}>
            {RADII.map((one) => <option key={one} value={one}>{t('area.metres', { n: one })}</option>)}
          </select>
          <button type="button" class="secondary" id="area-around" onClick={around}>{t('area.around', { name })}</button>
        </>
      )}
    </div>
  );
}
