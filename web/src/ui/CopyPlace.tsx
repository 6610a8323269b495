// Copies the coordinates of a point, in degrees or in VN-2000 metres, as numbers a sheet or another map takes.
import { wantVn2000 } from '../geo/vn2000';
import { t } from '../i18n';
import type { Crs } from '../model/coordinates';
import { tell } from '../state/actions';
import { Icon } from './icons';

async function textOf(point: [number, number], crs: Crs): Promise<string> {
  if (crs === 'wgs84') return `${point[1].toFixed(7)}, ${point[0].toFixed(7)}`;
  const [east, north] = (await wantVn2000()).fromLonLat(point);
  return `${east.toFixed(3)}\t${north.toFixed(3)}`;
}

async function copy(point: [number, number], crs: Crs): Promise<void> {
  try {
    const text = await textOf(point, crs);
    await navigator.clipboard.writeText(text);
    tell('ok', t(crs === 'wgs84' ? 'copy.wgs84_done' : 'copy.vn2000_done', { text: text.replace('\t', '; ') }));
  } catch {
    tell('error', t('copy.failed'));
  }
}

export function CopyPlace({ point }: { point: [number, number] }) {
  const button = (crs: Crs) => <button type="button" class="quiet" data-copy={crs} aria-label={t(`copy.${crs}_hint`)} title={t(`copy.${crs}_hint`)} onClick={() => { void copy(point, crs); }}><Icon name="copy" size={14} />{t(`copy.${crs}`)}</button>;
  return <span class="copy-place">{button('wgs84')}{button('vn2000')}</span>;
}
