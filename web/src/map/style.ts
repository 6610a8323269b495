// The server's style made ready for this page, as pure functions: our fonts instead of glyph files,
// tile URLs with the current filter, hidden layers hidden, letters on areas, marks on points, and on
// top the drawing of the selected feature and of the point being placed.
import type { ExpressionSpecification, LayerSpecification, LineLayerSpecification, StyleSpecification, SymbolLayerSpecification } from 'maplibre-gl';
import type { FontFacesSpecification } from 'maplibre-gl';
import type { Layer } from '../api/types';
import type { ShownTheme } from '../state/store';
import { legendOf } from '../model/layers';
import { layerParams, type View } from '../model/query';
import { MEDIUM, STRONG } from './fonts';
import { fade } from './fade';
import { colorOf } from './marks';
import { PIN, pinLayers } from './pin';
import { TONES } from './tones';

export const SELECTED = 'page-selected';
export const DRAFT = 'page-draft';
/** Features a room points out. */
export const MARKED = 'page-marked';

export interface Dressing {
  layers: Layer[];
  visible: readonly string[];
  view: View;
  /** Layers from the topmost down. */
  order: readonly string[];
  opacity: Readonly<Record<string, number>>;
  /** The layers of the base map, and whether it is drawn. */
  base: readonly Layer[];
  hasBase: boolean;
  theme: ShownTheme;
  origin: string;
  fonts: FontFacesSpecification;
}

const EMPTY = { type: 'FeatureCollection' as const, features: [] };

/** The id of the source with one label point per polygon of a layer. */
export const anchorSource = (layer: string): string => `${layer}-anchor`;

/** The tile URL of a layer under the current filter. */
export function tileUrl(layer: Layer, view: View, origin: string): string {
  const params = layerParams(layer, view).toString();
  return `${origin}/tiles/${layer.id}/{z}/{x}/{y}${params ? `?${params}` : ''}`;
}

/** Areas whose letters and names are drawn from anchor points, so that tile edges repeat none. */
export const hasAnchors = (layer: Layer): boolean => layer.geometry === 'polygon' && (Boolean(layer.label) || legendOf(layer).some((code) => code.letter));

/** Point layers whose codes have a shape or a letter get marks instead of plain circles. */
export const hasMarks = (layer: Layer): boolean => (layer.geometry === 'point' || layer.geometry === 'any') && legendOf(layer).some((code) => code.fill || code.letter);

/** How the server names the sources of other people's maps that take the place of its own base map. */
const FOREIGN_BASE = 'basemap-';

/** Whether a part draws the base map: its tiles are those of a base layer, or of a file given to the server. */
export const isBase = (part: object, base: readonly Pick<Layer, 'id'>[]): boolean =>
  ('source' in part && String(part.source).startsWith(FOREIGN_BASE)) || ('source-layer' in part && base.some((layer) => layer.id === part['source-layer']));

function letterOf(layer: Layer): ExpressionSpecification | null {
  const codes = legendOf(layer).filter((code) => code.letter);
  if (codes.length === 0) return null;
  const pairs = codes.flatMap((code) => [code.code, code.letter ?? '']);
  return ['match', ['to-string', ['get', layer.style?.by ?? '']], ...pairs, ''] as unknown as ExpressionSpecification;
}

const labelZoom = (layer: Layer): number => Math.min(layer.style?.label_zoom ?? 12, 13);

/** A wide area's name gives way where the names of areas drawn over it begin. */
function lastLabelZoom(layer: Layer, all: Layer[]): number {
  const finer = all.filter((other) => hasAnchors(other) && (other.order ?? 0) > (layer.order ?? 0)).map(labelZoom);
  return Math.min(24, ...finer.filter((zoom) => zoom > labelZoom(layer)));
}

function areaLabel(layer: Layer, all: Layer[], theme: ShownTheme): SymbolLayerSpecification {
  const letter = letterOf(layer);
  const name: ExpressionSpecification = layer.label ? ['to-string', ['coalesce', ['get', layer.label], '']] : ['literal', ''] as unknown as ExpressionSpecification;
  const isOutline = layer.style?.draw === 'outline';
  const parts: unknown[] = ['format'];
  if (letter) parts.push(letter, { 'text-font': ['literal', [STRONG]], 'font-scale': 1.25 }, '\n', {});
  parts.push(name, { 'font-scale': 1 });
  return {
    id: `${layer.id}-label`,
    type: 'symbol',
    source: anchorSource(layer.id),
    minzoom: labelZoom(layer),
    maxzoom: lastLabelZoom(layer, all),
    layout: {
      'text-field': parts as unknown as ExpressionSpecification,
      'text-font': [isOutline ? STRONG : MEDIUM],
      'text-size': ['interpolate', ['linear'], ['zoom'], 12, 10.5, 15, 12.5, 17, 14],
      'text-line-height': 1.3,
      'text-max-width': 9,
      'text-padding': 4,
    },
    paint: {
      'text-color': TONES[theme].ink,
      'text-halo-color': TONES[theme].paper,
      'text-halo-width': 1.5,
    },
  };
}

