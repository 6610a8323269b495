// One sheet of paper: title, day, map with scale and north, legend, sources, marks and signatures.
import { useState } from 'preact/hooks';
import { t, title } from '../../i18n';
import { showDay } from '../../model/days';
import { barOf, scaleOf, type Sheet } from '../../model/paper';
import { showInstant, showNumber } from '../../model/values';
import type { Picture } from '../../map/print';
import * as store from '../../state/store';
import { conditions } from '../Chips';
import { LegendPage, PrintLegend } from './PrintLegend';

export interface Words { title: string; place: string; left: string; right: string }

const BAR_MM = 45;

/** Metres in the unit people say them in. */
const lengthText = (metres: number): string => (metres >= 1000 ? `${showNumber(metres / 1000, store.lang.value)} km` : `${showNumber(metres, store.lang.value)} m`);

function Scale({ picture }: { picture: Picture }) {
  const { metres, mm } = barOf(picture.metresPerPx, BAR_MM);
  return (
    <div class="print-scale">
      <span>{t('print.scale', { n: scaleOf(picture.metresPerPx) })}</span>
      <span class="print-bar" style={{ width: `${mm}mm` }}><i /><i /><i /><i /></span>
      <span class="print-bar-ends" style={{ width: `${mm}mm` }}><span>0</span><span>{lengthText(metres)}</span></span>
    </div>
  );
}

/** Notes every sheet of a shown layer has to carry, each once. */
function notes(): string[] {
  const shown = store.layers.value.filter((layer) => store.isVisible(layer.id) && layer.note);
  return [...new Set(shown.map((layer) => title(layer.note)))];
}

export function PrintSheet({ sheet, picture, words }: { sheet: Sheet; picture: Picture | null; words: Words }) {
  const site = store.site.value;
  const lang = store.lang.value;
  const day = showDay(store.asOf.value);
  const [base] = store.baseLayers.value;
  // Without the conditions a count could be taken for the whole.
  const filtered = conditions().map(({ what, detail }) => `${what}: ${detail}`);
  const [isSpilled, setSpilled] = useState(false);
  const paper = `${sheet.width}x${sheet.height}`;
  const size = { width: `${sheet.width}mm`, height: `${sheet.height}mm` };
  return (
    <>
      <article class={`print-sheet is-${sheet.width > sheet.height ? 'landscape' : 'portrait'}`} data-paper={paper} data-ready={picture !== null} lang={lang} style={size}>
        <header class="print-head">
          <div>
            <p class="print-site">{title(site?.title)}</p>
            <h1>{words.title}</h1>
            <p>{t('print.asof', { day })}{filtered.length > 0 && ` · ${t('print.filtered', { what: filtered.join('; ') })}`}</p>
          </div>
          <div class="print-marks">
            <strong>{t('print.internal')}</strong>
            {site?.demo && <span>{t('app.demo_long')}</span>}
          </div>
        </header>
        <figure class="print-map" style={{ width: `${sheet.map.width}mm`, height: `${sheet.map.height}mm` }}>
          {picture ? <img src={picture.url} alt={t('print.map_alt', { title: words.title, day })} /> : <p role="status">{t('print.drawing')}</p>}
          {picture && <Scale picture={picture} />}
          <svg class="print-north" viewBox="0 0 24 34" role="img" aria-label={t('print.north')}><path d="M12 1 20 25 12 20 4 25Z" /><text x="12" y="33" text-anchor="middle">{t('print.north_letter')}</text></svg>
        </figure>
        <PrintLegend sheetKey={paper} onSpill={setSpilled} />
        <footer class="print-foot">
          <div class="print-sources">
            {notes().map((note) => <p key={note}>{note}</p>)}
            <p>{t('print.sources', { base: base && store.hasBase.value ? title(base.title) : t('print.no_base') })}</p>
            <p>{t('print.made', { at: showInstant(new Date().toISOString(), lang), role: t(`role.${(site?.role ?? 'analyst') as 'analyst'}`) })}</p>
            <p>{t('print.method')}</p>
          </div>
          <div class="print-signs">
            <div><p>{'\u00a0'}</p><p class="print-role">{words.left}</p><p>{t('print.sign')}</p></div>
            <div><p>{words.place}</p><p class="print-role">{words.right}</p><p>{t('print.sign_seal')}</p></div>
          </div>
        </footer>
      </article>
      {isSpilled && <article class="print-sheet is-legend" data-paper={paper} lang={lang} style={size}><LegendPage title={words.title} /></article>}
    </>
  );
}
