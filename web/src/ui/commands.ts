// The page's own commands: rooms, list, map, time, look, layers, help. Other parts add theirs through
// `state/commands.ts`. Digits open the rooms in the order of the rail.
import { t, title } from '../i18n';
import { PERIODS, addDays } from '../model/days';
import { layerParams } from '../model/query';
import { clearConditions, fly, openList, openRoom, toggleLayer } from '../state/actions';
import { addCommands, type Command } from '../state/commands';
import { hasKeys, overlay } from '../state/reach';
import * as store from '../state/store';
import { opening, setAsOf } from '../state/time';
import { copyLink, exportUrl } from '../state/share';
import { firstList } from './Rail';
import { rooms } from './rooms';
import { summon } from './SearchField';

function going(): Command[] {
  return [
    { id: 'search', group: 'go', key: '/', name: t('do.search'), run: () => { summon(''); } },
    { id: 'palette', group: 'go', key: '>', name: t('do.palette'), run: () => { summon('>'); } },
    ...rooms().map(({ room, hint, name }, index): Command => ({ id: `room-${room}`, group: 'go', key: String(index + 1), name: `${t(name)}: ${t(hint)}`, run: () => openRoom(room) })),
    { id: 'list', group: 'go', key: 'l', name: t('do.list'), run: () => { store.list.value = store.list.value ? null : firstList(); } },
    { id: 'help', group: 'go', key: '?', name: t('do.help'), run: () => { overlay.value = 'help'; } },
    { id: 'tour', group: 'go', name: t('do.tour'), run: () => { overlay.value = 'tour'; } },
  ];
}

function mapping(): Command[] {
  return [
    { id: 'map', group: 'map', key: 'm', name: t('do.map'), run: () => document.querySelector<HTMLElement>('.maplibregl-canvas')?.focus() },
    { id: 'home', group: 'map', key: 'h', name: t('map.home'), run: () => { if (store.site.value) fly({ bounds: store.site.value.bounds }); } },
    { id: 'measure', group: 'map', key: 'd', name: t('do.measure'), run: () => { overlay.value = 'measure'; } },
    { id: 'print', group: 'map', key: 'p', name: t('do.print'), run: () => { overlay.value = 'print'; } },
    { id: 'link', group: 'view', name: t('data.copy'), run: () => { void copyLink(); } },
    { id: 'clear', group: 'view', key: 'x', name: t('do.clear'), run: clearConditions },
  ];
}

function timing(): Command[] {
  return [
    { id: 'day-before', group: 'time', key: '[', name: t('time.previous'), run: () => setAsOf(addDays(store.asOf.value, -1)) },
    { id: 'day-after', group: 'time', key: ']', name: t('time.next'), run: () => setAsOf(addDays(store.asOf.value, 1)) },
    { id: 'day-type', group: 'time', key: 't', name: t('do.day'), run: () => document.querySelector<HTMLInputElement>('#asof')?.select() },
    { id: 'day-reset', group: 'time', name: t('time.reset'), run: () => setAsOf(opening.value) },
    ...PERIODS.map((one): Command => ({ id: `period-${one}`, group: 'time', name: `${t('time.period')}: ${t(`time.${one}`)}`, run: () => { store.period.value = one; } })),
  ];
}

function looking(): Command[] {
  const themes = ['light', 'dark', 'contrast', 'auto'] as const;
  return [
    { id: 'theme', group: 'look', key: 'n', name: t('do.theme'), run: () => { store.theme.value = store.NEXT_THEME[store.shownTheme.value]; } },
    ...themes.map((one): Command => ({ id: `theme-${one}`, group: 'look', name: `${t('do.theme_is')}: ${t(`theme.to_${one}`)}`, run: () => { store.theme.value = one; } })),
    { id: 'lang', group: 'look', name: t('rail.lang_hint'), run: () => { store.lang.value = store.lang.value === 'vi' ? 'en' : 'vi'; } },
    { id: 'keys', group: 'look', name: t(hasKeys.value ? 'do.keys_off' : 'do.keys_on'), run: () => { hasKeys.value = !hasKeys.value; } },
  ];
}

function layering(): Command[] {
  const open = (layer: string, format: string): void => {
    const of = store.layerById(layer);
    if (of) location.assign(exportUrl(layer, format, layerParams(of, store.view.value)));
  };
  const drawn = store.drawnLayers.value.filter((layer) => (layer.purpose ?? 'data') !== 'views');
  const data = store.layers.value.filter((layer) => (layer.purpose ?? 'data') === 'data');
  return [
    ...drawn.map((layer): Command => ({ id: `show-${layer.id}`, group: 'layer', name: t(store.isVisible(layer.id) ? 'layers.hide' : 'layers.show', { layer: title(layer.title) }), run: () => toggleLayer(layer.id) })),
    ...data.map((layer): Command => ({ id: `list-${layer.id}`, group: 'layer', name: t('layers.list', { layer: title(layer.title) }), run: () => openList(layer.id) })),
    ...data.map((layer): Command => ({ id: `export-${layer.id}`, group: 'layer', name: t('data.export', { layer: title(layer.title), format: t('data.geojson') }), run: () => open(layer.id, 'geojson') })),
  ];
}

addCommands(() => [...going(), ...mapping(), ...timing(), ...looking(), ...layering()]);
