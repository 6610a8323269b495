// The legend on paper: every shown layer with its time and n; of a legend only what is on the map.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Layer } from '../../api/types';
import { number, t, title } from '../../i18n';
import { legendOf } from '../../model/layers';
import { counts } from '../../state/counts';
import * as store from '../../state/store';
import { aboutText } from '../LayerRow';
import { Swatch } from '../Swatch';

function LegendLayer({ layer }: { layer: Layer }) {
  const by = counts.value[layer.id]?.by ?? {};
  const chosen = store.filters.value[layer.id]?.[layer.style?.by ?? ''] ?? [];
  const codes = legendOf(layer).filter((code) => (by[code.code] ?? 0) > 0 && (chosen.length === 0 || chosen.includes(code.code)));
  return (
    <section class="print-layer">
      <h3>{codes.length === 0 && <Swatch layer={layer} theme="light" />}{title(layer.title)}</h3>
      <p class="print-about">{aboutText(layer)}</p>
      <ul>
        {codes.map((code) => <li key={code.code}><Swatch layer={layer} code={code} theme="light" /><span>{code[store.lang.value]}</span><span class="number">{number(by[code.code] ?? 0)}</span></li>)}
      </ul>
    </section>
  );
}

const LEAST = 0.62;

/** How much the legend has to shrink to fit its box; 0 when that would be too small to read. */
function useFit(key: string): { ref: { current: HTMLDivElement | null }; zoom: number } {
  const ref = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState(1);
  useLayoutEffect(() => {
    const box = ref.current;
    if (!box) return;
    let next = 1;
    for (; next >= LEAST; next -= 0.04) {
      box.style.setProperty('--fit', String(next));
      if (box.scrollHeight <= box.clientHeight + 1 && box.scrollWidth <= box.clientWidth + 1) break;
    }
    setZoom(next >= LEAST ? next : 0);
  }, [key]);
  return { ref, zoom };
}

const shownLayers = (): Layer[] => store.drawOrder.value.flatMap((id) => (store.isVisible(id) ? [store.layerById(id)] : [])).filter((layer) => layer !== undefined);

const Layers = () => <>{shownLayers().map((layer) => <LegendLayer key={layer.id} layer={layer} />)}</>;

/** The legend in its place on the sheet; what would not be readable there goes to a second page. */
export function PrintLegend({ sheetKey, onSpill }: { sheetKey: string; onSpill: (isSpilled: boolean) => void }) {
  const { ref, zoom } = useFit(`${sheetKey}|${JSON.stringify(counts.value)}|${store.visibleLayers.value}|${store.lang.value}`);
  useEffect(() => onSpill(zoom === 0), [zoom]);
  return (
    <div class="print-legend">
      <h2>{t('print.legend')}</h2>
      {zoom === 0 && <p>{t('print.spilled')}</p>}
      <div ref={ref} class={`print-columns${zoom === 0 ? ' is-spilled' : ''}`}><Layers /></div>
    </div>
  );
}

export function LegendPage({ title: heading }: { title: string }) {
  return (
    <div class="print-legend is-page">
      <h2>{t('print.legend_of', { title: heading })}</h2>
      <div class="print-columns"><Layers /></div>
    </div>
  );
}
