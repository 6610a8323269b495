// Printing the view with the browser: the sheet as it will be, beside the few choices it has. The page
// under it rests; Escape or Close goes back to where one was.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { errorText, t, title } from '../../i18n';
import { PAPERS, PX_PER_MM, sheetOf, type Direction, type Paper } from '../../model/paper';
import { whenMap } from '../../map/current';
import type { Picture } from '../../map/print';
import { tell } from '../../state/actions';
import { overlay } from '../../state/reach';
import * as store from '../../state/store';
import { Icon } from '../icons';
import { PrintSheet, type Words } from './PrintSheet';

const DESK_PADDING = 48;

const close = (): void => { overlay.value = null; };

function usePicture(width: number, height: number): Picture | null {
  const [picture, setPicture] = useState<Picture | null>(null);
  useEffect(() => {
    let isOver = false;
    let url: string | null = null;
    setPicture(null);
    void (async () => {
      try {
        const map = await whenMap();
        const { drawForPrint } = await import('../../map/print');
        const drawn = await drawForPrint(map, Math.round(width * PX_PER_MM), Math.round(height * PX_PER_MM));
        if (isOver) URL.revokeObjectURL(drawn.url);
        else {
          url = drawn.url;
          setPicture(drawn);
        }
      } catch (error) {
        if (!isOver) tell('error', errorText(error));
      }
    })();
    return () => {
      isOver = true;
      if (url) URL.revokeObjectURL(url);
    };
  }, [width, height, store.lang.value]);
  return picture;
}

/** How much the sheet is shrunk to be seen whole beside the form. */
function useDesk(widthMm: number): { desk: { current: HTMLDivElement | null }; zoom: number } {
  const desk = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState(1);
  useLayoutEffect(() => {
    const fit = (): void => {
      const room = (desk.current?.clientWidth ?? 0) - DESK_PADDING;
      setZoom(Math.max(0.25, Math.min(1, room / (widthMm * PX_PER_MM))));
    };
    fit();
    addEventListener('resize', fit);
    return () => removeEventListener('resize', fit);
  }, [widthMm]);
  return { desk, zoom };
}

function Text({ id, label, value, onText }: { id: string; label: string; value: string; onText: (text: string) => void }) {
  return <div class="field"><label for={id}>{label}</label><input id={id} type="text" maxLength={160} value={value} onInput={(event) => onText(event.currentTarget.value)} /></div>;
}

/** What the sheet says before anybody changes it. */
function firstWords(): Words {
  const [year, month, date] = store.asOf.value.split('-');
  return {
    title: t('print.title', { site: title(store.site.value?.title) }),
    place: t('print.place', { date: date ?? '', month: month ?? '', year: year ?? '' }),
    left: t('print.left'),
    right: t('print.right'),
  };
}

export function PrintView() {
  const [paper, setPaper] = useState<Paper>('a4');
  const [direction, setDirection] = useState<Direction>('landscape');
  const [words, setWords] = useState(firstWords);
  const sheet = sheetOf(paper, direction);
  const { desk, zoom } = useDesk(sheet.width);
  const heading = useRef<HTMLHeadingElement>(null);
  const picture = usePicture(sheet.map.width, sheet.map.height);
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus();
    return () => { if (before instanceof HTMLElement) before.focus(); };
  }, []);
  useEffect(() => { if (picture) store.spoken.value = t('print.ready'); }, [picture]);
  const onEscape = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    close();
  };
  const set = (name: keyof Words) => (text: string): void => setWords({ ...words, [name]: text });
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div class="print-view" role="dialog" aria-modal="true" aria-labelledby="print-name" onKeyDown={onEscape}>
      <form class="print-tools" onSubmit={(event) => { event.preventDefault(); print(); }}>
        <h2 id="print-name" ref={heading} tabIndex={-1}>{t('print.name')}</h2>
        <div class="field">
          <label for="print-paper">{t('print.paper')}</label>
          <select id="print-paper" value={paper} onChange={(event) => setPaper(event.currentTarget.value as Paper)}>{PAPERS.map((one) => <option key={one} value={one}>{one.toUpperCase()}</option>)}</select>
        </div>
        <div class="field">
          <label for="print-direction">{t('print.direction')}</label>
          <select id="print-direction" value={direction} onChange={(event) => setDirection(event.currentTarget.value as Direction)}>
            <option value="landscape">{t('print.landscape')}</option>
            <option value="portrait">{t('print.portrait')}</option>
          </select>
        </div>
        <Text id="print-title" label={t('print.title_label')} value={words.title} onText={set('title')} />
        <Text id="print-place" label={t('print.place_label')} value={words.place} onText={set('place')} />
        <Text id="print-left" label={t('print.left_label')} value={words.left} onText={set('left')} />
        <Text id="print-right" label={t('print.right_label')} value={words.right} onText={set('right')} />
        <p class="hint">{t('print.hint')}</p>
        <div class="print-buttons">
          <button type="submit" class="primary" disabled={!picture}><Icon name="print" size={16} />{t('print.go')}</button>
          <button type="button" class="secondary" onClick={close}>{t('close')}</button>
        </div>
      </form>
      <div ref={desk} class="print-desk"><div class="print-zoom" style={{ zoom }}><PrintSheet sheet={sheet} picture={picture} words={words} /></div></div>
    </div>
  );
}
