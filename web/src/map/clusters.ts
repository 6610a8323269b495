// Clusters of far zooms: a disc with a number stands for several features, and opens where they part.
import type { Map as GlMap } from 'maplibre-gl';

/** How far the discs of the next layer stand from those of the one before, in pixels: beside a disc of a hundred. */
const ASIDE_PX: [number, number] = [26, 10];

/** Sets the clusters of several layers, from the topmost down, beside each other: where one has many the others often
 * have too, and a disc would hide a number. A layer alone stays where its features are. */
export function spread(map: GlMap, layers: string[]): void {
  const counted = layers.filter((layer) => map.getLayer(`${layer}-cluster`));
  for (const [n, layer] of counted.entries()) {
    const aside: [number, number] = [n * ASIDE_PX[0], n * ASIDE_PX[1]];
    map.setPaintProperty(`${layer}-cluster`, 'circle-translate', aside);
    map.setPaintProperty(`${layer}-cluster-mark`, 'text-translate', aside);
  }
}

export interface Cluster { lon: number; lat: number; zoom: number; count: number }

/** The cluster drawn at a place of the screen, of the style layers given. */
export function clusterAt(map: GlMap, point: { x: number; y: number }, layers: string[]): Cluster | null {
  const [hit] = map.queryRenderedFeatures([point.x, point.y], { layers }).filter((one) => one.properties['cluster'] === true);
  if (hit?.geometry.type !== 'Point') return null;
  const [lon = 0, lat = 0] = hit.geometry.coordinates;
  return { lon, lat, zoom: Number(hit.properties['expansion_zoom']), count: Number(hit.properties['point_count']) };
}
