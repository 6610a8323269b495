// "Dữ liệu": files in and out. Each layer as a file under the current filter and day, the link to this
// view, and the import assistant, which takes the room while a file is open.
import { t, title } from '../i18n';
import { showDay } from '../model/days';
import { importable } from '../model/importing';
import { layerParams } from '../model/query';
import { counts } from '../state/counts';
import * as importing from '../state/importing';
import { copyLink, exportUrl } from '../state/share';
import * as store from '../state/store';
import { Icon } from './icons';
import { Assistant } from './import/Assistant';
import { DropZone } from './import/DropZone';
import { PastImports } from './import/PastImports';

const FORMATS = ['geojson', 'csv'] as const;

export function DataPanel() {
  const shown = store.layers.value.toSorted((a, b) => Number(store.isVisible(b.id)) - Number(store.isVisible(a.id)));
  if (importing.file.value) return <Assistant file={importing.file.value} />;
  return (
    <div class="panel-body">
      {importable(store.layers.value).length > 0 && <DropZone />}
      <header class="panel-head">
        <h2>{t('data.title')}</h2>
        <p class="hint">{t('data.intro', { day: showDay(store.asOf.value) })}</p>
      </header>
      <ul class="exports">
        {shown.map((layer) => {
          const name = title(layer.title);
          const count = counts.value[layer.id];
          return (
            <li key={layer.id}>
              <span class="export-name">{name}<span class="faint small">{count ? t('data.rows', { n: count.count }) : ''}</span></span>
              {FORMATS.map((format) => (
                <a key={format} class="quiet" href={exportUrl(layer.id, format, layerParams(layer, store.view.value))} download={`${layer.id}.${format}`} aria-label={t('data.export', { layer: name, format: t(`data.${format}`) })}>{t(`data.${format}`)}</a>
              ))}
            </li>
          );
        })}
      </ul>
      <h3 class="group-title">{t('data.link')}</h3>
      <button type="button" class="secondary" onClick={() => { void copyLink(); }}><Icon name="link" size={16} />{t('data.copy')}</button>
      <PastImports />
    </div>
  );
}
