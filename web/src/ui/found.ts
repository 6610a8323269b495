// What the search field offers for a text, in groups: commands after `>`, else a day, what the server
// found by layer, and actions whose name fits. Choosing an option runs it.
import { t, title } from '../i18n';
import type { Found } from '../api/search';
import { addDays, parseDay, showDay } from '../model/days';
import { fly, select, toggleLayer } from '../state/actions';
import { findCommands, type Command } from '../state/commands';
import { offer, pin, recent } from '../state/reach';
import * as store from '../state/store';

export interface Choice {
  id: string;
  text: string;
  detail?: string | null;
  note?: string | null;
  key?: string | undefined;
  run(): void;
}

export interface Group { id: string; name: string; choices: Choice[] }

/** A name that is not the thing's name any more carries its last day. */
const lastDay = (found: Found): string | null => (found.match === 'old' && found.valid_to ? addDays(found.valid_to.slice(0, 10), -1) : null);

function goTo(found: Found): void {
  const [lon, lat] = found.point ?? [];
  if (found.bbox && (found.bbox[2] > found.bbox[0] || found.bbox[3] > found.bbox[1])) fly({ bounds: found.bbox });
  else if (lon !== undefined && lat !== undefined) fly({ lon, lat });
  // A name of the base map is a place like coordinates are, not a record with a drawer.
  const layer = store.layerById(found.layer);
  pin.value = !layer && lon !== undefined && lat !== undefined ? { lon, lat } : null;
  const day = lastDay(found);
  offer.value = day ? { name: found.title, day } : null;
  if (!layer || !found.id) return;
  if (layer.geometry !== 'none' && !store.isVisible(layer.id)) toggleLayer(layer.id);
  select(layer.id, found.id);
}

function choiceOf(found: Found, index: number): Choice {
  const day = lastDay(found);
  return {
    id: `found-${index}`,
    text: found.title,
    detail: found.detail,
    note: day ? t('find.old', { day: showDay(day) }) : null,
    run: () => goTo(found),
  };
}

/** Results under the name of their layer, layers in the order of their best result. */
export function byLayer(results: Found[]): Group[] {
  const groups = new Map<string, Group>();
  for (const [index, found] of results.entries()) {
    const id = found.layer ?? 'coordinates';
    const name = found.layer ? title(store.titleOf(found.layer)) || found.layer : t('find.coordinates');
    const group = groups.get(id) ?? { id, name, choices: [] };
    group.choices.push(choiceOf(found, index));
    groups.set(id, group);
  }
  return [...groups.values()];
}

const commandChoice = (command: Command): Choice => ({ id: `do-${command.id}`, text: command.name, key: command.key, run: () => command.run() });

function dayChoice(day: string): Choice {
  return { id: `day-${day}`, text: t('find.go_day', { day: showDay(day) }), run: () => { store.chosenDay.value = day === store.site.value?.as_of ? null : day; } };
}

/** A day written anywhere in the words: "tại ngày 30/06/2025", "30-6-2025". */
const dayIn = (text: string): string | null => text.split(/\s+/).map(parseDay).find((day) => day !== null) ?? null;

const MAX_COMMANDS = 40;
const FEW_COMMANDS = 3;

/** The words after `>`, or null when the text is a search. */
export const commandText = (text: string): string | null => (text.startsWith('>') ? text.slice(1).trim() : null);

/** What to offer for `text` when the server answered `results`. */
export function groupsOf(text: string, results: Found[], again: (text: string) => void): Group[] {
  const words = commandText(text);
  const day = dayIn(words ?? text);
  const days: Group[] = day ? [{ id: 'days', name: t('find.days'), choices: [dayChoice(day)] }] : [];
  const actions = (commands: Command[]): Group[] => (commands.length > 0 ? [{ id: 'actions', name: t('find.actions'), choices: commands.map(commandChoice) }] : []);
  if (words !== null) return [...days, ...actions(day ? [] : findCommands(words).slice(0, MAX_COMMANDS))];
  if (text.trim() === '') {
    const old = recent.value.map((one, index) => ({ id: `recent-${index}`, text: one, run: () => again(one) }));
    return old.length > 0 ? [{ id: 'recent', name: t('find.recent'), choices: old }] : [];
  }
  return [...days, ...byLayer(results), ...actions(text.trim().length > 1 ? findCommands(text).slice(0, FEW_COMMANDS) : [])];
}
