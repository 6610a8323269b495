// The rail: the rooms, the list, theme and language. On a phone it lies along the bottom.
import { t } from '../i18n';
import { openRoom } from '../state/actions';
import { overlay } from '../state/reach';
import * as store from '../state/store';
import { Icon, type IconName } from './icons';
import { rooms, type RoomEntry } from './rooms';

const THEME_ICON: Record<store.ShownTheme, IconName> = { light: 'sun', dark: 'moon', contrast: 'contrast' };

/** The layer a list opens with: the topmost visible one that is about cases or events. */
export function firstList(): string | null {
  const visible = store.layers.value.filter((layer) => store.isVisible(layer.id));
  return (visible.find((layer) => layer.time === 'state') ?? visible[0] ?? store.layers.value[0])?.id ?? null;
}

const toggleList = (): void => { store.list.value = store.list.value ? null : firstList(); };
const toggleLang = (): void => { store.lang.value = store.lang.value === 'vi' ? 'en' : 'vi'; };

function RoomButton({ entry: { room, icon, name, hint } }: { entry: RoomEntry }) {
  return (
    <button type="button" class={`rail-button${room === 'record' ? ' is-main' : ''}`} data-open={room} aria-pressed={store.room.value === room} title={t(hint)} onClick={() => openRoom(store.room.value === room ? null : room)}>
      <Icon name={icon} size={20} /><span>{t(name)}</span>
    </button>
  );
}

/** The look of the page and where help is: at the foot of the rail, on a phone in "more". */
function useLook() {
  const next = store.NEXT_THEME[store.shownTheme.value];
  return [
    { id: 'help', icon: 'help' as IconName, text: t('do.help'), run: () => { overlay.value = 'help'; } },
    { id: 'theme', icon: THEME_ICON[next], text: t(`theme.to_${next}`), run: () => { store.theme.value = next; } },
    { id: 'lang', icon: null, text: t('rail.lang_hint'), run: toggleLang },
  ];
}

export function Rail() {
  const look = useLook();
  const isPhone = store.isPhone.value;
  const more: RoomEntry = { room: 'more', icon: 'more', name: 'rail.more', hint: 'rail.more_hint' };
  const shown = rooms().filter((entry) => !isPhone || !entry.isAside);
  return (
    <nav class="rail" aria-label={t('rail.label')}>
      <span class="rail-mark" aria-hidden="true">
        <svg viewBox="0 0 32 32" width="28" height="28"><rect width="32" height="32" rx="7" /><path d="M7 9.500 13 7l6 2.500L25 7v15.500L19 25l-6-2.500L7 25zM13 7v15.500M19 9.500V25" /></svg>
      </span>
      {shown.map((entry) => <RoomButton key={entry.room} entry={entry} />)}
      <button type="button" class="rail-button" id="rail-list" aria-pressed={store.list.value !== null} title={t('rail.list_hint')} onClick={toggleList}>
        <Icon name="table" size={20} /><span>{t('rail.list')}</span>
      </button>
      {isPhone && <RoomButton entry={more} />}
      <span class="rail-gap" />
      {!isPhone && look.map(({ id, icon, text, run }) => (
        <button key={id} type="button" class={`rail-button is-quiet rail-${id}`} aria-label={text} title={text} onClick={run}>
          {icon ? <Icon name={icon} /> : <span>{store.lang.value === 'vi' ? 'EN' : 'VI'}</span>}
        </button>
      ))}
    </nav>
  );
}

/** What a phone's rail has no room for. */
export function MorePanel() {
  const look = useLook();
  return (
    <div class="panel-body">
      <header class="panel-head"><h2>{t('rail.more_hint')}</h2></header>
      <ul class="more">
        {rooms().filter((entry) => entry.isAside).map(({ room, icon, name, hint }) => (
          <li key={room}><button type="button" data-open={room} onClick={() => openRoom(room)}><Icon name={icon} size={20} /><span>{t(name)}<small>{t(hint)}</small></span></button></li>
        ))}
        {look.map(({ id, icon, text, run }) => (
          <li key={id}><button type="button" data-look={id} onClick={run}><Icon name={icon ?? 'language'} size={20} /><span>{text}</span></button></li>
        ))}
      </ul>
    </div>
  );
}
