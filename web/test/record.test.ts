// Recording: which layer the quick form is for and what it sends; rings that cross; photos that outlive
// a failed upload.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Layer } from '../src/api/types';
import { crossesItself } from '../src/geo/crossing';
import { quickLayer, quickProperties } from '../src/model/quick';
import { photoList, type PhotoList } from '../src/state/photos';
import { areas, cases } from './sample';

const pictures = { name: 'photos', type: 'photos' as const, title: { vi: 'Ảnh', en: 'Photos' } };
const withPhotos: Layer = { ...cases, id: 'spots', geometry: 'any', fields: [...cases.fields, pictures] };

describe('the quick form', () => {
  it('is for an editable case at a point of which only the kind is unknown', () => {
    expect(quickLayer([areas, cases])?.layer.id).toBe('cases');
    expect(quickLayer([cases, withPhotos])?.layer.id).toBe('spots');
    expect(quickLayer([withPhotos, { ...withPhotos, id: 'at_points', geometry: 'point' }])?.layer.id).toBe('at_points');
    expect(quickLayer([{ ...cases, editable: false }, areas])).toBeNull();
    const named: Layer = { ...cases, fields: [...cases.fields, { name: 'name', type: 'text', title: { vi: 'Tên', en: 'Name' }, required: true }] };
    expect(quickLayer([named])).toBeNull();
  });
  it('sends the kind, the first state, today and how sure the place is', () => {
    const quick = quickLayer([cases]);
    if (!quick) throw new Error('no quick layer');
    expect(quickProperties(quick, 'noise', '2025-03-04', null)).toEqual({ category: 'noise', state: 'found', found_on: '2025-03-04' });
    const exact: Layer = { ...cases, fields: [...cases.fields, { name: 'location_quality', type: 'code', title: { vi: '', en: '' } }] };
    expect(quickProperties({ ...quick, layer: exact }, 'noise', '2025-03-04', 8)).toMatchObject({ accuracy_m: 8, location_quality: 'exact' });
    expect(quickProperties({ ...quick, layer: exact }, 'noise', '2025-03-04', 300)).toMatchObject({ accuracy_m: 300, location_quality: 'area' });
  });
});

describe('a boundary', () => {
  const polygon = (ring: number[][]) => ({ type: 'Polygon' as const, coordinates: [[...ring, ring[0] as number[]]] });
  it('that crosses or touches itself is told', () => {
    expect(crossesItself(polygon([[0, 0], [2, 2], [2, 0], [0, 2]]))).toBe(true);
    expect(crossesItself(polygon([[0, 0], [4, 0], [4, 4], [2, 0], [0, 4]]))).toBe(true);
    expect(crossesItself(polygon([[0, 0], [2, 0], [2, 2], [0, 2]]))).toBe(false);
    expect(crossesItself(polygon([[0, 0], [2, 0], [1, 2]]))).toBe(false);
    expect(crossesItself({ type: 'LineString', coordinates: [[0, 0], [2, 2], [2, 0], [0, 2]] })).toBe(false);
    expect(crossesItself(null)).toBe(false);
  });
});

/** A stand-in for XMLHttpRequest: the test decides how each upload ends. */
class FakeRequest extends EventTarget {
  static all: FakeRequest[] = [];
  upload = new EventTarget();
  status = 0;
  responseText = '';
  isAborted = false;
  constructor() { super(); FakeRequest.all.push(this); }
  open(): void {}
  setRequestHeader(): void {}
  send(): void {}
  abort(): void { this.isAborted = true; this.dispatchEvent(new Event('abort')); }
  answer(status: number, body: unknown): void {
    this.status = status;
    this.responseText = JSON.stringify(body);
    this.dispatchEvent(new Event('load'));
  }
}

const file = (name: string, type = 'image/jpeg', size = 10): File => {
  const one = new File(['x'], name, { type });
  Object.defineProperty(one, 'size', { value: size });
  return one;
};
const states = (list: PhotoList): string[] => list.photos.value.map((photo) => `${photo.state}${photo.fault ? `:${photo.fault}` : ''}`);
const settle = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve); });

describe('photos of a form', () => {
  beforeEach(() => {
    FakeRequest.all = [];
    vi.stubGlobal('XMLHttpRequest', FakeRequest);
    vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL: () => undefined }));
  });
  afterEach(() => vi.unstubAllGlobals());

  it('are sent two at a time and keep their order', async () => {
    const list = photoList(['old'], () => 'vi');
    list.add([file('a'), file('b'), file('c')]);
    expect(states(list)).toEqual(['done', 'sending', 'sending', 'waiting']);
    FakeRequest.all[1]?.answer(201, { sha256: 'B' });
    await settle();
    expect(states(list)).toEqual(['done', 'sending', 'done', 'sending']);
    const all = list.settled();
    FakeRequest.all[0]?.answer(201, { sha256: 'A' });
    FakeRequest.all[2]?.answer(201, { sha256: 'C' });
    expect(await all).toEqual(['old', 'A', 'B', 'C']);
    list.move(list.photos.value[3]?.key ?? '', -3);
    expect(await list.settled()).toEqual(['C', 'old', 'A', 'B']);
    expect(list.isChanged()).toBe(true);
  });
  it('keep a failed file until it is sent again or removed', async () => {
    const list = photoList([], () => 'vi');
    list.add([file('a')]);
    FakeRequest.all[0]?.answer(503, { code: 'busy', detail: 'bận' });
    await settle();
    expect(states(list)).toEqual(['failed:upload']);
    expect(await list.settled()).toBeNull();
    list.retry(list.photos.value[0]?.key ?? '');
    expect(states(list)).toEqual(['sending']);
    FakeRequest.all[1]?.answer(201, { sha256: 'A' });
    expect(await list.settled()).toEqual(['A']);
  });
  it('refuse what is no picture or too large, and abort what is removed', async () => {
    const list = photoList([], () => 'vi');
    list.add([file('a', 'text/plain'), file('b', 'image/png', 20_000_001), file('c')]);
    expect(states(list)).toEqual(['failed:type', 'failed:size', 'sending']);
    for (const photo of list.photos.value) list.remove(photo.key);
    await settle();
    expect(FakeRequest.all[0]?.isAborted).toBe(true);
    expect(await list.settled()).toEqual([]);
    expect(list.isChanged()).toBe(false);
  });
});
