// Above the map: one chip per active condition with the count it leaves; pressing a chip takes its
// condition away. The clock and the area hold for every layer, so their counts are of all shown ones.
import { useEffect } from 'preact/hooks';
import type { Layer } from '../api/types';
import { number, t, title } from '../i18n';
import { hourField, weekdayField } from '../model/clock';
import { DEPARTS } from '../model/departures';
import { fieldOf } from '../model/layers';
import { clearConditions, clearFilter } from '../state/actions';
import { counts } from '../state/counts';
import * as store from '../state/store';
import { conditionText, daysText, fieldName, hoursText, needsName } from './filter/words';
import { Icon, type IconName } from './icons';

export interface Chip { key: string; icon?: IconName; what: string; detail: string; left: { n: number; total: number } | null; remove: () => void }

/** What is left of the shown layers that the condition touches. */
function leftOf(layers: Layer[]): Chip['left'] {
  const known = layers.flatMap((layer) => counts.value[layer.id] ?? []);
  if (known.length === 0) return null;
  return { n: known.reduce((sum, one) => sum + one.count, 0), total: known.reduce((sum, one) => sum + one.total, 0) };
}

function everywhere(): Chip[] {
  const shown = store.layers.value.filter((layer) => store.isVisible(layer.id));
  const chips: Chip[] = [];
  const { area, hours, days } = store;
  if (area.value) chips.push({ key: 'area', icon: 'shape', what: t('filter.area'), detail: area.value.name || t('filter.area_drawn'), left: leftOf(shown.filter((layer) => layer.geometry !== 'none')), remove: () => { area.value = null; } });
  if (hours.value.length > 0) chips.push({ key: 'hours', icon: 'clock', what: t('filter.hours'), detail: hoursText(hours.value), left: leftOf(shown.filter(hourField)), remove: () => { hours.value = []; } });
  if (days.value.length > 0) chips.push({ key: 'days', icon: 'calendar', what: t('filter.days'), detail: daysText(days.value), left: leftOf(shown.filter(weekdayField)), remove: () => { days.value = []; } });
  return chips;
}

function ofLayers(): Chip[] {
  return Object.entries(store.filters.value).flatMap(([layerId, fields]) => {
    const layer = store.layerById(layerId);
    if (!layer) return [];
    return Object.entries(fields).map(([name, pieces]) => {
      const field = fieldOf(layer, name);
      const text = conditionText(field, pieces);
      return { key: `${layerId}.${name}`, what: title(layer.title), detail: name === DEPARTS ? t('departs.filter') : needsName(pieces) ? t('filter.named', { field: fieldName(field, name), text }) : text, left: leftOf([layer]), remove: () => clearFilter(layerId, name) };
    });
  });
}

/** Every condition in force. */
export const conditions = (): Chip[] => [...everywhere(), ...ofLayers()];

export function Chips() {
  const chips = conditions();
  const first = chips[0]?.left;
  const told = first ? t('filter.announce', { n: number(first.n), total: number(first.total) }) : '';
  useEffect(() => { if (told) store.spoken.value = told; }, [told]);
  if (chips.length === 0) return null;
  return (
    <ul class="chips" aria-label={t('chips.label')}>
      {chips.map(({ key, icon, what, detail, left, remove }) => (
        <li key={key}>
          <button type="button" class="chip" data-chip={key} title={t('chips.remove', { what: `${what}: ${detail}` })} onClick={remove}>
            {icon && <Icon name={icon} size={14} />}
            <span class="sr-only">{t('chips.remove', { what: '' })}</span><span class="chip-text"><b>{what}</b> {detail}</span>
            {left && <span class="chip-count">{t('chips.left', left)}</span>}
            <Icon name="close" size={14} />
          </button>
        </li>
      ))}
      {chips.length > 1 && <li><button type="button" class="chip is-clear" onClick={clearConditions}>{t('filter.clear')}</button></li>}
    </ul>
  );
}
