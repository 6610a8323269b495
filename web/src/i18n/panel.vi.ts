// Vietnamese: the layer panel.
export const panelVi = {
  'layers.words': 'Tìm lớp',
  'layers.none': 'Không có lớp nào khớp “{words}”.',
  'layers.by_group': 'Theo nhóm', 'layers.by_order': 'Thứ tự vẽ',
  'layers.base': 'Nền', 'layers.zoom': 'Phóng to để thấy',
  'layers.source': 'Nguồn: {source}, mới nhất {day}', 'layers.source_unknown': 'chưa ghi', 'layers.stale': 'Cũ', 'layers.stale_hint': 'Chưa có nguồn mới hơn trong {n} ngày',
  'legend.on': 'tại {day}', 'legend.period': '{from}–{to}', 'legend.n': 'n = {n}',
  'group.areas': 'Địa bàn', 'group.cases': 'Vụ việc', 'group.works': 'Công trình', 'group.planning': 'Quy hoạch', 'group.context': 'Bối cảnh', 'group.tables': 'Bảng, không vẽ trên bản đồ',
  'group.shown': '{n}/{total} hiện', 'group.count': '{n}',
  'order.hint': 'Lớp ở trên che lớp ở dưới. Kéo, hoặc dùng mũi tên.',
  'order.grip': 'Dời lớp {layer}: kéo, hoặc mũi tên lên xuống', 'order.up': 'Đưa lên: {layer}', 'order.down': 'Đưa xuống: {layer}',
  'order.opacity': 'Độ đậm', 'order.opacity_of': 'Độ đậm của lớp {layer}', 'order.percent': '{n} %', 'order.reset': 'Về thứ tự ban đầu',
  'order.spoken': '{layer}: vị trí {i} trên {total}',
} as const;
