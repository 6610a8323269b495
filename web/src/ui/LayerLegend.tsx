// A layer's fields to filter by: the legend's field with its pictures, further code fields folded.
import { useState } from 'preact/hooks';
import type { Field, Layer } from '../api/types';
import { countOf } from '../state/answers';
import { number, t, title } from '../i18n';
import { DEPARTS, pairsOf } from '../model/departures';
import { filterFields } from '../model/layers';
import { layerParams } from '../model/query';
import { toggleFilter } from '../state/actions';
import { counts } from '../state/counts';
import { useLoaded } from '../state/loader';
import * as store from '../state/store';
import { Icon } from './icons';
import { Swatch } from './Swatch';

/** One filterable field: its codes with what each would leave. The legend's field shows pictures. */
function CodeGroup({ layer, field }: { layer: Layer; field: Field }) {
  const isLegend = field.name === layer.style?.by;
  const chosen = store.filters.value[layer.id]?.[field.name] ?? [];
  const params = layerParams(layer, store.view.value, { without: field.name });
  params.set('by', field.name);
  const key = isLegend ? null : `${params}|${store.revisions.value[layer.id] ?? 0}`;
  const other = useLoaded(key, (signal) => countOf(layer.id, params, signal), `${layer.id}.${field.name}`);
  const by = isLegend ? counts.value[layer.id]?.by : other.data?.by;
  return (
    <fieldset class="codes">
      <legend class="sr-only">{title(field.title)}</legend>
      {(field.codes ?? []).map((code) => {
        const isChosen = chosen.includes(code.code);
        return (
          <button key={code.code} type="button" class={`code${chosen.length > 0 && !isChosen ? ' is-faded' : ''}`} aria-pressed={isChosen} data-code={code.code} onClick={() => toggleFilter(layer.id, field.name, code.code)}>
            {isLegend ? <Swatch layer={layer} code={code} /> : <span class={`tick${isChosen ? ' is-on' : ''}`}>{isChosen && <Icon name="check" size={12} />}</span>}
            <span class="code-name">{code[store.lang.value]}</span>
            <span class="code-count">{by ? number(by[code.code] ?? 0) : ''}</span>
          </button>
        );
      })}
    </fieldset>
  );
}

/** A further field to filter by stays folded until wanted, unless it is in use. */
function FoldedGroup({ layer, field }: { layer: Layer; field: Field }) {
  const isUsed = (store.filters.value[layer.id]?.[field.name] ?? []).length > 0;
  const [isOpen, setOpen] = useState(isUsed);
  return (
    <div class="folded">
      <button type="button" class="fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Icon name={isOpen ? 'down' : 'chevron'} size={13} />{title(field.title)}{isUsed && <span class="fold-used" aria-hidden="true" />}
      </button>
      {isOpen && <CodeGroup layer={layer} field={field} />}
    </div>
  );
}

/** Features with a value beyond its tolerance of the one it is held against, as the server finds them. */
function DepartsSwitch({ layer }: { layer: Layer }) {
  const isOn = (store.filters.value[layer.id]?.[DEPARTS] ?? []).length > 0;
  const params = layerParams(layer, store.view.value, { without: DEPARTS });
  params.set(DEPARTS, 'true');
  const count = useLoaded(`${params}|${store.revisions.value[layer.id] ?? 0}`, (signal) => countOf(layer.id, params, signal), `${layer.id}.${DEPARTS}`);
  return (
    <button type="button" class="code" aria-pressed={isOn} data-departs={layer.id} onClick={() => toggleFilter(layer.id, DEPARTS, 'true')}>
      <span class={`tick${isOn ? ' is-on' : ''}`}>{isOn && <Icon name="check" size={12} />}</span>
      <span class="code-name">{t('departs.filter')}</span>
      <span class="code-count">{count.data ? number(count.data.count) : ''}</span>
    </button>
  );
}

/** All fields of a layer a reader can filter by. */
export function LayerLegend({ layer }: { layer: Layer }) {
  return (
    <>
      {filterFields(layer).map((field) => (field.name === layer.style?.by ? <CodeGroup key={field.name} layer={layer} field={field} /> : <FoldedGroup key={field.name} layer={layer} field={field} />))}
      {pairsOf(layer).length > 0 && <DepartsSwitch layer={layer} />}
    </>
  );
}
