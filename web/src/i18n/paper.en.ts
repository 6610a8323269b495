// English of `paper.vi.ts`.
import type { paperVi } from './paper.vi';

export const paperEn = {
  'print.name': 'Print the map', 'print.paper': 'Paper', 'print.direction': 'Direction', 'print.landscape': 'Landscape', 'print.portrait': 'Portrait',
  'print.title_label': 'Title', 'print.place_label': 'Place and date', 'print.left_label': 'Left signature', 'print.right_label': 'Right signature',
  'print.asof': 'As of {day}',
  'print.title': 'Map of {site}', 'print.spilled': 'Legend on page 2.', 'print.legend_of': 'Legend: {title}', 'print.filtered': 'Filtered: {what}',
  'print.place': '…, {date}/{month}/{year}',
  'print.left': 'Prepared by', 'print.right': 'Head of unit', 'print.sign': '(Signature, full name)', 'print.sign_seal': '(Signature, seal)',
  'print.go': 'Print', 'print.hint': 'Choose “Save as PDF” in the browser’s print dialog to get a file. Paper is always light.',
  'print.ready': 'The sheet is ready.', 'print.drawing': 'Drawing the map…',
  'print.internal': 'INTERNAL USE ONLY', 'print.legend': 'Legend', 'print.map_alt': '{title}, as of {day}',
  'print.scale': 'Scale about 1:{n}', 'print.north': 'North', 'print.north_letter': 'N',
  'print.sources': 'Base map: {base}. Shown in WGS 84 / Web Mercator.', 'print.no_base': 'none',
  'print.made': 'Printed {at}, role {role}, with Địa Bàn.',
  'print.method': 'n counts the features under the filter, those without a location included; the scale holds at the middle of the map.',
  'measure.name': 'Measure on the map', 'measure.distance': 'Distance', 'measure.area': 'Area',
  'measure.parts': 'Parts', 'measure.part': 'Part', 'measure.length': 'Length', 'measure.bearing': 'Bearing',
  'measure.copy': 'Copy the result', 'measure.copied': 'Copied', 'measure.copy_failed': 'The browser does not allow copying.', 'measure.copy_of': 'Copy {what} coordinates',
  'measure.wgs84': 'WGS 84', 'measure.vn2000_name': 'VN-2000', 'measure.vn2000': '{east} E; {north} N (m)',
  'measure.method': 'Computed on the WGS 84 ellipsoid along geodesics; not stored.',
} satisfies Record<keyof typeof paperVi, string>;
