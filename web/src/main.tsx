// Wires the page: reads the address, asks the server who it is and which layers it has, then follows
// its live stream. Everything else hangs on the signals this fills.
import { effect } from '@preact/signals';
import { render } from 'preact';
import './styles/fonts.css';
import './styles/tokens.css';
import './styles/page.css';
import './styles/controls.css';
import './styles/panels.css';
import './styles/layers.css';
import './styles/drawer.css';
import './styles/import.css';
import './styles/reach.css';
import './styles/filter.css';
import './styles/list.css';
import './styles/print.css';
import './styles/time.css';
import './styles/forms.css';
import './styles/rooms.css';
import './styles/phone.css';
import { getCollections, getSite, setLanguage } from './api/client';
import { follow } from './api/live';
import { errorText } from './i18n';
import { announceTiles } from './map/tiles';
import { applyChange, refreshAll } from './state/actions';
import { followCounts } from './state/counts';
import { bindUrl } from './state/history';
import * as store from './state/store';
import { LINKED_ROOMS } from './state/url';
import { App } from './ui/App';

const REREAD_MS = 400;

const root = document.getElementById('app');

function show(failure: string | null): void {
  if (root) render(<App failure={failure} onRetry={() => { void open(); }} />, root);
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** A change may grow an extent or, after an import, add a layer. */
function rereadCollections(): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    getCollections().then(store.setCollections, () => undefined);
  }, REREAD_MS);
}

async function open(): Promise<void> {
  show(null);
  try {
    const [site, collections] = await Promise.all([getSite(), getCollections()]);
    store.setCollections(collections);
    store.site.value = site;
  } catch (error) {
    show(errorText(error));
    return;
  }
  followCounts();
  follow({
    onChange: (change) => {
      applyChange(change);
      announceTiles(change);
      rereadCollections();
    },
    onReset: () => {
      refreshAll();
      announceTiles(null);
      rereadCollections();
    },
    onStatus: (connected) => { store.isLive.value = connected; },
  });
}

bindUrl();
effect(() => setLanguage(store.lang.value));
if (store.isPhone.value && !LINKED_ROOMS.some((room) => room === store.room.value)) store.room.value = null;
void open();
