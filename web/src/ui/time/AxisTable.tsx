// The axis as a table: what the window selects, by bar and layer, with what began before and what has no
// day as rows of their own. Its total is the number of rows of the lists.
import { number, t, title } from '../../i18n';
import type { Axis } from '../../model/axis';
import * as store from '../../state/store';
import { Icon } from '../icons';
import { barName } from './Bars';

export function AxisTable({ axis, onClose }: { axis: Axis; onClose: () => void }) {
  const layers = axis.before.parts.map((part) => part.layer);
  const shown = axis.columns.filter((column) => column.inside > 0);
  const row = (name: string, count: (layer: string) => number, total: number, kind: string) => (
    <tr key={name} data-kind={kind}>
      <th scope="row">{name}</th>
      {layers.map((layer) => <td key={layer} class="number">{number(count(layer))}</td>)}
      <td class="number">{number(total)}</td>
    </tr>
  );
  const of = (parts: { layer: string; count: number }[]) => (layer: string): number => parts.find((part) => part.layer === layer)?.count ?? 0;
  const all = (layer: string): number => shown.reduce((sum, column) => sum + of(column.parts)(layer), of(axis.before.parts)(layer) + of(axis.without.parts)(layer));
  return (
    <div class="axis-table" data-total={axis.total}>
      <div class="axis-table-head"><h2 id="axis-table-title">{t('axis.table')}</h2><button type="button" class="icon-button" aria-label={t('axis.table_close')} title={t('axis.table_close')} onClick={onClose}><Icon name="close" size={16} /></button></div>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling box must be reachable by keyboard */}
      <div class="axis-table-body" tabIndex={0} role="region" aria-labelledby="axis-table-title">
        <table>
          <thead><tr><th scope="col">{t('axis.when')}</th>{layers.map((layer) => <th key={layer} scope="col" class="number">{title(store.layerById(layer)?.title)}</th>)}<th scope="col" class="number">{t('axis.sum')}</th></tr></thead>
          <tbody>
            {axis.before.total > 0 && row(t('axis.before'), of(axis.before.parts), axis.before.total, 'before')}
            {shown.map((column) => row(barName(column), of(column.parts), column.inside, 'bar'))}
            {axis.without.total > 0 && row(t('axis.without'), of(axis.without.parts), axis.without.total, 'without')}
          </tbody>
          <tfoot>{row(t('axis.sum'), all, axis.total, 'total')}</tfoot>
        </table>
      </div>
    </div>
  );
}
