// What `later.tsx` fetches in one go: rooms beside the map, the drawer, the list, dialogs and sheets.
export { DataPanel } from './DataPanel';
export { Drawer } from './Drawer';
export { FilterPanel } from './filter/FilterPanel';
export { HelpDialog } from './HelpDialog';
export { ListSheet } from './list/ListSheet';
export { Measure } from './measure/Measure';
export { MovesPanel } from './MovesPanel';
export { PrintView } from './print/PrintView';
export { RecordPanel } from './RecordPanel';
export { SchemePanel } from './SchemePanel';
export { Tour } from './Tour';
export { ViewsPanel } from './views/ViewsPanel';
