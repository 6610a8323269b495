// The facts of a feature in the order of its definition: titles, formatted values, references by
// name, coordinates with how good they are. Fields with nothing recorded are named in one line.
import type { Feature, Field, Layer } from '../api/types';
import { t, title, words } from '../i18n';
import { allFields, codeOf } from '../model/layers';
import { pointOf } from '../model/form';
import { showLonLat, showValue } from '../model/values';
import { select } from '../state/actions';
import { useReferred } from '../state/refs';
import * as store from '../state/store';
import { CopyPlace } from './CopyPlace';
import { Swatch } from './Swatch';

function RefValue({ field, value }: { field: Field; value: string }) {
  const { data: found, isLoading } = useReferred(field.layer, value);
  const target = field.layer;
  if (!found && isLoading) return <span class="faint" aria-busy="true">…</span>;
  if (!found || !target) return <span class="faint">{value.slice(0, 8)}</span>;
  return <button type="button" class="linklike" onClick={() => select(target, found.id)}>{found.label}</button>;
}

function FactValue({ layer, field, value }: { layer: Layer; field: Field; value: unknown }) {
  if (field.type === 'ref' && typeof value === 'string' && field.layer) return <RefValue field={field} value={value} />;
  const code = field.type === 'code' ? codeOf(field, value) : undefined;
  const text = showValue(field, value, store.lang.value, words());
  if (code && field.name === layer.style?.by) return <span class="with-swatch"><Swatch layer={layer} code={code} />{text}</span>;
  return <span class={field.cold ? 'long' : ''}>{text}</span>;
}

/** Names of fields that only repeat others and would crowd the list. */
const isHidden = (name: string): boolean => name === 'entity' || name === 'id';

export function Facts({ layer, feature, isState }: { layer: Layer; feature: Feature; isState: (name: string) => boolean }) {
  const fields = allFields(layer).filter((field) => !isHidden(field.name) && field.type !== 'photos' && !isState(field.name));
  const has = (field: Field): boolean => feature.properties[field.name] !== null && feature.properties[field.name] !== undefined && feature.properties[field.name] !== '';
  const told = fields.filter((field) => has(field) && field.name !== layer.label);
  const empty = fields.filter((field) => !has(field) && !field.system);
  const point = pointOf(feature);
  return (
    <section class="block" aria-labelledby="facts-title">
      <h3 id="facts-title">{t('drawer.facts')}</h3>
      <dl class="facts">
        {told.map((field) => (
          <div key={field.name} data-field={field.name} class={field.cold ? 'is-long' : ''}>
            <dt>{title(field.title)}</dt>
            <dd><FactValue layer={layer} field={field} value={feature.properties[field.name]} /></dd>
          </div>
        ))}
        {point && <div data-field="coordinates"><dt>{t('drawer.coordinates')}</dt><dd class="number">{showLonLat(point[0], point[1], store.lang.value)}<CopyPlace point={point} /></dd></div>}
      </dl>
      {empty.length > 0 && <p class="faint small">{t('drawer.empty_facts', { fields: empty.map((field) => title(field.title).toLocaleLowerCase(store.lang.value)).join(', ') })}</p>}
      {layer.note && <p class="note">{title(layer.note)}</p>}
    </section>
  );
}
