// English of `panel.vi.ts`.
import type { panelVi } from './panel.vi';

export const panelEn = {
  'layers.words': 'Find a layer',
  'layers.none': 'No layer matches “{words}”.',
  'layers.by_group': 'By group', 'layers.by_order': 'Drawing order',
  'layers.base': 'Base map', 'layers.zoom': 'Zoom in to see it',
  'layers.source': 'Source: {source}, newest {day}', 'layers.source_unknown': 'not recorded', 'layers.stale': 'Stale', 'layers.stale_hint': 'No newer source for {n} day|No newer source for {n} days',
  'legend.on': 'on {day}', 'legend.period': '{from}–{to}', 'legend.n': 'n = {n}',
  'group.areas': 'Areas', 'group.cases': 'Cases', 'group.works': 'Works', 'group.planning': 'Planning', 'group.context': 'Context', 'group.tables': 'Tables, not drawn on the map',
  'group.shown': '{n}/{total} shown', 'group.count': '{n}',
  'order.hint': 'Upper layers cover lower ones. Drag, or use the arrows.',
  'order.grip': 'Move layer {layer}: drag, or arrow up and down', 'order.up': 'Move up: {layer}', 'order.down': 'Move down: {layer}',
  'order.opacity': 'Opacity', 'order.opacity_of': 'Opacity of layer {layer}', 'order.percent': '{n} %', 'order.reset': 'Back to the first order',
  'order.spoken': '{layer}: place {i} of {total}',
} satisfies Record<keyof typeof panelVi, string>;
