// One field over the map: finds things, days and coordinates, and after `>` every action of the page.
// An ARIA combobox: focus stays in the box, arrows move through the list, Enter runs, Escape steps back.
import { useEffect, useRef, useState } from 'preact/hooks';
import { search, type Finding } from '../api/search';
import { errorText, t } from '../i18n';
import { showDay } from '../model/days';
import { useLoaded, useSettled } from '../state/loader';
import { offer, remember } from '../state/reach';
import * as store from '../state/store';
import { commandText, groupsOf, type Choice, type Group } from './found';
import { Icon } from './icons';

const WAIT_MS = 60;
const LIST = 'find-list';

/** Gives the field the focus with this text in it, at once: what is typed next belongs to it and is no shortcut. */
export function summon(text: string): void {
  const box = document.querySelector<HTMLInputElement>('#find');
  if (!box) return;
  box.focus();
  if (text === '') box.select();
  else box.value = text;
  box.dispatchEvent(new Event('input', { bubbles: true }));
}

function Options({ groups, active, onRun }: { groups: Group[]; active: string | null; onRun: (choice: Choice) => void }) {
  return (
    <>
      {groups.map((group) => (
        <div key={group.id} role="group" aria-labelledby={`find-${group.id}`} class="find-group">
          <div id={`find-${group.id}`} role="presentation" class="find-head">{group.name}</div>
          {group.choices.map((choice) => (
            // The box keeps the focus (aria-activedescendant), so an option listens to the mouse only.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
            <div key={choice.id} id={choice.id} role="option" aria-selected={choice.id === active} class="find-option" onMouseDown={(event) => event.preventDefault()} onClick={() => onRun(choice)}>
              <span class="find-text">{choice.text}{choice.detail && <span class="find-detail">{choice.detail}</span>}</span>
              {choice.note && <span class="find-note">{choice.note}</span>}
              {choice.key && <kbd>{choice.key.toUpperCase()}</kbd>}
            </div>
          ))}
        </div>
      ))}
    </>
  );
}

function OfferLine() {
  const asked = offer.value;
  if (!asked || asked.day === store.asOf.value) return null;
  return (
    <div class="find-offer" role="status">
      <p>{t('find.offer', { name: asked.name, day: showDay(asked.day) })}</p>
      <button type="button" class="primary" onClick={() => { store.chosenDay.value = asked.day; offer.value = null; }}>{t('find.offer_yes', { day: showDay(asked.day) })}</button>
      <button type="button" class="secondary" onClick={() => { offer.value = null; }}>{t('find.offer_no')}</button>
    </div>
  );
}

export function SearchField() {
  const box = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [text, setText] = useState('');
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState<string | null>(null);
  const asked = useSettled(text.trim(), WAIT_MS);
  const key = isOpen && asked !== '' && commandText(asked) === null ? `${asked}|${store.lang.value}` : null;
  const loaded = useLoaded<Finding>(key, (abort) => search(asked, abort), 'find');
  const groups = groupsOf(text, key ? (loaded.data?.results ?? []) : [], (old) => { setText(old); setOpen(true); setActive(null); });
  const choices = groups.flatMap((group) => group.choices);
  const isAnswered = key !== null && loaded.data?.query.trim() === asked;
  // Enter pressed before the answer waits for it: it means the first thing found, not the first command.
  const isReady = commandText(text) !== null || text.trim() === '' || (isAnswered && asked === text.trim()) || loaded.error !== null;
  const [isHurried, setHurried] = useState(false);

  useEffect(() => { list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }); }, [active]);
  useEffect(() => {
    if (isOpen && text.trim() !== '' && (isAnswered || commandText(text) !== null)) store.spoken.value = t('find.count', { n: choices.length });
  }, [isOpen, text, isAnswered, choices.length]);

  const run = (choice: Choice): void => {
    const isAgain = choice.id.startsWith('recent-');
    if (!isAgain) {
      if (commandText(text) === null) remember(text);
      setOpen(false);
      setText('');
      setActive(null);
      // A command that opens something moves the focus itself; a place on the map leaves it here.
      if (choice.id.startsWith('do-')) box.current?.blur();
    }
    choice.run();
  };
  useEffect(() => {
    if (!isHurried || !isReady) return;
    setHurried(false);
    if (choices[0] && isOpen) run(choices[0]);
  }, [isHurried, isReady]);
  const step = (by: number): void => {
    const at = choices.findIndex((choice) => choice.id === active);
    const next = at < 0 ? (by > 0 ? 0 : choices.length - 1) : (at + by + choices.length) % choices.length;
    setActive(choices[next]?.id ?? null);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!isOpen) setOpen(true);
      step(event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'Enter') {
      const choice = choices.find((one) => one.id === active) ?? (isReady ? choices[0] : undefined);
      if (choice && isOpen) run(choice);
      else if (!isReady) setHurried(true);
    } else if (event.key === 'Escape') {
      if (isOpen && text !== '') setText('');
      else if (isOpen) setOpen(false);
      else return box.current?.blur();
      event.preventDefault();
      setActive(null);
    }
    return undefined;
  };
  const isShown = isOpen && (choices.length > 0 || text.trim() !== '');
  return (
    <div class="find" role="search">
      <div class="find-box">
        <Icon name="search" size={17} />
        <input ref={box} type="text" role="combobox" id="find" autocomplete="off" spellcheck={false} enterkeyhint="search" aria-label={t('find.label')} placeholder={t('find.placeholder')}
          aria-expanded={isShown} aria-controls={LIST} aria-autocomplete="list" aria-activedescendant={isShown && active ? active : undefined} aria-keyshortcuts="/ Control+K"
          value={text} onInput={(event) => { setText(event.currentTarget.value); setOpen(true); setActive(null); }} onFocus={() => setOpen(true)} onBlur={() => setOpen(false)} onKeyDown={onKey} />
        {text === '' ? <kbd aria-hidden="true">/</kbd> : <button type="button" class="icon-button" aria-label={t('find.clear')} onMouseDown={(event) => event.preventDefault()} onClick={() => { setText(''); box.current?.focus(); }}><Icon name="close" size={14} /></button>}
      </div>
      <div ref={list} id={LIST} role="listbox" aria-label={t('find.results')} class="find-list" hidden={!isShown}>
        <Options groups={groups} active={active} onRun={run} />
        {isShown && choices.length === 0 && (
          // A listbox holds options only; the line that there are none is one that cannot be chosen.
          <div role="option" aria-selected="false" aria-disabled="true" tabIndex={-1} class="find-empty">
            {loaded.error ? errorText(loaded.error) : loaded.isLoading || !isAnswered ? t('find.reading') : t('find.none')}
          </div>
        )}
      </div>
      <OfferLine />
    </div>
  );
}
