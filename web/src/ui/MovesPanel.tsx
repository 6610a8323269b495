// "Chuyển loại": how things moved between two days. The second day is the day of the map, so that what
// the table tells is what the map shows; a cell or a row is found again on it.
import { useEffect } from 'preact/hooks';
import { getItems, getMoves } from '../api/client';
import type { Feature, Field, Layer, Moves } from '../api/types';
import { number, t, title } from '../i18n';
import { showDay } from '../model/days';
import { comparedField, countOf, yearPairs } from '../model/moves';
import { layerParams } from '../model/query';
import { useLoaded } from '../state/loader';
import { cell, compareDays, compared, comparison, comparisons, marked, sinceDay, swapDays } from '../state/moves';
import * as store from '../state/store';
import { DayField } from './DayField';
import { Icon } from './icons';
import { MovesList } from './MovesList';
import { MovesTable } from './MovesTable';

const MOST = 1000;

/** The question both days share: the reader's filters without a day of their own. */
function paramsOf(layer: Layer, field: string): URLSearchParams {
  const params = layerParams(layer, store.view.value);
  params.delete('datetime');
  params.set('field', field);
  params.set('from', sinceDay.value);
  params.set('to', store.asOf.value);
  params.set('limit', String(MOST));
  return params;
}

/** Outlines what changed, or what the picked cell holds, where it lay on the day it is told of. */
function useMarks(layer: Layer, moves: Moves | null): void {
  const picked = cell.value;
  const wanted = (moves?.moves ?? []).filter((move) => (picked ? move.from === picked.from && move.to === picked.to : move.change !== 'same'));
  const key = moves && layer.geometry !== 'none' ? `${layer.id}|${moves.from}|${moves.to}|${wanted.map((move) => move.after ?? move.before).join()}` : null;
  const shapes = useLoaded<Feature[]>(key, async (signal) => {
    const read = async (day: string, ids: Set<string | null>): Promise<Feature[]> => {
      if (ids.size === 0) return [];
      const page = await getItems(layer.id, new URLSearchParams({ datetime: day, limit: String(MOST) }), signal);
      return page.features.filter((feature) => ids.has(feature.id));
    };
    const now = new Set(wanted.flatMap((move) => (move.after ? [move.after] : [])));
    const gone = new Set(wanted.flatMap((move) => (move.after ? [] : [move.before])));
    return [...await read(moves?.to ?? '', now), ...await read(moves?.from ?? '', gone)];
  }, layer.id);
  useEffect(() => {
    marked.value = shapes.data ?? [];
    return () => { marked.value = []; };
  }, [shapes.data]);
}

function Days() {
  const [from, to] = [sinceDay.value, store.asOf.value];
  const opening = store.site.value?.as_of ?? to;
  const start = store.collections.value.find((one) => one.id === compared.value?.layer)?.extent?.temporal?.interval?.[0]?.[0];
  const pairs = yearPairs(start?.slice(0, 10) ?? `${Number(opening.slice(0, 4)) - 5}-12-31`, opening);
  const chosen = pairs.find((pair) => pair.from === from && pair.to === to);
  return (
    <div class="moves-days">
      <div class="field"><label for="moves-from">{t('moves.from')}</label><DayField isPlain id="moves-from" value={from} onDay={(day) => { if (day) compareDays(day, to); }} /></div>
      <button type="button" class="icon-button" aria-label={t('moves.swap')} title={t('moves.swap')} onClick={swapDays}><Icon name="swap" size={18} /></button>
      <div class="field"><label for="moves-to">{t('moves.to')}</label><DayField isPlain id="moves-to" value={to} onDay={(day) => { if (day) compareDays(from, day); }} /></div>
      <div class="field moves-years">
        <label for="moves-years">{t('moves.years')}</label>
        <select id="moves-years" value={chosen?.to ?? ''} onChange={(event) => { const pair = pairs.find((one) => one.to === event.currentTarget.value); if (pair) compareDays(pair.from, pair.to); }}>
          {!chosen && <option value="">{t('moves.own_days')}</option>}
          {pairs.map((pair) => <option key={pair.to} value={pair.to}>{t('moves.pair', { from: pair.from.slice(0, 4), to: pair.to.slice(0, 4) })}</option>)}
        </select>
      </div>
    </div>
  );
}

function Choice() {
  const all = comparisons.value;
  if (all.length < 2) return null;
  const keyOf = (one: { layer: string; field: string } | null): string => (one ? `${one.layer}.${one.field}` : '');
  return (
    <div class="field">
      <label for="moves-what">{t('moves.what')}</label>
      <select id="moves-what" value={keyOf(compared.value)} onChange={(event) => { cell.value = null; comparison.value = all.find((one) => keyOf(one) === event.currentTarget.value) ?? null; }}>
        {all.map((one) => <option key={keyOf(one)} value={keyOf(one)}>{title(store.layerById(one.layer)?.title)}</option>)}
      </select>
    </div>
  );
}

/** The answer in a sentence: what got worse first. */
function answer(moves: Moves, field: Field): string {
  const counts = (['worse', 'other', 'better', 'appeared', 'ended', 'same'] as const).map((change) => ({ change, n: countOf(moves.flows, field, change) }));
  const parts = counts.filter(({ change, n }) => n > 0 || change === 'worse').map(({ change, n }) => t(`moves.n_${change}`, { n }));
  const sentence = parts.join(', ');
  return sentence.charAt(0).toLocaleUpperCase(store.lang.value) + sentence.slice(1);
}

export function MovesPanel() {
  const what = compared.value;
  const layer = store.layerById(what?.layer);
  const field = comparedField(layer, what?.field ?? '');
  if (!layer || !field) return <div class="panel-body"><header class="panel-head"><h2>{t('rail.moves')}</h2></header><p class="hint">{t('moves.nothing_ranked')}</p></div>;
  return <Comparison layer={layer} field={field} />;
}

function Comparison({ layer, field }: { layer: Layer; field: Field }) {
  const params = paramsOf(layer, field.name);
  const key = `${layer.id}?${params}|${store.revisions.value[layer.id] ?? 0}`;
  const loaded = useLoaded<Moves>(key, (signal) => getMoves(layer.id, params, signal), layer.id);
  const moves = loaded.data;
  useMarks(layer, moves);
  const said = moves ? answer(moves, field) : '';
  useEffect(() => { if (said) store.spoken.value = said; }, [said]);
  const isBackwards = store.asOf.value < sinceDay.value;
  const isFiltered = [...params.keys()].length > 4;
  return (
    <div class="panel-body moves">
      <header class="panel-head">
        <h2>{moves ? said : t('rail.moves')}</h2>
        <p class="hint">{t('moves.intro', { layer: title(layer.title), n: number(moves?.entities ?? 0) })}</p>
      </header>
      <Choice />
      <Days />
      {isBackwards && <p class="note">{t('moves.backwards', { from: showDay(sinceDay.value), to: showDay(store.asOf.value) })}</p>}
      {isFiltered && <p class="note">{t('moves.filtered')}</p>}
      {loaded.error && <p role="alert">{loaded.error.detail ?? t('error.unexpected')}</p>}
      {moves && moves.entities === 0 && <p class="hint">{t('moves.empty')}</p>}
      {moves && moves.entities > 0 && <MovesTable layer={layer} field={field} moves={moves} />}
      {moves && moves.entities > 0 && <MovesList layer={layer} field={field} moves={moves} />}
      {layer.note && <p class="note">{title(layer.note)}</p>}
    </div>
  );
}
