// Above the map: one chip per active condition, with what the layer's conditions leave of it.
// Pressing a chip removes its condition.
import { t, title } from '../i18n';
import { codeOf, fieldOf } from '../model/layers';
import { clearFilter } from '../state/actions';
import { counts } from '../state/counts';
import * as store from '../state/store';
import { Icon } from './icons';

export function Chips() {
  const active = Object.entries(store.filters.value).flatMap(([layerId, fields]) => {
    const layer = store.layerById(layerId);
    return layer ? Object.entries(fields).map(([name, codes]) => ({ layer, name, codes })) : [];
  });
  if (active.length === 0) return null;
  return (
    <ul class="chips" aria-label={t('chips.label')}>
      {active.map(({ layer, name, codes }) => {
        const field = fieldOf(layer, name);
        const values = codes.map((code) => codeOf(field, code)?.[store.lang.value] ?? code).join(', ');
        const what = `${title(layer.title)}: ${values}`;
        const count = counts.value[layer.id];
        return (
          <li key={`${layer.id}.${name}`}>
            <button type="button" class="chip" title={t('chips.remove', { what })} onClick={() => clearFilter(layer.id, name)}>
              <span class="sr-only">{t('chips.remove', { what: '' })}</span><span class="chip-text"><b>{title(layer.title)}</b> {values}</span>
              {count && <span class="chip-count">{t('chips.left', { n: count.count, total: count.total })}</span>}
              <Icon name="close" size={14} />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
