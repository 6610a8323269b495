// The map's place on the page and what lies over it: zoom buttons, the hover tip, chips, the crosshair
// for keyboards, and the line that says where the data is from. A sketch of the ward is on the screen
// first; MapLibre takes its place when it has drawn everything, or never where there is no WebGL.
import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { t, title } from '../i18n';
import { classOf, labelOf } from '../model/layers';
import type { Hover, MapView } from '../map/view';
import * as store from '../state/store';
import { Chips } from './Chips';
import { Icon } from './icons';
import { LocateButton } from './LocateButton';
import { fetchParts } from './later';
import { SearchField } from './SearchField';
import { Sketch } from './Sketch';
import { Swatch } from './Swatch';

const HIDDEN_TAB_MS = 400;
const hover = signal<Hover | null>(null);

function Tip() {
  const tip = hover.value;
  if (!tip) return null;
  const properties = tip.properties as Record<string, string>;
  const code = classOf(tip.layer, properties);
  const name = labelOf(tip.layer, { id: String(properties['id']), properties }, store.lang.value);
  const codeName = code?.[store.lang.value];
  return (
    <div class="tip" style={{ transform: `translate(${Math.round(tip.x + 14)}px, ${Math.round(tip.y + 14)}px)` }}>
      <b>{name}</b>
      <span>{code && <Swatch layer={tip.layer} code={code} />}{codeName && codeName !== name ? codeName : title(tip.layer.title)}</span>
    </div>
  );
}

/** Room that sheets take from the map, so that a flight ends in what is free. */
function padding(): { top: number; right: number; bottom: number; left: number } {
  const size = (selector: string, side: 'offsetWidth' | 'offsetHeight'): number => document.querySelector<HTMLElement>(selector)?.[side] ?? 0;
  if (store.isPhone.value) return { top: 48, right: 0, left: 0, bottom: Math.max(size('.drawer', 'offsetHeight'), size('.sheet', 'offsetHeight'), size('.panel', 'offsetHeight')) };
  return { top: 0, left: 0, right: store.selection.value ? size('.drawer', 'offsetWidth') : 0, bottom: size('.sheet', 'offsetHeight') };
}

/** Runs after the next picture is on the screen; in a hidden tab, which paints nothing, soon. */
function afterPaint(run: () => void): void {
  let isDone = false;
  const once = (): void => {
    if (isDone) return;
    isDone = true;
    run();
  };
  requestAnimationFrame(() => setTimeout(once));
  setTimeout(once, HIDDEN_TAB_MS);
}

function hasWebGl(): boolean {
  try {
    return document.createElement('canvas').getContext('webgl2') !== null;
  } catch {
    return false;
  }
}

export function MapArea() {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<MapView | null>(null);
  const [isBlind] = useState(() => !hasWebGl());
  const [isSketched, setSketched] = useState(false);
  const [isDrawn, setDrawn] = useState(false);
  useEffect(() => {
    // MapLibre keeps the page's one thread busy for a while: what people wait for goes before it.
    if (isBlind || !isSketched) return undefined;
    let isClosed = false;
    afterPaint(() => {
      void import('../map/view').then(({ openMap }) => {
        if (isClosed || !place.current) return;
        view.current = openMap({ container: place.current, shown: store.shown, hover, padding });
        view.current.map.once('load', () => {
          setDrawn(true);
          fetchParts().catch(() => undefined);
        });
      });
    });
    return () => {
      isClosed = true;
      view.current?.close();
    };
  }, [isSketched]);
  const site = store.site.value;
  const isRepeat = title(site?.notice).toLowerCase() === t('app.demo').toLowerCase();
  const button = (name: 'plus' | 'minus' | 'home', text: string, run: () => void) => <button type="button" class="map-button" aria-label={text} title={text} onClick={run}><Icon name={name} /></button>;
  return (
    <div class="map-area" id="map-area">
      {(isBlind || !isDrawn) && <Sketch isMap={isBlind} onShown={() => setSketched(true)} />}
      <div ref={place} class="map" data-testid="map" />
      {isBlind && <p class="map-blind" role="alert">{t('map.no_webgl')}</p>}
      <span class="crosshair" aria-hidden="true" />
      <Tip />
      <div class="map-top"><SearchField /><Chips /></div>
      <div class="map-buttons">
        {button('plus', t('map.zoom_in'), () => view.current?.zoomBy(1))}
        {button('minus', t('map.zoom_out'), () => view.current?.zoomBy(-1))}
        {button('home', t('map.home'), () => view.current?.home())}
        <LocateButton />
      </div>
      <p class="map-foot">
        {!store.isLive.value && <span class="is-offline" role="status">{t('map.offline')}</span>}
        {site?.notice && !isRepeat && <span>{title(site.notice)}</span>}
        {site?.demo && <strong title={t('app.demo_long')}>{t('app.demo')}</strong>}
      </p>
    </div>
  );
}
