// The rail: the rooms, the list, theme and language. On a phone it lies along the bottom.
import { t, type Key } from '../i18n';
import { openRoom } from '../state/actions';
import { overlay } from '../state/reach';
import * as store from '../state/store';
import { Icon, type IconName } from './icons';

const ROOMS: { room: store.Room; icon: IconName; name: Key; hint: Key }[] = [
  { room: 'layers', icon: 'layers', name: 'rail.layers', hint: 'rail.layers_hint' },
  { room: 'filter', icon: 'funnel', name: 'rail.filter', hint: 'rail.filter_hint' },
  { room: 'record', icon: 'record', name: 'rail.record', hint: 'rail.record_hint' },
  { room: 'data', icon: 'data', name: 'rail.data', hint: 'rail.data_hint' },
  { room: 'views', icon: 'bookmark', name: 'rail.views', hint: 'rail.views_hint' },
];

/** The rooms this site has: without a layer for them there are no saved views. */
export const shownRooms = (): typeof ROOMS => ROOMS.filter(({ room }) => room !== 'views' || store.viewsLayer.value !== null);

const THEME_ICON: Record<store.ShownTheme, IconName> = { light: 'sun', dark: 'moon', contrast: 'contrast' };

/** The layer a list opens with: the topmost visible one that is about cases or events. */
export function firstList(): string | null {
  const visible = store.layers.value.filter((layer) => store.isVisible(layer.id));
  return (visible.find((layer) => layer.time === 'state') ?? visible[0] ?? store.layers.value[0])?.id ?? null;
}

export function Rail() {
  const nextTheme = store.NEXT_THEME[store.shownTheme.value];
  const themeName = t(`theme.to_${nextTheme}`);
  return (
    <nav class="rail" aria-label={t('rail.label')}>
      <span class="rail-mark" aria-hidden="true">
        <svg viewBox="0 0 32 32" width="28" height="28"><rect width="32" height="32" rx="7" /><path d="M7 9.500 13 7l6 2.500L25 7v15.500L19 25l-6-2.500L7 25zM13 7v15.500M19 9.500V25" /></svg>
      </span>
      {shownRooms().map(({ room, icon, name, hint }) => (
        <button key={room} type="button" data-open={room} class={`rail-button${room === 'record' ? ' is-main' : ''}`} aria-pressed={store.room.value === room} title={t(hint)} onClick={() => openRoom(store.room.value === room ? null : room)}>
          <Icon name={icon} size={20} /><span>{t(name)}</span>
        </button>
      ))}
      <button type="button" class="rail-button" id="rail-list" aria-pressed={store.list.value !== null} title={t('rail.list_hint')} onClick={() => { store.list.value = store.list.value ? null : firstList(); }}>
        <Icon name="table" size={20} /><span>{t('rail.list')}</span>
      </button>
      <span class="rail-gap" />
      <button type="button" class="rail-button is-quiet" aria-label={t('do.help')} title={t('do.help')} onClick={() => { overlay.value = 'help'; }}>
        <Icon name="help" />
      </button>
      <button type="button" class="rail-button is-quiet" aria-label={themeName} title={themeName} onClick={() => { store.theme.value = nextTheme; }}>
        <Icon name={THEME_ICON[nextTheme]} />
      </button>
      <button type="button" class="rail-button is-quiet rail-lang" aria-label={t('rail.lang_hint')} title={t('rail.lang_hint')} onClick={() => { store.lang.value = store.lang.value === 'vi' ? 'en' : 'vi'; }}>
        <span>{store.lang.value === 'vi' ? 'EN' : 'VI'}</span>
      </button>
    </nav>
  );
}
