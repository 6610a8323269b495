// The bars: what began when. Strong where the window selects it, stacked by layer; pale for the rest of
// the data; outlined for what was not yet known on the as-of day. Decoration: its table says the same.
import type { Layer } from '../../api/types';
import { number, t, title } from '../../i18n';
import { runningTotals, type Axis, type Column, type Scale } from '../../model/axis';
import { addDays, showDay } from '../../model/days';
import * as store from '../../state/store';

const HEIGHT = 100;
const WIDTH = 1000;

/** The colour a layer's bars have: its own, as on the map. */
export function barColor(layer: Layer | undefined): string | undefined {
  const isDark = store.shownTheme.value === 'dark';
  return (isDark ? layer?.style?.dark : layer?.style?.color) ?? undefined;
}

/** "03/2024", or the days of a shorter bar. */
export function barName({ from, to }: Pick<Column, 'from' | 'to'>): string {
  const last = addDays(to, -1);
  if (last === from) return showDay(from);
  if (from.endsWith('-01') && to.endsWith('-01')) return from.slice(0, 4) !== to.slice(0, 4) && from.endsWith('-01-01') ? from.slice(0, 4) : `${from.slice(5, 7)}/${from.slice(0, 4)}`;
  return t('axis.span', { from: showDay(from), to: showDay(last) });
}

/** What one bar says, in words. */
export function told(column: Column): string {
  const lines = column.parts.map((part) => t('axis.part', { layer: title(store.layerById(part.layer)?.title), n: part.count }));
  const rest = column.all + column.later - column.inside;
  return [barName(column), ...lines, ...(rest > 0 ? [t('axis.outside', { n: rest })] : [])].join(' · ');
}

function Stack({ column, x, width, most }: { column: Column; x: number; width: number; most: number }) {
  const unit = HEIGHT / most;
  let y = HEIGHT;
  const seen = Math.max(column.all, column.inside);
  const hasRest = seen > column.inside;
  return (
    <g>
      {column.later > 0 && <rect class="axis-later" x={x} y={HEIGHT - (seen + column.later) * unit} width={width} height={column.later * unit} />}
      {hasRest && <rect class="axis-all" x={x} y={HEIGHT - seen * unit} width={width} height={(seen - column.inside) * unit} />}
      {column.parts.map((part) => {
        y -= part.count * unit;
        return <rect key={part.layer} class="axis-in" fill={barColor(store.layerById(part.layer))} x={x} y={y} width={width} height={part.count * unit} />;
      })}
    </g>
  );
}

function Totals({ axis, scale }: { axis: Axis; scale: Scale }) {
  // The line ends with the window: after it nothing is added.
  const last = axis.columns.findLastIndex((column) => column.inside > 0);
  const steps = runningTotals(axis).slice(0, last + 1);
  const most = Math.max(1, steps.at(-1)?.total ?? 1);
  const y = (total: number): string => (HEIGHT - (total / most) * (HEIGHT - 4)).toFixed(2);
  const points = steps.map(({ to, total }) => `H${(scale.at(to) * WIDTH).toFixed(2)}V${y(total)}`);
  const start = steps[0];
  if (!start) return null;
  return <path class="axis-total" d={`M${(scale.at(start.from) * WIDTH).toFixed(2)} ${y(axis.before.total)}${points.join('')}`} />;
}

export function Bars({ axis, scale, isCumulative }: { axis: Axis; scale: Scale; isCumulative: boolean }) {
  const most = Math.max(1, ...axis.columns.map((column) => Math.max(column.all, column.inside) + column.later));
  return (
    <svg class="axis-bars" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={t('axis.bars', { n: number(axis.total) })}>
      {axis.columns.map((column) => {
        const [left, right] = [scale.at(column.from) * WIDTH, scale.at(column.to) * WIDTH];
        if (right <= left) return null;
        const gap = Math.min(1.2, (right - left) * 0.12);
        return <Stack key={column.from} column={column} x={left + gap / 2} width={right - left - gap} most={most * 1.04} />;
      })}
      {isCumulative && <Totals axis={axis} scale={scale} />}
    </svg>
  );
}