function markLayer(layer: Layer, circle: LayerSpecification): SymbolLayerSpecification {
  const by = layer.style?.by ?? '';
  // What is closed steps back: smaller, and under what still asks for someone.
  const ends = layer.workflows?.find((workflow) => workflow.field === by)?.ends ?? [];
  const isOver: ExpressionSpecification = ['in', ['to-string', ['get', by]], ['literal', ends]];
  // Far out it is a speck, so that a whole ward shows what is open; close up it can be read.
  const size = (full: number, over: number): ExpressionSpecification => ['case', isOver, over, full];
  return {
    id: `${layer.id}-mark`,
    type: 'symbol',
    source: layer.id,
    'source-layer': layer.id,
    minzoom: circle.minzoom ?? 0,
    filter: ['all', ['==', ['geometry-type'], 'Point'], ['!', ['has', 'point_count']]],
    layout: {
      'icon-image': ['concat', `mark-${layer.id}-`, ['get', by]],
      'icon-size': ['interpolate', ['linear'], ['zoom'], 11, size(0.3, 0.14), 13, size(0.5, 0.24), 14, size(0.68, 0.36), 16, size(0.95, 0.68), 18, size(1.15, 0.9)],
      'symbol-sort-key': ['case', isOver, 0, 1],
      'icon-allow-overlap': true,
      'icon-ignore-placement': true,
    },
    paint: { 'icon-opacity': ['interpolate', ['linear'], ['zoom'], 12, ['case', isOver, 0.45, 1], 16, ['case', isOver, 0.85, 1]] },
  };
}

/** A quiet edge under the coloured one, so that neighbours of the same class stay two areas. */
function edgeLayer(layer: Layer, line: LineLayerSpecification, theme: ShownTheme): LineLayerSpecification {
  const color = TONES[theme].ink;
  return { id: `${layer.id}-edge`, type: 'line', source: line.source, 'source-layer': line['source-layer'] ?? layer.id, minzoom: line.minzoom ?? 0, layout: { 'line-join': 'round' }, paint: { 'line-color': color, 'line-width': 1.6, 'line-opacity': 0.5 } };
}

function dressLayer(spec: LayerSpecification, dressing: Dressing, byId: Map<string, Layer>): LayerSpecification[] {
  if (spec.type === 'background') return [{ ...spec, paint: { ...spec.paint, 'background-color': TONES[dressing.theme].paper } }];
  if (!('source' in spec)) return [spec];
  const layer = byId.get(spec.source as string);
  if (!layer) return isBase(spec, dressing.base) && !dressing.hasBase ? [{ ...spec, layout: { ...spec.layout, visibility: 'none' } } as LayerSpecification] : [spec];
  if (spec.type === 'symbol') return hasAnchors(layer) ? [] : [settle({ ...spec, layout: { ...spec.layout, 'text-font': [MEDIUM] } }, layer, dressing)];
  if (spec.type === 'circle' && hasMarks(layer) && !spec.id.endsWith('-cluster')) return [settle(markLayer(layer, spec), layer, dressing)];
  const edge = spec.type === 'line' && layer.style?.draw === 'fill' && layer.style.by ? [edgeLayer(layer, spec, dressing.theme)] : [];
  return [...edge, spec].map((one) => settle(one, layer, dressing));
}

/** Shown or hidden, and as faint as the reader wants it. */
function settle<S extends LayerSpecification>(spec: S, layer: Layer, dressing: Dressing): S {
  const visibility = dressing.visible.includes(layer.id) ? 'visible' : 'none';
  return fade({ ...spec, layout: { ...spec.layout, visibility } } as S, dressing.opacity[layer.id] ?? 100);
}

