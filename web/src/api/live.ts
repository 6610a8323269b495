// The live stream: one EventSource on /live. The browser reconnects by itself and resends the last
// mark. When it gives up (the server was gone), we open a new stream and ask for a full refresh,
// as we do on `reset` (the server no longer knows our mark).
import type { Change } from './types';

const RETRY_MS = 2000;
/** How long a server may take to know what another one told, in seconds. */
const SEEN_S = 600;

/** Every request from now on brings the mark of what was told: whichever server of the site answers shows at least that. */
function remember({ lastEventId }: MessageEvent): void {
  if (/^[\w-]+$/.test(lastEventId)) document.cookie = `diaban-seen=${lastEventId}; path=/; max-age=${SEEN_S}; samesite=strict`;
}

export interface LiveHandlers {
  onChange(change: Change): void;
  onReset(): void;
  onStatus(connected: boolean): void;
}

/** Follows the stream until the returned function is called. */
export function follow(handlers: LiveHandlers): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const open = (isAgain: boolean): void => {
    source = new EventSource('/live');
    source.addEventListener('change', (event: MessageEvent<string>) => {
      remember(event);
      handlers.onChange(JSON.parse(event.data) as Change);
    });
    source.addEventListener('reset', (event: MessageEvent<string>) => {
      remember(event);
      handlers.onReset();
    });
    source.addEventListener('open', () => {
      handlers.onStatus(true);
      if (isAgain) handlers.onReset();
    });
    source.addEventListener('error', () => {
      handlers.onStatus(false);
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(() => open(true), RETRY_MS);
    });
  };

  open(false);
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
