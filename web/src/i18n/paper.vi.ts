// Vietnamese: printing and measuring.
export const paperVi = {
  'print.name': 'In bản đồ', 'print.paper': 'Khổ giấy', 'print.direction': 'Hướng giấy', 'print.landscape': 'Ngang', 'print.portrait': 'Dọc',
  'print.title_label': 'Tiêu đề', 'print.place_label': 'Nơi, ngày ký', 'print.left_label': 'Người ký bên trái', 'print.right_label': 'Người ký bên phải',
  'print.asof': 'Tại ngày {day}',
  'print.title': 'Bản đồ {site}', 'print.spilled': 'Chú giải ở trang 2.', 'print.legend_of': 'Chú giải: {title}', 'print.filtered': 'Lọc: {what}',
  'print.place': '…, ngày {date} tháng {month} năm {year}',
  'print.left': 'Người lập', 'print.right': 'Chỉ huy đơn vị', 'print.sign': '(Ký, ghi rõ họ tên)', 'print.sign_seal': '(Ký tên, đóng dấu)',
  'print.go': 'In', 'print.hint': 'Trong hộp in của trình duyệt, chọn “Lưu thành PDF” để lấy tệp. Bản in luôn theo nền sáng.',
  'print.ready': 'Bản in đã sẵn sàng.', 'print.drawing': 'Đang vẽ bản đồ…',
  'print.internal': 'LƯU HÀNH NỘI BỘ', 'print.legend': 'Chú giải', 'print.map_alt': '{title}, tại ngày {day}',
  'print.scale': 'Tỷ lệ khoảng 1:{n}', 'print.north': 'Hướng bắc', 'print.north_letter': 'B',
  'print.sources': 'Nền: {base}. Hệ toạ độ hiển thị: WGS 84 / Web Mercator.', 'print.no_base': 'không có',
  'print.made': 'In lúc {at}, vai trò {role}, bằng Địa Bàn.',
  'print.method': 'n là số đối tượng trong bộ lọc, kể cả chưa định vị; tỷ lệ đúng ở giữa bản đồ.',
} as const;
