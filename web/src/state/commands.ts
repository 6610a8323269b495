// Every action of the page that has a name: the palette lists them, and a key may run one. A part of
// the page adds its own with `addCommands`, as a function, so that names follow the language.
import { rank } from '../model/fold';

export interface Command {
  id: string;
  name: string;
  /** One key without modifiers, as `KeyboardEvent.key`. */
  key?: string;
  /** Under which heading the help lists it. */
  group: 'go' | 'map' | 'time' | 'look' | 'layer' | 'view';
  run(): void;
}

export type CommandSource = () => Command[];

const sources: CommandSource[] = [];

/** Adds commands; gives back what removes them. */
export function addCommands(source: CommandSource): () => void {
  sources.push(source);
  return () => { sources.splice(sources.indexOf(source), 1); };
}

export const allCommands = (): Command[] => sources.flatMap((source) => source());

/** Commands that answer the words, best first; all of them for no words. */
export function findCommands(query: string): Command[] {
  const all = allCommands();
  if (query.trim() === '') return all;
  return all
    .flatMap((command) => {
      const value = rank(command.name, query);
      return value === null ? [] : [{ command, value }];
    })
    .toSorted((a, b) => a.value - b.value)
    .map(({ command }) => command);
}

/** The command of a key. */
export const commandOf = (key: string): Command | undefined => allCommands().find((command) => command.key === key);
