// Where the pointer is, or the middle of the map for those without one, in WGS 84 and VN-2000, to copy.
import { useEffect, useState } from 'preact/hooks';
import type { MapMouseEvent } from 'maplibre-gl';
import { vn2000, wantVn2000 } from '../../geo/vn2000';
import { t } from '../../i18n';
import { whenMap } from '../../map/current';
import { showLonLat } from '../../model/values';
import { tell } from '../../state/actions';
import * as store from '../../state/store';
import { Icon } from '../icons';

interface Place { lon: number; lat: number }

/** The last place pointed at; moving the map by keyboard points at its middle. */
function usePlace(): Place | null {
  const [place, setPlace] = useState<Place | null>(null);
  useEffect(() => {
    let stop = (): void => undefined;
    let isOver = false;
    void whenMap().then((map) => {
      if (isOver) return;
      const point = (event: MapMouseEvent): void => setPlace({ lon: event.lngLat.lng, lat: event.lngLat.lat });
      const middle = (): void => {
        const { lng, lat } = map.getCenter();
        setPlace({ lon: lng, lat });
      };
      middle();
      map.on('mousemove', point);
      map.on('moveend', middle);
      stop = () => {
        map.off('mousemove', point);
        map.off('moveend', middle);
      };
    });
    return () => {
      isOver = true;
      stop();
    };
  }, []);
  return place;
}

export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell('ok', t('measure.copied'));
  } catch {
    tell('error', t('measure.copy_failed'));
  }
}

export function Pointer() {
  const place = usePlace();
  useEffect(() => { wantVn2000().catch(() => undefined); }, []);
  if (!place) return null;
  const [east, north] = vn2000.value?.fromLonLat([place.lon, place.lat]) ?? [];
  const metric = east === undefined || north === undefined ? null : t('measure.vn2000', { east: east.toFixed(2), north: north.toFixed(2) });
  const line = (name: string, text: string, plain: string) => (
    <div>
      <dt>{name}</dt>
      <dd>{text}</dd>
      <dd><button type="button" class="icon-button" aria-label={t('measure.copy_of', { what: name })} title={t('measure.copy_of', { what: name })} onClick={() => { void copy(plain); }}><Icon name="link" size={14} /></button></dd>
    </div>
  );
  return (
    <dl class="measure-place" data-lon={place.lon.toFixed(7)} data-lat={place.lat.toFixed(7)}>
      {line(t('measure.wgs84'), showLonLat(place.lon, place.lat, store.lang.value), `${place.lon.toFixed(7)}, ${place.lat.toFixed(7)}`)}
      {metric && line(t('measure.vn2000_name'), metric, `${east?.toFixed(3)}, ${north?.toFixed(3)}`)}
    </dl>
  );
}
