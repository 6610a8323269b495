// Vietnamese: themes, search, commands, shortcuts, help, tour.
export const reachVi = {
  'theme.to_light': 'Nền sáng', 'theme.to_dark': 'Nền tối', 'theme.to_contrast': 'Tương phản cao', 'theme.to_auto': 'Theo hệ thống',
} as const;
