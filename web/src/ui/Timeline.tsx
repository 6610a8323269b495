// How a feature came to be what it is: the steps of its workflow with their days, and for things that
// have dated rows (a unit's class by year) every row, each one key away.
import type { Feature, Layer } from '../api/types';
import { getItems } from '../api/client';
import { t, title } from '../i18n';
import { classOf, codeOf, entityOf, fieldOf, isDerived } from '../model/layers';
import { showDay } from '../model/days';
import { select } from '../state/actions';
import { useLoaded } from '../state/loader';
import * as store from '../state/store';
import { Swatch } from './Swatch';

export function Steps({ layer, feature }: { layer: Layer; feature: Feature }) {
  const steps = (feature.transitions ?? []).toSorted((a, b) => a.on.localeCompare(b.on));
  if (steps.length === 0) return null;
  const isMany = new Set(steps.map((step) => step.field)).size > 1;
  return (
    <section class="block" aria-labelledby="steps-title">
      <h3 id="steps-title">{t('drawer.steps')}</h3>
      <ol class="steps">
        {steps.map((step, index) => {
          const field = fieldOf(layer, step.field);
          const code = codeOf(field, step.to);
          return (
            <li key={`${step.on}-${index}`} class={step.on.slice(0, 10) > store.asOf.value ? 'is-later' : ''}>
              <time dateTime={step.on}>{showDay(step.on)}</time>
              <span class="with-swatch">{code && step.field === layer.style?.by && <Swatch layer={layer} code={code} />}{isMany && `${title(field?.title)}: `}{code?.[store.lang.value] ?? step.to}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

interface Version { layer: Layer; feature: Feature }

/** Interval layers whose rows belong to the same entity: the thing's own versions and what refers to it. */
function relatedLayers(layer: Layer, target: string): { layer: Layer; field: string }[] {
  return store.layers.value.flatMap((other) => {
    if (other.time !== 'interval' || isDerived(other)) return [];
    if (other.id === target) return other.id === layer.id ? [{ layer: other, field: 'entity' }] : [];
    const ref = other.fields.find((field) => field.type === 'ref' && field.layer === target && (!other.entity || other.entity === field.name));
    return ref ? [{ layer: other, field: ref.name }] : [];
  });
}

async function readVersions(layer: Layer, entity: { target: string; value: string }, signal: AbortSignal): Promise<Version[]> {
  const lists = await Promise.all(relatedLayers(layer, entity.target).map(async (related) => {
    const params = new URLSearchParams({ [related.field]: entity.value, limit: '100' });
    const page = await getItems(related.layer.id, params, signal);
    return page.features.map((feature) => ({ layer: related.layer, feature }));
  }));
  const from = (version: Version): string => String(version.feature.properties['valid_from'] ?? '');
  return lists.flat().toSorted((a, b) => from(b).localeCompare(from(a)));
}

export function Versions({ layer, feature }: { layer: Layer; feature: Feature }) {
  const entity = entityOf(layer, feature.properties);
  const revision = entity ? relatedLayers(layer, entity.target).map((related) => store.revisions.value[related.layer.id] ?? 0).join('.') : '';
  const loaded = useLoaded<Version[]>(entity ? `${layer.id}|${entity.value}|${revision}` : null, async (signal) => (entity ? readVersions(layer, entity, signal) : []), entity?.value ?? '');
  const versions = loaded.data ?? [];
  if (versions.length === 0) return null;
  return (
    <section class="block" aria-labelledby="versions-title">
      <h3 id="versions-title">{t('drawer.versions')}</h3>
      <ol class="steps">
        {versions.map((version) => {
          const from = version.feature.properties['valid_from'];
          const to = version.feature.properties['valid_to'];
          const code = classOf(version.layer, version.feature.properties);
          const isNow = typeof from === 'string' && from <= store.asOf.value && (typeof to !== 'string' || to > store.asOf.value);
          const isOpen = version.feature.id === feature.id;
          const span = t('value.from_to', { from: typeof from === 'string' ? showDay(from) : '…', to: typeof to === 'string' ? showDay(to) : t('drawer.valid_open') });
          return (
            <li key={version.feature.id} class={isNow ? 'is-now' : ''}>
              <time>{span}</time>
              <button type="button" class="linklike with-swatch" aria-current={isOpen} onClick={() => select(version.layer.id, version.feature.id)}>
                {code && <Swatch layer={version.layer} code={code} />}{code?.[store.lang.value] ?? title(version.layer.title)}
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
