// Vietnamese: themes, search, commands, shortcuts, help, tour.
import { panelVi } from './panel.vi';
import { paperVi } from './paper.vi';

export const reachVi = {
  ...panelVi,
  ...paperVi,
  'theme.to_light': 'Nền sáng', 'theme.to_dark': 'Nền tối', 'theme.to_contrast': 'Tương phản cao', 'theme.to_auto': 'Theo hệ thống',

  'find.label': 'Tìm tên, mã, địa chỉ, văn bản, toạ độ, ngày; gõ > để ra lệnh',
  'find.placeholder': 'Tìm tên, mã, địa chỉ, toạ độ…',
  'find.skip': 'Tới ô tìm',
  'find.clear': 'Xoá ô tìm',
  'find.results': 'Kết quả tìm',
  'find.coordinates': 'Toạ độ', 'find.days': 'Ngày', 'find.actions': 'Thao tác', 'find.recent': 'Tìm gần đây',
  'find.go_day': 'Xem bản đồ tại ngày {day}',
  'find.old': 'tên cũ, đến {day}',
  'find.offer': '“{name}” là tên cũ, có hiệu lực đến {day}.',
  'find.offer_yes': 'Xem tại ngày {day}', 'find.offer_no': 'Giữ ngày đang xem',
  'find.reading': 'Đang tìm…', 'find.none': 'Không thấy. Thử bớt chữ, bỏ dấu, hoặc gõ > để xem các thao tác.',
  'find.count': '{n} kết quả',

  'do.search': 'Tìm', 'do.palette': 'Bảng lệnh: mọi thao tác của trang',
  'do.list': 'Mở hoặc đóng danh sách', 'do.help': 'Trợ giúp và phím tắt', 'do.tour': 'Xem lại phần giới thiệu',
  'do.map': 'Tới bản đồ (mũi tên để di chuyển)', 'do.measure': 'Đo khoảng cách, diện tích', 'do.print': 'In bản đồ đang xem',
  'do.clear': 'Bỏ mọi bộ lọc', 'do.day': 'Nhập ngày “tại ngày”', 'do.theme': 'Đổi nền: sáng, tối, tương phản cao', 'do.theme_is': 'Nền',
  'do.keys_off': 'Tắt phím tắt một phím', 'do.keys_on': 'Bật phím tắt một phím',

  'help.title': 'Trợ giúp',
  'help.intro': 'Bấm vào bản đồ hoặc một dòng của danh sách để xem chi tiết. Bấm vào chú giải để lọc. Mọi thao tác đều có trong ô tìm: gõ >.',
  'help.tour': 'Xem phần giới thiệu',
  'help.keys_on': 'Dùng phím tắt một phím',
  'help.group_go': 'Đi tới', 'help.group_map': 'Bản đồ', 'help.group_time': 'Thời gian', 'help.group_look': 'Giao diện', 'help.group_view': 'Khung nhìn', 'help.group_layer': 'Lớp', 'help.group_fixed': 'Luôn có',
  'help.ctrl_k': 'Tìm, từ bất cứ đâu', 'help.escape': 'Lùi một bước, đóng', 'help.arrows': 'Di chuyển bản đồ, di chuyển trong danh sách', 'help.zoom': 'Phóng to, thu nhỏ khi đang ở bản đồ', 'help.enter': 'Mở đối tượng ở tâm bản đồ, hoặc dòng đang chọn', 'help.tab': 'Tới phần kế tiếp',
  'help.signs': 'Ký hiệu', 'help.signs_text': 'Loại và trạng thái luôn có chữ hoặc nét gạch riêng, không chỉ khác màu. Vòng tròn đặc: mới; nửa: đang xử lý; rỗng: đã xong.',
  'help.data': 'Dữ liệu', 'help.data_text': 'Mọi con số trên trang là số đối tượng trong bộ lọc, tại ngày đang xem. “Chờ định vị” là có hồ sơ nhưng chưa có toạ độ.',

  'tour.step': 'Bước {i} trên {total}',
  'tour.skip': 'Bỏ qua', 'tour.back': 'Lùi', 'tour.next': 'Tiếp', 'tour.done': 'Bắt đầu',
  'tour.1': 'Các lớp và chú giải', 'tour.1_text': 'Bật tắt lớp bằng con mắt. Bấm vào một dòng của chú giải để chỉ giữ loại đó; con số là số đối tượng trên bản đồ.',
  'tour.2': 'Tìm', 'tour.2_text': 'Gõ tên tổ, bản, đường, số văn bản hoặc toạ độ, có dấu hay không dấu. Phím / đưa con trỏ vào đây.',
  'tour.3': 'Tại ngày', 'tour.3_text': 'Cả bản đồ là của một ngày. Kéo hoặc nhập ngày để xem ranh giới, phân loại và vụ việc như khi ấy.',
  'tour.4': 'Danh sách', 'tour.4_text': 'Bảng này luôn khớp với bản đồ và bộ lọc; mọi đối tượng trên bản đồ đều mở được từ đây.',
  'tour.5': 'Ghi nhận', 'tour.5_text': 'Thêm vụ việc tại chỗ bấm hoặc theo toạ độ. Chỉ khi hiện “Đã lưu” thì dữ liệu mới chắc chắn được giữ.',
} as const;
