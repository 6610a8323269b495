// Where things lie on the screen before (or without) MapLibre: the same Web Mercator view it opens
// with, as plain functions, so that the first sketch of the ward and the map that follows agree.
import type { Geometry, Position } from 'geojson';
import type { Bounds } from '../api/types';
import type { Camera } from '../state/url';

/** Pixels of the world's width at zoom 0. */
const WORLD_PX = 512;
export const HOME_PADDING = 28;

export type Project = (position: Position) => [number, number];

const mercatorX = (lon: number): number => (lon + 180) / 360;
const mercatorY = (lat: number): number => 0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);

function around(x: number, y: number, scale: number, width: number, height: number): Project {
  return ([lon = 0, lat = 0]) => [(mercatorX(lon) - x) * scale + width / 2, (mercatorY(lat) - y) * scale + height / 2];
}

/** Longitude and latitude to pixels, for a view at a camera. */
export function projectAt(camera: Camera, width: number, height: number): Project {
  return around(mercatorX(camera.lon), mercatorY(camera.lat), WORLD_PX * 2 ** camera.zoom, width, height);
}

/** The same for a view that fits a box into the screen with the home padding. */
export function projectHome([west, south, east, north]: Bounds, width: number, height: number): Project {
  const [x0, x1, y0, y1] = [mercatorX(west), mercatorX(east), mercatorY(north), mercatorY(south)];
  const scale = Math.min((width - 2 * HOME_PADDING) / (x1 - x0), (height - 2 * HOME_PADDING) / (y1 - y0));
  return around((x0 + x1) / 2, (y0 + y1) / 2, Math.max(scale, 1), width, height);
}

const ringPath = (ring: Position[], project: Project): string => `M${ring.map((position) => project(position).map((pixel) => pixel.toFixed(1)).join(' ')).join('L')}Z`;

/** The SVG path of an area; empty for anything else. */
export function areaPath(geometry: Geometry, project: Project): string {
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.type === 'MultiPolygon' ? geometry.coordinates : [];
  return polygons.flatMap((rings) => rings.map((ring) => ringPath(ring, project))).join('');
}
