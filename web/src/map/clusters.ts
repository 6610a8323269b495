// Clusters of far zooms: a disc with a number stands for several features, and opens where they part.
import type { Map as GlMap } from 'maplibre-gl';

export interface Cluster { lon: number; lat: number; zoom: number; count: number }

/** The cluster drawn at a place of the screen, of the style layers given. */
export function clusterAt(map: GlMap, point: { x: number; y: number }, layers: string[]): Cluster | null {
  const [hit] = map.queryRenderedFeatures([point.x, point.y], { layers }).filter((one) => one.properties['cluster'] === true);
  if (hit?.geometry.type !== 'Point') return null;
  const [lon = 0, lat = 0] = hit.geometry.coordinates;
  return { lon, lat, zoom: Number(hit.properties['expansion_zoom']), count: Number(hit.properties['point_count']) };
}
