// The sketch lies where the map will: projected positions against the definition of Web Mercator.
import { describe, expect, it } from 'vitest';
import { HOME_PADDING, areaPath, projectAt, projectHome } from '../src/map/sketch';

describe('sketch', () => {
  it('puts the camera in the middle and a degree of longitude where the zoom says', () => {
    const project = projectAt({ lon: 104, lat: 21.4, zoom: 10 }, 800, 600);
    expect(project([104, 21.4])).toEqual([400, 300]);
    // At zoom 10 the world is 512 · 2^10 pixels wide.
    expect(project([105, 21.4])[0] - 400).toBeCloseTo((512 * 1024) / 360, 6);
    // The latitude of the square world's upper edge is half a world above the equator.
    const world = projectAt({ lon: 0, lat: 0, zoom: 0 }, 512, 512);
    expect(world([0, 85.0511287798])[1]).toBeCloseTo(0, 5);
    expect(world([-180, 0])[0]).toBeCloseTo(0, 9);
  });
  it('fits a box into the screen and leaves the padding on the tight side', () => {
    const project = projectHome([103.98, 21.38, 104.02, 21.42], 1000, 700);
    const [left, top] = project([103.98, 21.42]);
    const [right, bottom] = project([104.02, 21.38]);
    expect(top).toBeCloseTo(HOME_PADDING, 6);
    expect(bottom).toBeCloseTo(700 - HOME_PADDING, 6);
    expect(left).toBeGreaterThan(HOME_PADDING);
    expect(left + right).toBeCloseTo(1000, 6);
  });
  it('draws every ring of areas and nothing else', () => {
    const project = ([x = 0, y = 0]: number[]): [number, number] => [x, y];
    const ring = [[0, 0], [2, 0], [2, 2], [0, 0]];
    expect(areaPath({ type: 'MultiPolygon', coordinates: [[ring], [ring, ring]] }, project).match(/M/g)).toHaveLength(3);
    expect(areaPath({ type: 'Polygon', coordinates: [ring] }, project)).toBe('M0.0 0.0L2.0 0.0L2.0 2.0L0.0 0.0Z');
    expect(areaPath({ type: 'LineString', coordinates: ring }, project)).toBe('');
  });
});
