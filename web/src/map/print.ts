// The map for a sheet of paper: a second map of exactly the sheet's box, drawn once at print
// resolution in the light theme, from the same style, filter and tiles, then thrown away.
import { Map as GlMap } from 'maplibre-gl';
import { PIN } from './pin';
import { DRAFT, SELECTED, anchorSource } from './style';
import * as store from '../state/store';
import { addPicture, styleOf } from './view';

/** Dots of the picture per CSS pixel (1/96 inch): 288 dots per inch. */
const RATIO = 3;
const WAIT_MS = 30_000;
const EQUATOR_M = 40_075_016.686;
const TILE_PX = 512;

export interface Picture {
  url: string;
  /** Metres on the ground per CSS pixel of the box, at its middle. */
  metresPerPx: number;
}

const settled = (map: GlMap): Promise<void> => new Promise((resolve, reject) => {
  const timer = setTimeout(() => reject(new Error('the map did not settle')), WAIT_MS);
  void map.once('idle').then(() => {
    clearTimeout(timer);
    resolve();
  });
});

const toBlob = (canvas: HTMLCanvasElement): Promise<Blob> => new Promise((resolve, reject) => {
  canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the map gave no picture'))), 'image/png');
});

/** What the page itself put on the map (names' anchors, the selection, a pin) has to be carried over. */
function carry(from: GlMap, style: Awaited<ReturnType<typeof styleOf>>): void {
  const shown = from.getStyle().sources;
  for (const id of [SELECTED, DRAFT, PIN, ...store.layers.peek().map((layer) => anchorSource(layer.id))]) {
    const source = shown[id];
    if (source?.type === 'geojson' && style.sources[id]) style.sources[id] = source;
  }
}

/** Draws what `from` shows into a box of CSS pixels. The caller frees the URL. */
export async function drawForPrint(from: GlMap, width: number, height: number): Promise<Picture> {
  const style = await styleOf(store.lang.peek(), 'light');
  carry(from, style);
  const container = document.createElement('div');
  container.className = 'print-stage';
  container.style.width = `${width}px`;
  container.style.height = `${height}px`;
  container.setAttribute('aria-hidden', 'true');
  document.body.append(container);
  const map = new GlMap({ container, style, bounds: from.getBounds(), fitBoundsOptions: { padding: 0 }, interactive: false, attributionControl: false, fadeDuration: 0, pixelRatio: RATIO, canvasContextAttributes: { preserveDrawingBuffer: true }, minZoom: 6, maxZoom: 21 });
  try {
    map.getCanvas().tabIndex = -1;
    map.setMissingStyleImageResolver((id) => addPicture(map, id, 'light'));
    await settled(map);
    const metresPerPx = (EQUATOR_M * Math.cos((map.getCenter().lat * Math.PI) / 180)) / (TILE_PX * 2 ** map.getZoom());
    return { url: URL.createObjectURL(await toBlob(map.getCanvas())), metresPerPx };
  } finally {
    map.remove();
    container.remove();
  }
}
