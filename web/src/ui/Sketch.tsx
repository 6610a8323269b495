// The ward as plain SVG: the first thing on the screen while MapLibre is still on its way, and the map
// where the computer has no WebGL. Areas with a legend only, in their colours and letters; where the
// map stays away they can be chosen by click and keyboard.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { getItems } from '../api/client';
import type { Feature, Layer } from '../api/types';
import { t } from '../i18n';
import { labelPoint } from '../map/shapes';
import { areaPath, projectAt, projectHome, type Project } from '../map/sketch';
import { inksOf } from '../map/style';
import { classOf, labelOf } from '../model/layers';
import { layerParams } from '../model/query';
import { select } from '../state/actions';
import { useLoaded } from '../state/loader';
import * as store from '../state/store';

/** More areas than this are the real map's business. */
const MAX_AREAS = 400;

/** The coloured areas that lead the list. */
const leading = (): Layer | undefined => store.drawnLayers.value.find((layer) => layer.geometry === 'polygon' && layer.style?.by && store.isVisible(layer.id));

function Area({ layer, feature, project, isMap }: { layer: Layer; feature: Feature; project: Project; isMap: boolean }) {
  const code = classOf(layer, feature.properties);
  const { color } = inksOf(layer, code?.code ?? '', store.shownTheme.value);
  const isPaper = code?.fill === 'outline' || code?.fill === 'dots';
  const at = feature.geometry ? labelPoint(feature.geometry) : null;
  const [x, y] = at ? project(at) : [0, 0];
  const name = labelOf(layer, feature, store.lang.value);
  const choose = (): void => select(layer.id, feature.id);
  const chosen = isMap
    ? { role: 'button' as const, tabindex: 0, 'aria-label': [name, code?.[store.lang.value]].filter(Boolean).join(', '), onClick: choose, onKeyDown: (event: KeyboardEvent) => { if (event.key === 'Enter') choose(); } }
    : {};
  return (
    <>
      <g class="sketch-area" {...chosen}>
        <path d={feature.geometry ? areaPath(feature.geometry, project) : ''} style={{ fill: color, fillOpacity: isPaper ? 0.12 : 0.72, stroke: color }} />
      </g>
      {at && (
        <g class="sketch-words" aria-hidden="true">
          {code?.letter && <text x={x} y={y}>{code.letter}</text>}
          {isMap && <text class="sketch-name" x={x} y={y + 15}>{name}</text>}
        </g>
      )}
    </>
  );
}

/** `isMap`: there will be no other map. */
export function Sketch({ isMap, onShown }: { isMap: boolean; onShown?: () => void }) {
  const ref = useRef<SVGSVGElement>(null);
  const [size, setSize] = useState<[number, number] | null>(null);
  const layer = leading();
  const params = layer ? layerParams(layer, store.view.value) : null;
  params?.set('limit', String(MAX_AREAS));
  params?.set('located', 'true');
  const loaded = useLoaded(layer ? `${layer.id}?${params}|${store.revisions.value[layer.id] ?? 0}` : null, (signal) => getItems(layer?.id ?? '', params ?? new URLSearchParams(), signal), layer?.id ?? '');
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const measure = (): void => setSize([element.clientWidth, element.clientHeight]);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const isDone = !layer || loaded.data !== null || loaded.error !== null;
  useLayoutEffect(() => { if (isDone && size) onShown?.(); }, [isDone, size !== null]);
  const [width, height] = size ?? [0, 0];
  const { site, camera } = store;
  const project = camera.value ? projectAt(camera.value, width, height) : site.value?.bounds ? projectHome(site.value.bounds, width, height) : null;
  return (
    <svg ref={ref} class="sketch" {...(isMap ? { role: 'group' as const, 'aria-label': t('map.sketch') } : { 'aria-hidden': true })}>
      {layer && project && size && loaded.data?.features.map((feature) => <Area key={feature.id} layer={layer} feature={feature} project={project} isMap={isMap} />)}
    </svg>
  );
}