function topLayers(theme: ShownTheme): LayerSpecification[] {
  const { accent, paper, ink } = TONES[theme];
  const isPoint: ExpressionSpecification = ['==', ['geometry-type'], 'Point'];
  const ring = (source: string, radius: number, isFilled: boolean): LayerSpecification => ({
    id: `${source}-ring`, type: 'circle', source, filter: isPoint,
    paint: { 'circle-radius': radius, 'circle-color': accent, 'circle-opacity': isFilled ? 1 : 0, 'circle-stroke-color': isFilled ? paper : accent, 'circle-stroke-width': 3 },
  });
  return [
    { id: `${MARKED}-line`, type: 'line', source: MARKED, filter: ['!', isPoint], paint: { 'line-color': ink, 'line-width': 2.5, 'line-dasharray': [2, 1] } },
    ring(MARKED, 10, false),
    { id: `${SELECTED}-casing`, type: 'line', source: SELECTED, filter: ['!', isPoint], paint: { 'line-color': paper, 'line-width': 6, 'line-opacity': 0.85 } },
    { id: `${SELECTED}-line`, type: 'line', source: SELECTED, filter: ['!', isPoint], paint: { 'line-color': accent, 'line-width': 3 } },
    ring(SELECTED, 13, false),
    ring(DRAFT, 8, true),
    ...pinLayers(TONES[theme]),
  ];
}

/** The style MapLibre gets. */
export function dressStyle(style: StyleSpecification, dressing: Dressing): StyleSpecification {
  const byId = new Map(dressing.layers.map((layer) => [layer.id, layer]));
  const { glyphs: _glyphs, sprite: _sprite, ...rest } = style;
  const sources: StyleSpecification['sources'] = {};
  for (const [id, source] of Object.entries(style.sources)) {
    const layer = byId.get(id);
    if (source.type !== 'vector' && source.type !== 'raster') {
      sources[id] = source;
      continue;
    }
    if (!layer || source.type === 'raster') {
      // The base map's tiles, asked from where this page came from, whatever name the server goes by.
      sources[id] = { ...source, tiles: (source.tiles ?? []).map((url) => url.replace(/^https?:\/\/[^/]+/, dressing.origin)) };
      continue;
    }
    const { url: _url, ...plain } = source;
    sources[id] = { ...plain, tiles: [tileUrl(layer, dressing.view, dressing.origin)] };
    if (hasAnchors(layer)) sources[anchorSource(id)] = { type: 'geojson', data: EMPTY };
  }
  sources[SELECTED] = { type: 'geojson', data: EMPTY };
  sources[DRAFT] = { type: 'geojson', data: EMPTY };
  sources[PIN] = { type: 'geojson', data: EMPTY };
  sources[MARKED] = { type: 'geojson', data: EMPTY };
  const dressed = style.layers.flatMap((spec) => dressLayer(spec, dressing, byId));
  // What is no layer of data (paper, base map) lies under all of them.
  const height = (spec: LayerSpecification): number => ('source' in spec && dressing.order.includes(spec.source as string) ? dressing.order.length - dressing.order.indexOf(spec.source as string) : 0);
  const byHeight = (a: LayerSpecification, b: LayerSpecification): number => height(a) - height(b);
  const drawn = dressed.filter((spec) => spec.type !== 'symbol' || spec.id.endsWith('-mark')).toSorted(byHeight);
  const names = dressed.filter((spec) => spec.type === 'symbol' && !spec.id.endsWith('-mark')).toSorted(byHeight);
  const labels = dressing.layers
    .filter((layer) => anchorSource(layer.id) in sources)
    .toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .map((layer) => settle(areaLabel(layer, dressing.layers, dressing.theme), layer, dressing));
  const background: LayerSpecification[] = drawn.some((spec) => spec.type === 'background') ? [] : [{ id: 'page-paper', type: 'background', paint: { 'background-color': TONES[dressing.theme].paper } }];
  return { ...rest, 'font-faces': dressing.fonts, sources, layers: [...background, ...drawn, ...names, ...labels, ...topLayers(dressing.theme)] } as StyleSpecification;
}

/** The paper and colour a mark or hatch is drawn with. */
export function inksOf(layer: Layer, code: string, theme: ShownTheme): { color: string; paper: string } {
  const found = legendOf(layer).find((one) => one.code === code);
  const isDark = theme === 'dark';
  const fallback = (isDark ? layer.style?.dark : layer.style?.color) ?? TONES[theme].ink;
  return { color: colorOf(found, isDark, fallback), paper: TONES[theme].panel };
}
