// The moves one by one, each told as an answer with the decision behind it: regressions in front, what
// did not change counted and folded away.
import type { Field, Layer, Move, MoveChange, Moves } from '../api/types';
import { t } from '../i18n';
import { showDay } from '../model/days';
import { codeOf } from '../model/layers';
import { decisionOf, groupsOf, inSentence } from '../model/moves';
import { select } from '../state/actions';
import { cell } from '../state/moves';
import * as store from '../state/store';
import { Icon, type IconName } from './icons';
import { endName } from './MovesTable';

const ICONS: Record<MoveChange, IconName> = { worse: 'worse', other: 'step', better: 'better', appeared: 'plus', ended: 'minus', same: 'check' };

/** Month and year of a day, as titles say it. */
const monthOf = (day: string): string => `${day.slice(5, 7)}/${day.slice(0, 4)}`;

function nameOf(field: Field, end: string | null): string {
  return inSentence(codeOf(field, end)?.[store.lang.value] ?? endName(field, end));
}

function sentence(field: Field, move: Move): string {
  const name = move.label ?? move.entity.slice(-8);
  const [from, to] = [nameOf(field, move.from), nameOf(field, move.to)];
  const told = t(`moves.told_${move.change}`, { name, from, to });
  return move.on && move.change !== 'same' ? t('moves.when', { told, month: monthOf(move.on) }) : told;
}

/** What the thing was formed from or became, where the layer records it. */
function lineageOf(layer: Layer, move: Move): string | null {
  const [before, after] = layer.lineage ?? [];
  const field = move.change === 'appeared' ? before : move.change === 'ended' ? after : null;
  const value = field ? move.properties[field] : null;
  return typeof value === 'string' && value !== '' ? t(move.change === 'appeared' ? 'moves.formed_from' : 'moves.became_of', { names: value }) : null;
}

function Row({ layer, field, move, moves }: { layer: Layer; field: Field; move: Move; moves: Moves }) {
  const id = move.after ?? move.before;
  const decision = decisionOf(move);
  const lineage = lineageOf(layer, move);
  const hasReturned = move.change === 'same' && move.on !== null && move.on > (moves.from < moves.to ? moves.from : moves.to);
  const isOpen = store.selection.value?.id === id;
  return (
    <li class={`move is-${move.change}`}>
      <button type="button" data-move={move.entity} aria-current={isOpen} onClick={() => { if (id) select(layer.id, id); }}>
        <Icon name={ICONS[move.change]} size={16} />
        <span>
          {sentence(field, move)}
          {hasReturned && <small>{t('moves.returned', { day: showDay(move.on ?? '') })}</small>}
          {lineage && <small>{lineage}</small>}
          {decision && move.change !== 'ended' && <small>{decision.day ? t('moves.decision', { no: decision.no, day: showDay(decision.day) }) : decision.no}</small>}
        </span>
      </button>
    </li>
  );
}

export function MovesList({ layer, field, moves }: { layer: Layer; field: Field; moves: Moves }) {
  const picked = cell.value;
  const groups = groupsOf(moves.moves, picked);
  const rows = (change: MoveChange, all: Move[]) => <ul class="moves-list" data-change={change}>{all.map((move) => <Row key={move.entity} layer={layer} field={field} move={move} moves={moves} />)}</ul>;
  return (
    <>
      {picked && (
        <p class="moves-picked">
          <span>{t('moves.only', { from: endName(field, picked.from), to: endName(field, picked.to) })}</span>
          <button type="button" class="quiet" onClick={() => { cell.value = null; }}>{t('moves.all')}</button>
        </p>
      )}
      {groups.map(({ change, moves: all }) => (change === 'same' && !picked
        ? <details key={change} class="moves-same"><summary>{t('moves.group_same', { n: all.length })}</summary>{rows(change, all)}</details>
        : <section key={change}><h3 class="group-title">{t(`moves.group_${change}`, { n: all.length })}</h3>{rows(change, all)}</section>
      ))}
      {moves.moves.length < moves.entities && <p class="hint">{t('moves.cut', { n: moves.moves.length, total: moves.entities })}</p>}
    </>
  );
}
