// Exploring by key: Ctrl-Z takes the last step of the exploration back, Ctrl-Shift-Z (or Ctrl-Y) goes on
// again, and what the time axis and the filters can do is in the palette too.
import { t } from '../i18n';
import { isDrawing } from '../map/draw';
import { openRoom } from '../state/actions';
import { addCommands, type Command } from '../state/commands';
import { redoStep, undoStep } from '../state/history';
import * as store from '../state/store';
import { go, isPlaying, togglePlay, zoomAxis } from '../state/time';
import { isUnsaved } from '../state/unsaved';
import { flipTimeFold, flipTimeTable } from './time/TimeBar';

const isTyping = (target: EventTarget | null): boolean => target instanceof HTMLElement && (target.isContentEditable || target.matches('input[type="text"], textarea, select'));

/** A drawing and a half-filled form have their own undo. */
addEventListener('keydown', (event) => {
  if (event.defaultPrevented || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  const key = event.key.toLowerCase();
  if ((key !== 'z' && key !== 'y') || isTyping(event.target) || isDrawing.value || isUnsaved.value) return;
  event.preventDefault();
  if (key === 'y' || event.shiftKey) redoStep();
  else if (!undoStep()) store.spoken.value = t('explore.nothing_to_undo');
});

addCommands((): Command[] => [
  { id: 'explore-undo', group: 'view', name: t('explore.undo'), run: () => { undoStep(); } },
  { id: 'explore-redo', group: 'view', name: t('explore.redo'), run: redoStep },
  { id: 'explore-filter', group: 'view', key: 'f', name: t('rail.filter_hint'), run: () => openRoom('filter') },
  { id: 'time-back', group: 'time', key: ',', name: t('axis.back', { step: t(`step.${store.step.value}`) }), run: () => { go(-1); } },
  { id: 'time-on', group: 'time', key: '.', name: t('axis.on', { step: t(`step.${store.step.value}`) }), run: () => { go(1); } },
  { id: 'time-play', group: 'time', name: t(isPlaying.value ? 'axis.pause' : 'axis.play'), run: togglePlay },
  { id: 'time-table', group: 'time', key: 'b', name: t('axis.table'), run: flipTimeTable },
  { id: 'time-fold', group: 'time', name: t('axis.fold_or_open'), run: flipTimeFold },
  { id: 'time-zoom', group: 'time', name: t(store.axis.value ? 'axis.zoom_data' : 'axis.zoom_window'), run: () => zoomAxis(store.axis.value ? 'data' : 'window') },
]);
