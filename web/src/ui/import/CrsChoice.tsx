// The coordinate system, and the two traps of Vietnamese coordinates: metres taken for degrees, and X that
// points north. Asked only where the file has coordinates in columns, or names no system itself.
import type { Seen } from '../../api/imports';
import { t, type Key } from '../../i18n';
import { isPlane, looksPlane, looksSwapped, swapped } from '../../model/importing';
import * as importing from '../../state/importing';

const PLANE = 'EPSG:9206';
const SYSTEMS: [string, Key][] = [
  ['EPSG:4326', 'import.crs_4326'], [PLANE, 'import.crs_9206'], ['EPSG:3405', 'import.crs_3405'], ['EPSG:32648', 'import.crs_32648'],
];

export function CrsChoice({ seen }: { seen: Seen }) {
  const reading = importing.reading.value;
  if (!reading || (seen.crs === null && reading.crs === '')) return null;
  const isMetres = !isPlane(seen.crs) && looksPlane(seen.columns);
  const isSwapped = isPlane(seen.crs) && looksSwapped(seen.columns);
  return (
    <div class="import-crs">
      <div class="field">
        <label for="import-crs">{t('import.crs')}</label>
        <select id="import-crs" value={reading.crs} onChange={(event) => importing.choose({ crs: event.currentTarget.value })}>
          <option value="">{t('import.crs_auto')}</option>
          {SYSTEMS.map(([system, name]) => <option key={system} value={system}>{t(name)}</option>)}
        </select>
      </div>
      {isMetres && (
        <div class="import-warn" data-warn="plane">
          <p>{t('import.plane_found')}</p>
          <button type="button" class="secondary" onClick={() => importing.choose({ crs: PLANE })}>{t('import.plane_use')}</button>
        </div>
      )}
      {isSwapped && (
        <div class="import-warn" data-warn="swapped">
          <p>{t('import.swap_found')}</p>
          <button type="button" class="secondary" onClick={() => importing.choose({ map: swapped(reading.map, seen.columns) })}>{t('import.swap_use')}</button>
        </div>
      )}
    </div>
  );
}
