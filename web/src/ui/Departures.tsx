// What was permitted beside what was found. A difference beyond its tolerance has a sign and words, not
// a colour alone; a side nobody measured is said to be missing. Nothing here calls anything a breach.
import type { Feature, Layer } from '../api/types';
import { number, t, title, words } from '../i18n';
import { heldAgainst, type Held } from '../model/departures';
import { showValue } from '../model/values';
import * as store from '../state/store';
import { Icon } from './icons';

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** A difference with its sign, in the field's unit; days for two dates. */
function signed({ pair, difference }: Held): string {
  if (difference === null) return '';
  const value = round(Math.abs(difference));
  const text = pair.field.type === 'date' ? t('departs.days', { n: value }) : showValue(pair.field, value, store.lang.value, words());
  return difference === 0 ? text : `${difference > 0 ? '+' : '−'}${text}`;
}

function Side({ held, side }: { held: Held; side: 'value' | 'against' }) {
  const value = held[side];
  if (value === null || value === undefined || value === '') return <span class="faint">{t('departs.missing')}</span>;
  return <>{showValue(side === 'value' ? held.pair.field : held.pair.other, value, store.lang.value, words())}</>;
}

function Verdict({ held }: { held: Held }) {
  const { pair, departs } = held;
  if (departs === null) return <span class="faint">{t('departs.no_figure')}</span>;
  const allowed = pair.field.type === 'date' ? t('departs.days', { n: pair.tolerance }) : showValue(pair.field, pair.tolerance, store.lang.value, words());
  return (
    <span class={departs ? 'departs-over' : 'departs-within'}>
      <Icon name={departs ? 'worse' : 'check'} size={14} />
      <span><b>{signed(held)}</b> {t(departs ? 'departs.over' : 'departs.within', { allowed })}</span>
    </span>
  );
}

export function Departures({ layer, feature }: { layer: Layer; feature: Feature }) {
  const all = heldAgainst(layer, feature);
  if (all.length === 0) return null;
  const over = all.filter((held) => held.departs).length;
  const known = all.filter((held) => held.departs !== null).length;
  return (
    <section class="block departs" aria-labelledby="departs-title">
      <h3 id="departs-title">{over > 0 ? t('departs.title_over', { n: number(over) }) : t(known > 0 ? 'departs.title_none' : 'departs.title_unknown')}</h3>
      <table>
        <thead><tr><th scope="col">{t('departs.what')}</th><th scope="col">{t('departs.permitted')}</th><th scope="col">{t('departs.found')}</th></tr></thead>
        {all.map((held) => (
          <tbody key={held.pair.field.name} data-pair={held.pair.field.name} data-departs={String(held.departs)}>
            <tr><th scope="row">{title(held.pair.field.title)}</th><td class="number"><Side held={held} side="against" /></td><td class="number"><Side held={held} side="value" /></td></tr>
            <tr><td colSpan={3}><Verdict held={held} /></td></tr>
          </tbody>
        ))}
      </table>
      <p class="hint">{t('departs.note')}</p>
    </section>
  );
}
