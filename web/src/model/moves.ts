// How things moved between two days: which layers can tell, the matrix of flows, and the days offered.
// Pure; what is better or worse is the definition's to say (`ranks`), never this file's.
import type { Code, Field, Flow, Layer, Move, MoveChange } from '../api/types';
import { fieldOf } from './layers';

/** A layer and the code field of it that has an order. */
export interface Comparison { layer: string; field: string }

const ranked = (layer: Layer): Field[] => layer.fields.filter((field) => field.type === 'code' && (field.ranks?.length ?? 0) > 1);

/** What can be compared: drawn layers when there are any, because a move is looked for on the map. */
export function comparisonsOf(layers: Layer[]): Comparison[] {
  const able = layers.filter((layer) => layer.time === 'interval' && ranked(layer).length > 0);
  const drawn = able.filter((layer) => layer.geometry !== 'none');
  return (drawn.length > 0 ? drawn : able).flatMap((layer) => ranked(layer).map((field) => ({ layer: layer.id, field: field.name })));
}

/** The codes in the order of the table: best to worst, then those outside the order. */
export function rankedCodes(field: Field): Code[] {
  const codes = field.codes ?? [];
  const ranks = field.ranks ?? [];
  const inOrder = ranks.flatMap((rank) => codes.filter((code) => code.code === rank));
  return [...inOrder, ...codes.filter((code) => !ranks.includes(code.code))];
}

/** A value of either day: a code, `''` for none, null for "was not there". */
export type End = string | null;
export interface Cell { from: End; to: End }

export interface Matrix {
  rows: End[];
  columns: End[];
  count: (from: End, to: End) => number;
  rowSum: (from: End) => number;
  columnSum: (to: End) => number;
}

/** Rows and columns are the codes in order, and what else occurs: no value, and not there. */
export function matrixOf(flows: Flow[], field: Field): Matrix {
  const codes = rankedCodes(field).map((code) => code.code);
  const extra = (side: 'from' | 'to'): End[] => {
    const seen = new Set(flows.map((flow) => flow[side]));
    return [...(seen.has('') ? [''] : []), ...(seen.has(null) ? [null] : [])];
  };
  const used = codes.filter((code) => field.ranks?.includes(code) || flows.some((flow) => flow.from === code || flow.to === code));
  const sum = (keep: (flow: Flow) => boolean): number => flows.filter(keep).reduce((all, flow) => all + flow.count, 0);
  return {
    rows: [...used, ...extra('from')],
    columns: [...used, ...extra('to')],
    count: (from, to) => sum((flow) => flow.from === from && flow.to === to),
    rowSum: (from) => sum((flow) => flow.from === from),
    columnSum: (to) => sum((flow) => flow.to === to),
  };
}

const ORDER: MoveChange[] = ['worse', 'other', 'better', 'appeared', 'ended', 'same'];

/** The moves under their headings, those that got worse in front; names in Vietnamese order within. */
export function groupsOf(moves: Move[], cell: Cell | null): { change: MoveChange; moves: Move[] }[] {
  const told = moves.filter((move) => !cell || (move.from === cell.from && move.to === cell.to));
  const byName = (a: Move, b: Move): number => (a.label ?? '').localeCompare(b.label ?? '', 'vi', { numeric: true });
  return ORDER.map((change) => ({ change, moves: told.filter((move) => move.change === change).toSorted(byName) })).filter((group) => group.moves.length > 0);
}

export const countOf = (flows: Flow[], field: Field, change: MoveChange): number =>
  flows.filter((flow) => changeOf(field, flow) === change).reduce((all, flow) => all + flow.count, 0);

/** What a flow is, as the server says it of each of its moves. */
export function changeOf(field: Field, { from, to }: Cell): MoveChange {
  if (from === null) return 'appeared';
  if (to === null) return 'ended';
  if (from === to) return 'same';
  const [a, b] = [from, to].map((code) => field.ranks?.indexOf(code) ?? -1) as [number, number];
  if (a < 0 || b < 0) return 'other';
  return b > a ? 'worse' : 'better';
}

/** Ends of years a reader would compare, newest first: pairs of one year's end and the one before. */
export function yearPairs(first: string, last: string): { from: string; to: string }[] {
  const years: { from: string; to: string }[] = [];
  for (let year = Number(last.slice(0, 4)); year > Number(first.slice(0, 4)); year--) {
    const to = `${year}-12-31`;
    if (to <= last) years.push({ from: `${year - 1}-12-31`, to });
  }
  return years;
}

/** The field compared, or undefined when the layer no longer has it. */
export const comparedField = (layer: Layer | undefined, field: string): Field | undefined => (layer ? fieldOf(layer, field) : undefined);

/** A decision a row cites: its number and day, by the names every layer file uses for them. */
export function decisionOf(move: Move): { no: string; day: string | null } | null {
  const no = move.properties['decision_no'];
  const day = move.properties['decision_date'];
  return typeof no === 'string' && no !== '' ? { no, day: typeof day === 'string' ? day : null } : null;
}

/** A title within a sentence: its first letter small, unless it is an abbreviation. */
export function inSentence(text: string): string {
  const [first = '', second = ''] = [...text];
  return second !== '' && second === second.toLocaleUpperCase('vi') && /\p{L}/u.test(second) ? text : first.toLocaleLowerCase('vi') + text.slice(first.length);
}
