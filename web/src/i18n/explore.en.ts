// English: time axis, filters, list, saved views.
import type { exploreVi } from './explore.vi';

export const exploreEn = {
  'axis.bars': 'Bars by time of beginning: {n} features in the period. The numbers are in the time axis table.',
  'axis.part': '{layer} {n}', 'axis.outside': 'outside {n}',
  'axis.span': '{from} – {to}',
  'axis.before': 'Began before the period', 'axis.before_short': 'before',
  'axis.without': 'No day recorded', 'axis.without_short': 'no day',
  'axis.pile': '{name}: {n}',
  'axis.flag': 'As of {day}. Drag to change.',
  'axis.slider_from': 'First day of the period', 'axis.slider_to': 'Last day of the period', 'axis.slider_asof': 'As-of day',
  'axis.to': 'To', 'axis.quarters': 'Quarters', 'axis.quarter': 'Q{quarter} {year}', 'axis.years': 'Years', 'axis.year': 'Year {year}', 'axis.custom': 'Custom',
  'axis.mode': 'Which cases', 'axis.open': 'open in the period', 'axis.began': 'begun in the period',
  'axis.open_long': 'Cases open at some time in the period, those begun before it included', 'axis.began_long': 'Only cases that began in the period; their state is told on the as-of day',
  'axis.player': 'Step and play time',
  'axis.back': 'Back one {step}', 'axis.on': 'On one {step}', 'axis.step': 'Step',
  'axis.play': 'Play', 'axis.pause': 'Pause', 'axis.play_hint': '{play} (Space on the axis)',
  'axis.cumulative': 'Cumulative', 'axis.cumulative_hint': 'Cumulative: keeps the first day, moves only the last, and draws a running total',
  'axis.zoom_window': 'Zoom the axis to the period', 'axis.zoom_data': 'Axis as long as the data',
  'axis.table': 'Time axis table', 'axis.table_close': 'Close the time axis table', 'axis.when': 'Began', 'axis.sum': 'Total',
  'axis.fold': 'Fold the axis to a line', 'axis.unfold': 'Open the time axis',
  'axis.announce': '{window}: {n} feature|{window}: {n} features',
  'step.day': 'day', 'step.week': 'week', 'step.month': 'month', 'step.quarter': 'quarter', 'step.year': 'year',
} as const satisfies Record<keyof typeof exploreVi, string>;
