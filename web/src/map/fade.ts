// How a layer is made fainter: the opacity of each of its parts times the reader's. The part's own
// opacity is kept in `metadata`, so that a slider can move without making the style anew.
import type { LayerSpecification } from 'maplibre-gl';

const PROPERTIES: Partial<Record<LayerSpecification['type'], readonly string[]>> = {
  fill: ['fill-opacity'],
  line: ['line-opacity'],
  circle: ['circle-opacity', 'circle-stroke-opacity'],
  symbol: ['icon-opacity', 'text-opacity'],
};

/** A style value times a factor. An expression of zoom must stay outermost: its outputs are scaled. */
export function scaled(value: unknown, factor: number): unknown {
  if (value === undefined || value === null) return factor;
  if (typeof value === 'number') return value * factor;
  if (!Array.isArray(value)) return value;
  const [head] = value as unknown[];
  const first = head === 'interpolate' ? 4 : head === 'step' ? 2 : null;
  if (first === null) return ['*', factor, value];
  return value.map((part: unknown, index) => (index >= first && (index - first) % 2 === 0 ? scaled(part, factor) : part));
}

type Own = Record<string, unknown>;

/** The paint a part has at `percent` of its own opacity. */
export function faded(type: LayerSpecification['type'], own: Own, percent: number): Own {
  const factor = percent / 100;
  return Object.fromEntries((PROPERTIES[type] ?? []).map((name) => [name, scaled(own[name], factor)]));
}

/** The part at `percent`, remembering its own opacity. */
export function fade<S extends LayerSpecification>(spec: S, percent: number): S {
  const paint = (spec.paint ?? {}) as Own;
  const own = Object.fromEntries((PROPERTIES[spec.type] ?? []).map((name) => [name, paint[name]]));
  const next = percent === 100 ? paint : { ...paint, ...faded(spec.type, own, percent) };
  return { ...spec, paint: next, metadata: { own } };
}

/** The own opacity a part remembers. */
export const ownOpacity = (metadata: unknown): Own => ((metadata as { own?: Own } | undefined)?.own ?? {});
