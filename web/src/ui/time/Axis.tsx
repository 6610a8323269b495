// The axis: the pile of what began before the period, the bars with the window over them, the pile of
// what has no day, the years below, and a line that tells the bar under the pointer.
import { number, t, title } from '../../i18n';
import { scaleOf, ticksOf, type Axis as AxisData, type Pile } from '../../model/axis';
import * as store from '../../state/store';
import { shownAxis } from '../../state/time';
import { Bars, barColor, told } from './Bars';
import { Brush, pointed } from './Brush';

function PileBar({ pile, most, kind }: { pile: Pile; most: number; kind: 'before' | 'without' }) {
  const name = t(`axis.${kind}`);
  const height = Math.min(100, (pile.total / Math.max(1, most)) * 100);
  return (
    <div class={`axis-pile is-${kind}`} data-pile={pile.total} title={t('axis.pile', { name, n: pile.total })}>
      <span class="axis-pile-bar" style={{ height: `${height}%` }} />
      <b>{number(pile.total)}</b><span class="axis-pile-name">{t(`axis.${kind}_short`)}</span>
      <span class="sr-only">{name}</span>
    </div>
  );
}

/** Each layer by name and colour, with how many of it the window selects; or the bar under the pointer. */
function Readout({ axis }: { axis: AxisData }) {
  const column = pointed.value === null ? undefined : axis.columns.find((one) => one.from <= (pointed.value ?? '') && (pointed.value ?? '') < one.to);
  if (column) return <p class="axis-readout" aria-hidden="true">{told(column)}</p>;
  const counts = axis.before.parts.map(({ layer, count }, index) => {
    const inBars = axis.columns.reduce((sum, one) => sum + (one.parts.find((part) => part.layer === layer)?.count ?? 0), 0);
    return { layer, n: count + inBars + (axis.without.parts[index]?.count ?? 0) };
  });
  return (
    <p class="axis-readout" aria-hidden="true">
      {counts.map(({ layer, n }) => <span key={layer}><i style={{ background: barColor(store.layerById(layer)) ?? 'currentColor' }} />{title(store.layerById(layer)?.title)} <b>{number(n)}</b></span>)}
    </p>
  );
}

export function Axis({ axis }: { axis: AxisData }) {
  const range = shownAxis.value;
  const scale = scaleOf(range);
  const most = Math.max(1, ...axis.columns.map((column) => Math.max(column.all, column.inside) + column.later));
  return (
    <div class="axis" data-total={axis.total}>
      {axis.before.total > 0 ? <PileBar pile={axis.before} most={most} kind="before" /> : <div class="axis-pile" />}
      <div class="axis-frame">
        <Readout axis={axis} />
        <Bars axis={axis} scale={scale} isCumulative={store.isCumulative.value} />
        <Brush scale={scale} columns={axis.columns} />
        <div class="axis-ticks" aria-hidden="true">
          {ticksOf(range).map(({ day, kind }) => <span key={day} class={`is-${kind}`} style={{ left: `${scale.at(day) * 100}%` }}>{kind === 'year' ? day.slice(0, 4) : Number(day.slice(5, 7))}</span>)}
        </div>
      </div>
      {axis.without.total > 0 && <PileBar pile={axis.without} most={most} kind="without" />}
    </div>
  );
}
