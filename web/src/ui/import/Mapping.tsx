// Which column fills which field: one select per column, with some of its values. What is assigned nowhere is
// said to be dropped.
import type { Column, Seen } from '../../api/imports';
import type { Layer } from '../../api/types';
import { t, title } from '../../i18n';
import { assigned, fillable } from '../../model/importing';
import * as importing from '../../state/importing';
import * as store from '../../state/store';

function samplesOf(column: Column): string {
  if (column.personal) return t('import.samples_personal', { kind: title(column.personal) });
  return column.samples.length > 0 ? t('import.samples', { list: column.samples.join(' · ') }) : t('import.samples_none');
}

function ColumnRow({ column, layer, seen, n }: { column: Column; layer: Layer | undefined; seen: Seen; n: number }) {
  const id = `import-column-${n}`;
  const give = (field: string): void => {
    const reading = importing.reading.value;
    if (reading) importing.choose({ map: assigned(reading.map, seen.columns, column.name, field) });
  };
  const isKnown = layer ? fillable(layer).some((field) => field.name === column.field) : false;
  const hasPlace = layer ? layer.geometry !== 'none' : true;
  return (
    <li class={column.field ? '' : 'is-dropped'} data-column={column.name}>
      <label for={id}><span class="sr-only">{t('import.column_to', { column: column.name })}</span><span aria-hidden="true">{column.name}</span></label>
      <select id={id} value={column.field ?? ''} aria-describedby={`${id}-samples`} onChange={(event) => give(event.currentTarget.value)}>
        <option value="">{t('import.column_drop')}</option>
        {column.field && !isKnown && column.field !== 'x' && column.field !== 'y' && <option value={column.field}>{column.field}</option>}
        {!layer && !column.field && <option value={column.name}>{column.name}</option>}
        {hasPlace && <option value="x">{t('import.column_x')}</option>}
        {hasPlace && <option value="y">{t('import.column_y')}</option>}
        {layer && fillable(layer).map((field) => <option key={field.name} value={field.name}>{title(field.title)}</option>)}
      </select>
      <p class="hint" id={`${id}-samples`}>{samplesOf(column)}</p>
    </li>
  );
}

export function Mapping({ seen }: { seen: Seen }) {
  const reading = importing.reading.value;
  const layer = reading && !reading.isNew ? store.layerById(reading.layer) : undefined;
  const dropped = seen.columns.filter((column) => !column.field && column.name !== seen.key);
  return (
    <section aria-labelledby="import-mapping">
      <h3 class="group-title" id="import-mapping">{t('import.mapping')}</h3>
      {seen.mapping && <p class="hint">{t('import.mapping_known', { name: seen.mapping })}</p>}
      <p class="hint" data-dropped>{dropped.length > 0 ? t('import.dropped_columns', { n: dropped.length, list: dropped.map((column) => column.name).join(', ') }) : t('import.mapping_hint')}</p>
      <ul class="import-columns">
        {seen.columns.map((column, n) => <ColumnRow key={column.name} column={column} layer={layer} seen={seen} n={n} />)}
      </ul>
      <div class="field">
        <label for="import-key">{t('import.key')}</label>
        <select id="import-key" value={seen.key ?? ''} aria-describedby="import-key-hint" onChange={(event) => importing.choose({ key: event.currentTarget.value })}>
          <option value="">{t('import.key_auto')}</option>
          {seen.columns.map((column) => <option key={column.name} value={column.name}>{column.name}</option>)}
        </select>
        <p class="hint" id="import-key-hint">{t('import.key_hint')}</p>
      </div>
    </section>
  );
}
