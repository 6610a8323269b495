// The room "Lọc": where, at what hours, and by which fields. What is chosen here shows as chips above
// the map and narrows map, counts, axis, list and export alike.
import { t } from '../../i18n';
import { clearConditions } from '../../state/actions';
import { AreaSection } from './AreaSection';
import { ClockSection } from './ClockSection';
import { FieldSection } from './FieldSection';

export function FilterPanel() {
  return (
    <div class="panel-body">
      <header class="panel-head">
        <h2>{t('filter.title')}</h2>
        <p class="hint">{t('filter.intro')}</p>
      </header>
      <AreaSection />
      <ClockSection />
      <FieldSection />
      <p class="filter-foot"><button type="button" class="quiet" onClick={clearConditions}>{t('filter.clear')}</button></p>
    </div>
  );
}
