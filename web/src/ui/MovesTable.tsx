// The transition matrix: rows are the codes of the first day, columns those of the second, and the sums
// at the edges are what either day counts. A cell is a button: it narrows the list and the map.
import type { Field, Layer, Moves } from '../api/types';
import { number, t } from '../i18n';
import { showDay } from '../model/days';
import { codeOf } from '../model/layers';
import { changeOf, matrixOf, type End } from '../model/moves';
import { cell } from '../state/moves';
import * as store from '../state/store';
import { Swatch } from './Swatch';

interface TableProps { layer: Layer; field: Field; moves: Moves }

export const endName = (field: Field, end: End): string => {
  if (end === null) return t('moves.absent');
  return codeOf(field, end)?.[store.lang.value] ?? t('moves.unvalued');
};

function Head({ layer, field, end, scope }: { layer: Layer; field: Field; end: End; scope: 'row' | 'col' }) {
  const code = codeOf(field, end);
  const name = endName(field, end);
  return (
    <th scope={scope} title={name}>
      {code ? <Swatch layer={layer} code={code} /> : <span class="moves-sign" aria-hidden="true">{end === null ? '∅' : '?'}</span>}
      <span class="sr-only">{name}</span>
    </th>
  );
}

export function MovesTable({ layer, field, moves }: TableProps) {
  const { rows, columns, count, rowSum, columnSum } = matrixOf(moves.flows, field);
  const picked = cell.value;
  const pick = (from: End, to: End): void => {
    cell.value = picked?.from === from && picked.to === to ? null : { from, to };
  };
  const ends = [...new Set([...rows, ...columns])];
  return (
    <>
      <table class="moves-table">
        <caption>{t('moves.caption', { from: showDay(moves.from), to: showDay(moves.to) })}</caption>
        <thead>
          <tr>
            <th scope="col"><span class="sr-only">{t('moves.caption', { from: showDay(moves.from), to: showDay(moves.to) })}</span></th>
            {columns.map((end) => <Head key={String(end)} layer={layer} field={field} end={end} scope="col" />)}
            <th scope="col" class="moves-sum">{t('moves.sum')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((from) => (
            <tr key={String(from)}>
              <Head layer={layer} field={field} end={from} scope="row" />
              {columns.map((to) => {
                const n = count(from, to);
                const isPicked = picked?.from === from && picked.to === to;
                const change = changeOf(field, { from, to });
                return (
                  <td key={String(to)} class={`is-${from === null && to === null ? 'same' : change}`}>
                    {n > 0
                      ? <button type="button" data-cell={`${from}>${to}`} aria-pressed={isPicked} aria-label={t('moves.cell', { n, from: endName(field, from), to: endName(field, to) })} onClick={() => pick(from, to)}>{number(n)}</button>
                      : <span class="faint">·</span>}
                  </td>
                );
              })}
              <td class="moves-sum">{number(rowSum(from))}</td>
            </tr>
          ))}
          <tr>
            <th scope="row" class="moves-sum">{t('moves.sum')}</th>
            {columns.map((to) => <td key={String(to)} class="moves-sum">{number(columnSum(to))}</td>)}
            <td class="moves-sum">{number(moves.entities)}</td>
          </tr>
        </tbody>
      </table>
      <ul class="moves-key">
        {ends.map((end) => {
          const code = codeOf(field, end);
          const [before, after] = [rowSum(end), columnSum(end)];
          return (
            <li key={String(end)}>
              {code ? <Swatch layer={layer} code={code} /> : <span class="moves-sign" aria-hidden="true">{end === null ? '∅' : '?'}</span>}
              <span>{endName(field, end)}</span>
              <span class="number">{before === after ? number(after) : t('moves.became', { before, after })}</span>
            </li>
          );
        })}
      </ul>
    </>
  );
}
