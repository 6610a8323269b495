// English of `reach.vi.ts`.
import { panelEn } from './panel.en';
import { paperEn } from './paper.en';
import type { reachVi } from './reach.vi';

export const reachEn = {
  ...panelEn,
  ...paperEn,
  'theme.to_light': 'Light theme', 'theme.to_dark': 'Dark theme', 'theme.to_contrast': 'High contrast', 'theme.to_auto': 'As the system',

  'find.label': 'Find names, codes, addresses, documents, coordinates, days; type > for actions',
  'find.placeholder': 'Find names, codes, places…',
  'find.skip': 'Go to search',
  'find.clear': 'Clear the search',
  'find.results': 'Search results',
  'find.coordinates': 'Coordinates', 'find.days': 'Days', 'find.actions': 'Actions', 'find.recent': 'Recent searches',
  'find.go_day': 'See the map as of {day}',
  'find.old': 'old name, until {day}',
  'find.offer': '“{name}” is an old name, valid until {day}.',
  'find.offer_yes': 'See {day}', 'find.offer_no': 'Stay at this day',
  'find.reading': 'Searching…', 'find.none': 'Nothing found. Try fewer words, or type > for the actions.',
  'find.count': '{n} result|{n} results',

  'do.search': 'Search', 'do.palette': 'Command palette: every action of the page',
  'do.list': 'Open or close the list', 'do.help': 'Help and shortcuts', 'do.tour': 'See the tour again',
  'do.map': 'Go to the map (arrows move it)', 'do.measure': 'Measure distance and area', 'do.print': 'Print this view',
  'do.clear': 'Remove all filters', 'do.day': 'Type the as-of day', 'do.theme': 'Change theme: light, dark, high contrast', 'do.theme_is': 'Theme',
  'do.keys_off': 'Turn single-key shortcuts off', 'do.keys_on': 'Turn single-key shortcuts on',

  'help.title': 'Help',
  'help.intro': 'Click the map or a row of the list for details. Click a legend entry to filter. Every action is in the search field: type >.',
  'help.tour': 'See the tour',
  'help.keys_on': 'Use single-key shortcuts',
  'help.group_go': 'Go to', 'help.group_map': 'Map', 'help.group_time': 'Time', 'help.group_look': 'Look', 'help.group_view': 'View', 'help.group_layer': 'Layers', 'help.group_fixed': 'Always',
  'help.ctrl_k': 'Search, from anywhere', 'help.escape': 'One step back, close', 'help.arrows': 'Move the map, move in a list', 'help.zoom': 'Zoom in and out when on the map', 'help.enter': 'Open the feature at the centre of the map, or the chosen row', 'help.tab': 'To the next part',
  'help.signs': 'Signs', 'help.signs_text': 'Classes and states always have a letter or a hatch of their own, never colour alone. Full disc: new; half: in work; ring: done.',
  'help.data': 'Data', 'help.data_text': 'Every number on the page counts the features under the filter, on the day shown. “Waiting for a location” means on record but without coordinates.',

  'tour.step': 'Step {i} of {total}',
  'tour.skip': 'Skip', 'tour.back': 'Back', 'tour.next': 'Next', 'tour.done': 'Start',
  'tour.1': 'Layers and legend', 'tour.1_text': 'The eye shows and hides a layer. Click a legend entry to keep only that class; the number counts what is on the map.',
  'tour.2': 'Find', 'tour.2_text': 'Type a unit, a street, a document number or coordinates, with or without diacritics. The / key brings you here.',
  'tour.3': 'As of', 'tour.3_text': 'The whole map belongs to one day. Drag or type a day to see boundaries, classes and cases as they were.',
  'tour.4': 'List', 'tour.4_text': 'This table always matches the map and its filters; everything on the map can be opened from here.',
  'tour.5': 'Record', 'tour.5_text': 'Add a case where you click or by coordinates. Only when “Saved” appears is it kept for certain.',
} satisfies Record<keyof typeof reachVi, string>;
