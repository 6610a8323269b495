// What would become of the rows: five numbers whose sum is all of them, in the colours of the map.
import type { Outcome, Seen } from '../../api/imports';
import { number, t, type Key } from '../../i18n';
import * as store from '../../state/store';
import { OUTCOME_COLOURS } from '../../map/import-preview';

const COUNTS: [Outcome, 'stored' | 'updated' | 'unchanged' | 'waiting_for_location' | 'rejected'][] = [
  ['stored', 'stored'], ['updated', 'updated'], ['waiting', 'waiting_for_location'], ['unchanged', 'unchanged'], ['rejected', 'rejected'],
];

/** What an outcome is called. */
export const OUTCOME_NAMES: Record<Outcome, Key> = { stored: 'import.stored', updated: 'import.updated', unchanged: 'import.unchanged', waiting: 'import.waiting', rejected: 'import.rejected' };

/** The mark of an outcome: full when the row would be written, a ring when not. */
export function OutcomeMark({ outcome }: { outcome: Outcome }) {
  const color = OUTCOME_COLOURS[store.shownTheme.value][outcome];
  const isFull = outcome === 'stored' || outcome === 'updated';
  return <span class={`outcome-mark${outcome === 'waiting' ? ' is-dashed' : ''}`} style={{ borderColor: color, background: isFull ? color : 'transparent' }} aria-hidden="true" />;
}

export function Counts({ seen }: { seen: Seen }) {
  return (
    <section aria-labelledby="import-counts">
      <h3 class="group-title" id="import-counts">{t('import.counts', { n: seen.read })}</h3>
      <dl class="outcomes">
        {COUNTS.filter(([outcome, name]) => seen[name] > 0 || outcome === 'stored' || outcome === 'rejected').map(([outcome, name]) => (
          <div key={outcome} data-outcome={outcome}>
            <dt><OutcomeMark outcome={outcome} />{t(OUTCOME_NAMES[outcome])}</dt>
            <dd class="number">{number(seen[name])}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
