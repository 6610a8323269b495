// Which coordinates are typed: WGS 84 or VN-2000. The choice is the editor's own and is kept for the
// next one; the projection is fetched when VN-2000 is first chosen.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { wantVn2000 } from '../../geo/vn2000';
import { t } from '../../i18n';
import type { Crs } from '../../model/coordinates';
import { tell } from '../../state/actions';

/** What the last editor used; a new one starts with it. */
export const lastCrs = signal<Crs>('wgs84');

export function CrsSelect({ id, crs, onCrs }: { id: string; crs: Crs; onCrs: (crs: Crs) => void }) {
  useEffect(() => {
    if (crs === 'vn2000') wantVn2000().catch(() => { tell('error', t('crs.failed')); onCrs('wgs84'); });
  }, [crs]);
  const choose = (value: string): void => {
    const next: Crs = value === 'vn2000' ? 'vn2000' : 'wgs84';
    lastCrs.value = next;
    onCrs(next);
  };
  return (
    <div class="field crs">
      <label for={id}>{t('crs.label')}</label>
      <select id={id} value={crs} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="wgs84">{t('crs.wgs84')}</option>
        <option value="vn2000">{t('crs.vn2000')}</option>
      </select>
    </div>
  );
}
