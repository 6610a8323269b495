// VN-2000 / TM-3 104-00 (EPSG:9206) in the browser. The rotations carry the signs of `towgs84` (position
// vector), the reverse of the published coordinate-frame ones; without that a place is 0.8 m off, without
// the shift 223 m. proj4 is only fetched when somebody works in VN-2000.
import { signal } from '@preact/signals';
import type { Position } from 'geojson';

export const EPSG_9206 = '+proj=tmerc +lat_0=0 +lon_0=104 +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84 +towgs84=-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278 +units=m +no_defs';

export interface Vn2000 {
  /** East and north in metres of a longitude and latitude. */
  fromLonLat(position: Position): [number, number];
  toLonLat(east: number, north: number): [number, number];
}

export async function loadVn2000(): Promise<Vn2000> {
  const { default: proj4 } = await import('proj4');
  const projection = proj4('EPSG:4326', EPSG_9206);
  return {
    fromLonLat: ([lon = 0, lat = 0]) => projection.forward([lon, lat]) as [number, number],
    toLonLat: (east, north) => projection.inverse([east, north]) as [number, number],
  };
}

/** The projection once it is loaded; reading it in a component makes the component follow. */
export const vn2000 = signal<Vn2000 | null>(null);

let loading: Promise<Vn2000> | null = null;

/** Loads the projection once. */
export function wantVn2000(): Promise<Vn2000> {
  loading ??= loadVn2000().then(
    (loaded) => { vn2000.value = loaded; return loaded; },
    (error: unknown) => { loading = null; throw error; },
  );
  return loading;
}
