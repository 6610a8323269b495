// How a drawing looks: the accent on paper, vertices large enough to grasp, midpoints smaller. Holes are
// drawn as rings without a fill.
import type { GeoJSONStoreFeatures } from 'terra-draw';
import type { ShownTheme } from '../state/store';
import { TONES } from './tones';

export interface Looks { point: Record<string, unknown>; line: Record<string, unknown>; polygon: Record<string, unknown>; circle: Record<string, unknown>; select: Record<string, unknown> }

const fill = (feature: GeoJSONStoreFeatures): number => (feature.properties['ring'] ? 0 : 0.16);

/** The styles of every mode in a theme. */
export function looksOf(theme: ShownTheme): Looks {
  const { accent: ink, panel: paper } = TONES[theme];
  const dots = (name: string, width: number, isFull: boolean): Record<string, unknown> => ({
    [`${name}Color`]: isFull ? ink : paper, [`${name}Width`]: width, [`${name}OutlineColor`]: isFull ? paper : ink, [`${name}OutlineWidth`]: 2,
  });
  const line = { lineStringColor: ink, lineStringWidth: 3, ...dots('closingPoint', 7, true), ...dots('snappingPoint', 6, false), ...dots('coordinatePoint', 5, false) };
  const area = { fillColor: ink, fillOpacity: fill, outlineColor: ink, outlineWidth: 3, ...dots('closingPoint', 7, true), ...dots('snappingPoint', 6, false), ...dots('coordinatePoint', 5, false) };
  return {
    point: { ...dots('point', 8, true), ...dots('editedPoint', 8, true) },
    line,
    polygon: area,
    circle: { fillColor: ink, fillOpacity: 0.16, outlineColor: ink, outlineWidth: 3 },
    select: {
      ...dots('selectedPoint', 9, true), selectedLineStringColor: ink, selectedLineStringWidth: 3,
      selectedPolygonColor: ink, selectedPolygonFillOpacity: fill, selectedPolygonOutlineColor: ink, selectedPolygonOutlineWidth: 3,
      ...dots('selectionPoint', 6, false), midPointColor: ink, midPointWidth: 4, midPointOutlineColor: paper, midPointOutlineWidth: 1.5,
    },
  };
}
