// The first visit: five steps, each beside the part it is about. It can be left at any step, is shown
// once, and can be seen again from the help. Nothing is blocked: the page works while it is open.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t, type Key } from '../i18n';
import { openRoom } from '../state/actions';
import { closeTour } from '../state/reach';
import * as store from '../state/store';

/** `at`: the part it is about, the first of these that is on the page. */
interface Step { at: string[]; name: Key; text: Key; before?: () => void }

const openLayers = (): void => { if (!store.isPhone.value) openRoom('layers'); };

const STEPS: Step[] = [
  { at: ['.panel', '.rail-button'], name: 'tour.1', text: 'tour.1_text', before: openLayers },
  { at: ['.find-box'], name: 'tour.2', text: 'tour.2_text' },
  { at: ['.time'], name: 'tour.3', text: 'tour.3_text' },
  { at: ['#rail-list'], name: 'tour.4', text: 'tour.4_text' },
  { at: ['.rail-button.is-main'], name: 'tour.5', text: 'tour.5_text' },
];

const GAP = 12;
const WIDTH = 320;
/** Until the card is measured. */
const HEIGHT = 190;

/** Where the card stands: right of what it is about, else above it, always inside the window. */
function placeOf(target: DOMRect | undefined, cardHeight: number): { left: number; top: number } {
  // On a phone the bars at the foot stay free: they are what several steps are about.
  const floor = store.isPhone.value ? document.querySelector('.time')?.getBoundingClientRect().top : undefined;
  const [width, height] = [innerWidth, floor ?? innerHeight];
  const cardWidth = Math.min(WIDTH, width - 2 * GAP);
  if (!target) return { left: (width - cardWidth) / 2, top: (height - cardHeight) / 2 };
  const isBeside = target.right + GAP + cardWidth < width && target.width < width / 3;
  const left = isBeside ? target.right + GAP : target.left + GAP;
  const top = isBeside ? target.top : target.top > cardHeight + GAP ? target.top - cardHeight - GAP : target.bottom + GAP;
  return { left: Math.max(GAP, Math.min(left, width - cardWidth - GAP)), top: Math.max(GAP, Math.min(top, height - cardHeight - GAP)) };
}

export function Tour() {
  const [index, setIndex] = useState(0);
  const [target, setTarget] = useState<DOMRect | undefined>(undefined);
  const heading = useRef<HTMLHeadingElement>(null);
  const card = useRef<HTMLElement>(null);
  const step = STEPS[index];
  // With the text, not after it: a key pressed meanwhile would go to a heading.
  useLayoutEffect(() => heading.current?.focus({ preventScroll: true }), [index]);
  useEffect(() => {
    step?.before?.();
    const measure = (): void => setTarget(step?.at.map((part) => document.querySelector(part)).find(Boolean)?.getBoundingClientRect());
    const frame = requestAnimationFrame(measure);
    addEventListener('resize', measure);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener('resize', measure);
    };
  }, [index]);
  if (!step) return null;
  const { left, top } = placeOf(target, card.current?.offsetHeight ?? HEIGHT);
  const isLast = index === STEPS.length - 1;
  return (
    <>
      {target && <span class="tour-ring" aria-hidden="true" style={{ left: `${target.left - 4}px`, top: `${target.top - 4}px`, width: `${target.width + 8}px`, height: `${target.height + 8}px` }} />}
      <section ref={card} class="tour" role="dialog" aria-labelledby="tour-name" aria-describedby="tour-text" style={{ left: `${left}px`, top: `${top}px` }}>
        <p class="tour-count">{t('tour.step', { i: index + 1, total: STEPS.length })}</p>
        <h2 id="tour-name" ref={heading} tabIndex={-1}>{t(step.name)}</h2>
        <p id="tour-text">{t(step.text)}</p>
        <div class="tour-buttons">
          <button type="button" class="quiet" onClick={closeTour}>{t('tour.skip')}</button>
          {index > 0 && <button type="button" class="secondary" onClick={() => setIndex(index - 1)}>{t('tour.back')}</button>}
          <button type="button" class="primary" onClick={() => (isLast ? closeTour() : setIndex(index + 1))}>{t(isLast ? 'tour.done' : 'tour.next')}</button>
        </div>
      </section>
    </>
  );
}
