// Conditions on the fields of one layer: codes by list, days and numbers by range, text by a part of
// it, and whether anything is recorded at all.
import { useState } from 'preact/hooks';
import { countOf } from '../../state/answers';
import type { Field, Layer } from '../../api/types';
import { number, t, title } from '../../i18n';
import { askKind, readCondition, type Condition } from '../../model/condition';
import { layerParams, toggleCode } from '../../model/query';
import { setCondition } from '../../state/actions';
import { asOneStep } from '../../state/gesture';
import { useLoaded } from '../../state/loader';
import * as store from '../../state/store';
import { DayField } from '../DayField';
import { Icon } from '../icons';

interface Props { layer: Layer; field: Field; condition: Condition | null }

function Codes({ layer, field, condition }: Props) {
  const chosen = condition?.kind === 'values' ? condition.values : [];
  const params = layerParams(layer, store.view.value, { without: field.name });
  params.set('by', field.name);
  const loaded = useLoaded(`${layer.id}|${params}|${store.revisions.value[layer.id] ?? 0}`, (signal) => countOf(layer.id, params, signal), `${layer.id}.${field.name}`);
  return (
    <div class="codes">
      {(field.codes ?? []).map((code) => {
        const isChosen = chosen.includes(code.code);
        return (
          <button key={code.code} type="button" class="code" aria-pressed={isChosen} onClick={() => { store.filters.value = toggleCode(store.filters.value, layer.id, field.name, code.code); }}>
            <span class={`tick${isChosen ? ' is-on' : ''}`}>{isChosen && <Icon name="check" size={12} />}</span>
            <span class="code-name">{code[store.lang.value]}</span>
            <span class="code-count">{loaded.data?.by ? number(loaded.data.by[code.code] ?? 0) : ''}</span>
          </button>
        );
      })}
    </div>
  );
}

function Days({ layer, field, condition }: Props) {
  const { from, to } = condition?.kind === 'days' ? condition : { from: null, to: null };
  const set = (first: string | null, last: string | null): void => {
    if (!first && !last) setCondition(layer.id, field.name, null);
    else setCondition(layer.id, field.name, first && last && first > last ? { kind: 'days', from: last, to: first } : { kind: 'days', from: first, to: last });
  };
  return (
    <div class="range">
      <DayField id={`f-${field.name}-from`} label={t('filter.range_from', { field: title(field.title) })} isPlain value={from} onDay={(day) => set(day, to)} />
      <span class="faint" aria-hidden="true">–</span>
      <DayField id={`f-${field.name}-to`} label={t('filter.range_to', { field: title(field.title) })} isPlain value={to} onDay={(day) => set(from, day)} />
    </div>
  );
}

/** A number as people type it here: a comma is the decimal sign, dots part thousands (in English the other way). */
function readNumber(text: string): number | null {
  const trimmed = text.replaceAll(/\s/g, '');
  const plain = store.lang.value === 'vi' ? trimmed.replaceAll('.', '').replace(',', '.') : trimmed.replaceAll(',', '');
  return plain !== '' && Number.isFinite(Number(plain)) ? Number(plain) : null;
}

function Numbers({ layer, field, condition }: Props) {
  const { from, to } = condition?.kind === 'numbers' ? condition : { from: null, to: null };
  const set = (low: number | null, high: number | null): void => {
    if (low === null && high === null) setCondition(layer.id, field.name, null);
    else setCondition(layer.id, field.name, low !== null && high !== null && low > high ? { kind: 'numbers', from: high, to: low } : { kind: 'numbers', from: low, to: high });
  };
  const box = (end: 'from' | 'to', value: number | null, put: (next: number | null) => void) => (
    <input type="text" id={`f-${field.name}-${end}`} inputMode="decimal" autocomplete="off" aria-label={t(`filter.range_${end}`, { field: title(field.title) })} placeholder={t(`filter.${end}_short`)} value={value === null ? '' : number(value)} onChange={(event) => put(readNumber(event.currentTarget.value))} />
  );
  return (
    <div class="range">
      {box('from', from, (next) => set(next, to))}
      <span class="faint" aria-hidden="true">–</span>
      {box('to', to, (next) => set(from, next))}
    </div>
  );
}

function Contains({ layer, field, condition }: Props) {
  const text = condition?.kind === 'contains' ? condition.text : '';
  const set = (typed: string): void => asOneStep(`text-${field.name}`, () => setCondition(layer.id, field.name, typed.trim() ? { kind: 'contains', text: typed } : null));
  return <input type="text" id={`f-${field.name}`} class="range-text" maxLength={120} autocomplete="off" aria-label={t('filter.contains', { field: title(field.title) })} placeholder={t('filter.contains_hint')} value={text} onInput={(event) => set(event.currentTarget.value)} />;
}

function FieldRow({ layer, field }: { layer: Layer; field: Field }) {
  const condition = readCondition(store.filters.value[layer.id]?.[field.name] ?? []);
  const [isOpen, setOpen] = useState(condition !== null);
  const kind = askKind(field);
  const presence = condition?.kind === 'missing' || condition?.kind === 'present' ? condition.kind : '';
  return (
    <div class="folded" data-field={field.name}>
      <button type="button" class="fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Icon name={isOpen ? 'down' : 'chevron'} size={13} />{title(field.title)}{condition && <span class="fold-used" aria-hidden="true" />}
      </button>
      {isOpen && (
        <div class="fold-body">
          {presence === '' && kind === 'codes' && <Codes layer={layer} field={field} condition={condition} />}
          {presence === '' && kind === 'days' && <Days layer={layer} field={field} condition={condition} />}
          {presence === '' && kind === 'numbers' && <Numbers layer={layer} field={field} condition={condition} />}
          {presence === '' && kind === 'text' && <Contains layer={layer} field={field} condition={condition} />}
          {!field.required && (
            <select aria-label={t('filter.presence', { field: title(field.title) })} value={presence} onChange={(event) => {
              const next = event.currentTarget.value;
              setCondition(layer.id, field.name, next === 'missing' || next === 'present' ? { kind: next } : null);
            }}>
              <option value="">{t('filter.any_value')}</option>
              <option value="present">{t('filter.present')}</option>
              <option value="missing">{t('filter.missing')}</option>
            </select>
          )}
        </div>
      )}
    </div>
  );
}

/** The layer whose fields are asked about: the list's, one already filtered, or the topmost of cases. */
function firstLayer(): Layer | undefined {
  const shown = store.layers.value.filter((layer) => store.isVisible(layer.id));
  return store.layerById(store.list.value) ?? store.layers.value.find((layer) => store.filters.value[layer.id]) ?? shown.find((layer) => layer.time === 'state') ?? shown[0];
}

export function FieldSection() {
  const [chosen, setChosen] = useState<string | null>(null);
  const layer = store.layerById(chosen) ?? firstLayer();
  if (!layer) return null;
  // The start is the time axis's to ask.
  const fields = layer.fields.filter((field) => askKind(field) !== null && field.name !== layer.start);
  return (
    <section class="filter-part" aria-labelledby="fields-title">
      <h3 id="fields-title">{t('filter.fields')}</h3>
      <select id="filter-layer" aria-label={t('list.layer')} value={layer.id} onChange={(event) => setChosen(event.currentTarget.value)}>
        {store.layers.value.map((one) => <option key={one.id} value={one.id}>{title(one.title)}</option>)}
      </select>
      <div class="filter-fields" key={layer.id}>{fields.map((field) => <FieldRow key={field.name} layer={layer} field={field} />)}</div>
    </section>
  );
}
