// Terra Draw's MapLibre adapter, made to live with a style that is replaced under it: a new theme or
// language sets a new style, which takes the drawing's sources away without asking.
import type { Map as GlMap } from 'maplibre-gl';
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter';

const PREFIX = 'page-drawing';

/** Decimals of a degree Terra Draw keeps; it refuses vertices with more. */
export const PRECISION = 9;

/** What the base class keeps to itself and a new style makes necessary to call again. */
const ADD_LAYER = '_addGeoJSONLayer';
const SET_DATA = '_setGeoJSONLayerData';
type Shape = 'Point' | 'LineString' | 'Polygon';
type Inside = Record<typeof ADD_LAYER | typeof SET_DATA, (type: Shape, features: never[]) => string>;

export class DrawAdapter extends TerraDrawMapLibreGLAdapter<GlMap> {
  readonly #map: GlMap;

  constructor(map: GlMap) {
    super({ map, prefixId: PREFIX, coordinatePrecision: PRECISION, minPixelDragDistance: 3, minPixelDragDistanceSelecting: 3, minPixelDragDistanceDrawing: 8 });
    this.#map = map;
    // A frame asked for before a new style is drawn after it.
    const inside = this as unknown as Inside;
    const set = inside[SET_DATA].bind(this);
    inside[SET_DATA] = (type, features) => (this.#isThere ? set(type, features) : '');
  }

  get #isThere(): boolean {
    return this.#map.getStyle() !== undefined && this.#map.getSource(`${PREFIX}-polygon`) !== undefined;
  }

  /** Puts the sources back after a new style; the next render fills them. */
  restore(): void {
    if (this.#isThere) return;
    const inside = this as unknown as Inside;
    for (const type of ['Polygon', 'LineString', 'Point'] as const) inside[ADD_LAYER](type, []);
  }

  override unregister(): void {
    if (this.#isThere) super.unregister();
  }
}
