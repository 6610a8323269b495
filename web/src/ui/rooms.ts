// The rooms in the order of the rail, each with its question. A room that has nothing to show on this
// site is not offered.
import type { Key } from '../i18n';
import { comparisons } from '../state/moves';
import { schemeLayer } from '../state/scheme';
import * as store from '../state/store';
import type { IconName } from './icons';

export interface RoomEntry {
  room: store.Room;
  icon: IconName;
  name: Key;
  hint: Key;
  /** On a phone: kept behind "more". */
  isAside?: boolean;
  isOffered?: () => boolean;
}

const ALL: RoomEntry[] = [
  { room: 'layers', icon: 'layers', name: 'rail.layers', hint: 'rail.layers_hint' },
  { room: 'filter', icon: 'funnel', name: 'rail.filter', hint: 'rail.filter_hint' },
  { room: 'moves', icon: 'moves', name: 'rail.moves', hint: 'rail.moves_hint', isAside: true, isOffered: () => comparisons.value.length > 0 },
  { room: 'scheme', icon: 'scheme', name: 'rail.scheme', hint: 'rail.scheme_hint', isAside: true, isOffered: () => schemeLayer.value !== null },
  { room: 'record', icon: 'record', name: 'rail.record', hint: 'rail.record_hint', isOffered: () => store.layers.value.some((layer) => layer.editable && !layer.derived) },
  { room: 'data', icon: 'data', name: 'rail.data', hint: 'rail.data_hint', isAside: true },
  { room: 'views', icon: 'bookmark', name: 'rail.views', hint: 'rail.views_hint', isAside: true, isOffered: () => store.viewsLayer.value !== null },
];

/** The rooms this reader has. */
export const rooms = (): RoomEntry[] => ALL.filter((entry) => entry.isOffered?.() ?? true);
