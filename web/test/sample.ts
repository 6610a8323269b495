// A small layer of each kind for the unit tests; fictional, with the shapes of the HTTP contract.
import type { Layer } from '../src/api/types';

export const cases: Layer = {
  id: 'cases', title: { vi: 'Vụ', en: 'Cases' }, geometry: 'point', time: 'state', start: 'found_on', editable: true, derived: false, order: 60,
  fields: [
    { name: 'category', type: 'code', title: { vi: 'Loại', en: 'Category' }, required: true, tile: true, codes: [{ code: 'noise', vi: 'Tiếng ồn', en: 'Noise' }, { code: 'other', vi: 'Khác', en: 'Other' }] },
    { name: 'state', type: 'code', title: { vi: 'Trạng thái', en: 'State' }, required: true, tile: true, codes: [{ code: 'found', vi: 'Phát hiện', en: 'Found', fill: 'full', letter: '!', color: '#b3261e' }, { code: 'fixed', vi: 'Đã khắc phục', en: 'Fixed', fill: 'ring', color: '#5d6560' }, { code: 'closed', vi: 'Đóng', en: 'Closed' }] },
    { name: 'found_on', type: 'date', title: { vi: 'Ngày phát hiện', en: 'Found on' }, required: true },
    { name: 'fine', type: 'integer', title: { vi: 'Mức phạt', en: 'Fine' }, min: 0, unit: 'VND' },
    { name: 'seen_at', type: 'datetime', title: { vi: 'Lúc', en: 'Seen at' } },
    { name: 'summary', type: 'text', title: { vi: 'Nội dung', en: 'Summary' }, cold: true, max_length: 20 },
    { name: 'number', type: 'text', title: { vi: 'Số', en: 'Number' }, read_only: true },
  ],
  workflows: [{ field: 'state', initial: ['found'], next: { found: ['fixed'], fixed: ['closed', 'found'] }, ends: ['closed'] }],
  style: { draw: 'circle', by: 'state', color: '#b3261e' },
};

export const areas: Layer = {
  id: 'areas', title: { vi: 'Vùng', en: 'Areas' }, geometry: 'polygon', time: 'interval', label: 'name', editable: false, derived: true, order: 15,
  fields: [
    { name: 'unit', type: 'ref', title: { vi: 'Tổ', en: 'Unit' }, layer: 'units' },
    { name: 'name', type: 'text', title: { vi: 'Tên', en: 'Name' }, tile: true },
    { name: 'class', type: 'code', title: { vi: 'Loại', en: 'Class' }, tile: true, codes: [{ code: 'low', vi: 'Ít', en: 'Low', color: '#f6b26b', letter: 'Í', hatch: 1 }, { code: 'key', vi: 'Trọng điểm', en: 'Key', color: '#7a2b05', letter: 'T', hatch: 4 }] },
    { name: 'residents', type: 'integer', title: { vi: 'Dân', en: 'Residents' }, people: true, unit: 'persons' },
  ],
  style: { draw: 'fill', by: 'class', label_zoom: 13 },
};
