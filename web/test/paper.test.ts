// Paper: the boxes of every sheet, the scale and its bar. Expected values are worked out by hand.
import { describe, expect, it } from 'vitest';
import { PAPERS, PX_PER_MM, barOf, scaleOf, sheetOf } from '../src/model/paper';

describe('sheets', () => {
  it('have the sizes of ISO 216', () => {
    expect(sheetOf('a4', 'landscape')).toMatchObject({ width: 297, height: 210 });
    expect(sheetOf('a3', 'portrait')).toMatchObject({ width: 297, height: 420 });
  });
  it('leave the map most of the sheet and room for the rest', () => {
    for (const paper of PAPERS) for (const direction of ['landscape', 'portrait'] as const) {
      const { width, height, map } = sheetOf(paper, direction);
      expect((map.width * map.height) / (width * height)).toBeGreaterThan(0.38);
      expect(map.width).toBeLessThanOrEqual(width - 20);
      expect(map.height).toBeLessThan(height - 20 - 60);
    }
  });
});

describe('the scale', () => {
  // One CSS pixel is 25.4/96 mm: 5 m on it are 5000 / 0.26458 = 18,898.
  it('is metres on the ground over millimetres on paper, in two digits', () => {
    expect(scaleOf(5)).toBe(19_000);
    expect(scaleOf(0.26458333)).toBe(1000);
  });
  it('has a bar of 1, 2 or 5 that fits and is as long as it says', () => {
    for (const metresPerPx of [0.05, 0.3, 1, 4.7, 5, 19, 160]) {
      const { metres, mm } = barOf(metresPerPx, 45);
      expect(mm).toBeLessThanOrEqual(45);
      expect(mm).toBeGreaterThan(45 / 2.5 - 0.001);
      expect(mm * PX_PER_MM * metresPerPx).toBeCloseTo(metres, 6);
      expect([1, 2, 5]).toContain(Number(metres.toExponential().split('e')[0]));
    }
  });
});
