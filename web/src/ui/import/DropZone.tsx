// Where a file comes in: dropped, or chosen with the button, which is the keyboard's way.
import { useRef, useState } from 'preact/hooks';
import { t } from '../../i18n';
import { take } from '../../state/importing';
import { Icon } from '../icons';

const ACCEPT = '.csv,.tsv,.txt,.json,.geojson,.geojsonl,.ndjson';

export function DropZone() {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer?.files[0];
    if (file) void take(file);
  };
  return (
    <section class="import-entry" aria-labelledby="import-title">
      <header class="panel-head">
        <h2 id="import-title">{t('import.title')}</h2>
        <p class="hint">{t('import.intro')}</p>
      </header>
      <div class={`dropzone${isOver ? ' is-over' : ''}`} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
        <p class="dropzone-say"><Icon name="upload" size={20} />{t(isOver ? 'import.drop_now' : 'import.drop')}</p>
        <button type="button" class="secondary" onClick={() => input.current?.click()}>{t('import.choose')}</button>
        <input
          ref={input} type="file" accept={ACCEPT} hidden data-import-file aria-label={t('import.choose')}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            event.currentTarget.value = '';
            if (file) void take(file);
          }}
        />
      </div>
    </section>
  );
}
