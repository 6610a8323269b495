// Importing: the names of layers, the overrides of the mapping, the traps of plane coordinates, the address.
import { describe, expect, it } from 'vitest';
import { importUrl, type Column, type Seen } from '../src/api/imports';
import { assigned, beginning, fit, layerName, looksPlane, looksSwapped, swapped, written } from '../src/model/importing';
import { boundsOf, boundsOfGeometry } from '../src/state/importing';

const column = (name: string, field: string | null, samples: string[] = []): Column => ({ name, field, samples });
const reading = { layer: 'violations', isNew: false, crs: '', map: {}, key: '' };

describe('import', () => {
  it('names a layer as the server takes it', () => {
    expect(layerName('Ghế đá 2025.csv')).toBe('ghe_da_2025');
    expect(layerName('2025 - Điểm đen (mới).geojson')).toBe('diem_den_moi');
    expect(layerName('....csv')).toBe('lop_moi');
    expect(layerName(`${'a'.repeat(80)}.csv`)).toHaveLength(63);
  });

  it('gives a column to a field, and takes it from the one it filled', () => {
    const columns = [column('Loại', 'category'), column('Ghi chú', null)];
    expect(assigned({}, columns, 'Ghi chú', 'address')).toEqual({ address: 'Ghi chú' });
    expect(assigned({}, columns, 'Loại', '')).toEqual({ category: '' });
    expect(assigned({}, columns, 'Loại', 'summary')).toEqual({ category: '', summary: 'Loại' });
    expect(assigned({ category: '' }, columns, 'Loại', 'category')).toEqual({ category: 'Loại' });
  });

  it('knows metres from degrees and north from east', () => {
    const xy = (x: string, y: string) => [column('X', 'x', [x]), column('Y', 'y', [y])];
    expect(looksPlane(xy('103.9', '21.3'))).toBe(false);
    expect(looksPlane(xy('490238.8', '2360900.1'))).toBe(true);
    expect(looksSwapped(xy('490238.8', '2360900.1'))).toBe(false);
    expect(looksSwapped(xy('2360900.1', '490238.8'))).toBe(true);
    expect(looksSwapped([column('X', 'x', []), column('Y', 'y', [])])).toBe(false);
    expect(swapped({ category: 'L' }, xy('1', '2'))).toEqual({ category: 'L', x: 'Y', y: 'X' });
  });

  it('writes every choice into the address', () => {
    const url = new URL(importUrl('a b.csv', { ...reading, crs: 'EPSG:9206', key: 'Số', map: { x: 'Y', address: '' } }, true), 'http://x');
    expect(url.pathname).toBe('/api/imports');
    expect([...url.searchParams]).toEqual([['layer', 'violations'], ['filename', 'a b.csv'], ['dry_run', 'true'], ['crs', 'EPSG:9206'], ['key', 'Số'], ['map', 'x=Y'], ['map', 'address=']]);
    expect(importUrl('a.csv', { ...reading, isNew: true }, false)).toBe('/api/imports?layer=violations&filename=a.csv&new_layer=true');
  });

  it('prefers the layer whose fields the columns fill', () => {
    const seen = (columns: Column[], more: Partial<Seen> = {}): Seen => ({ read: 10, rejected: 0, dropped: [], mapping: null, columns, ...more }) as unknown as Seen;
    const good = seen([column('a', 'category'), column('b', 'found_on')]);
    expect(fit(good)).toBeGreaterThan(fit(seen([column('a', 'name'), column('b', null)], { dropped: ['b'] })));
    expect(fit(seen([column('a', 'x'), column('b', 'y')]))).toBe(0);
    expect(fit(seen([], { mapping: 'police-uk' }))).toBeGreaterThan(fit(good));
    expect(written({ read: 9, stored: 1, updated: 2, unchanged: 3, waiting_for_location: 1, rejected: 2 })).toBe(4);
  });

  it('reads the beginning of a table in whole lines', async () => {
    const line = 'một,hai\n';
    const part = await beginning(new File([line.repeat(10_000)], 'a.csv'));
    const text = await part?.text();
    expect(text?.endsWith(line)).toBe(true);
    expect((text ?? '').length).toBeLessThan(40_000);
    expect(await beginning(new File(['[]'], 'a.json'))).not.toBeNull();
    expect(await beginning(new File(['x'.repeat(2_000_000)], 'a.geojson'))).toBeNull();
  });

  it('finds the box of what would be written', () => {
    const row = (outcome: string, coordinates: number[]) => ({ type: 'Feature', geometry: { type: 'Point', coordinates }, properties: { row: 1, outcome, faults: [], values: {} } });
    const seen = { preview: { type: 'FeatureCollection', features: [row('stored', [104, 21]), row('rejected', [0, 0]), row('updated', [104.5, 21.25])] } } as unknown as Seen;
    expect(boundsOf(seen)?.map((value) => Number(value.toFixed(3)))).toEqual([104, 21, 104.5, 21.25]);
    expect(boundsOf(null)).toBeNull();
    expect(boundsOfGeometry({ type: 'LineString', coordinates: [[1, 2], [3, -4]] })?.map(Math.round)).toEqual([1, -4, 3, 2]);
  });
});
