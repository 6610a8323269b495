// Pictures drawn on a canvas for the map and its legend: hatches (denser is worse) for areas, and
// marks (disc, half disc, ring, with a letter) for points. So no class is told by colour alone.
import type { Code } from '../api/types';

const HATCH_SIZE = 24;
const HATCH_STEP = [0, 24, 12, 8, 6];
const MARK_SIZE = 22;
const DRAW_RATIO = 2;

export interface Picture { width: number; height: number; data: Uint8ClampedArray }

function canvas(size: number): { context: CanvasRenderingContext2D; done: () => Picture } | null {
  const element = document.createElement('canvas');
  element.width = size * DRAW_RATIO;
  element.height = size * DRAW_RATIO;
  const context = element.getContext('2d', { willReadFrequently: true });
  if (!context) return null;
  context.scale(DRAW_RATIO, DRAW_RATIO);
  return { context, done: () => context.getImageData(0, 0, element.width, element.height) };
}

/** The colour of a code in a theme. */
export const colorOf = (code: Code | undefined, isDark: boolean, fallback: string): string =>
  (isDark ? (code?.dark ?? code?.color) : code?.color) ?? fallback;

/** Draws a hatch of density 0–4 that repeats without a seam; a code filled with `dots` is dotted. */
export function drawHatch(context: CanvasRenderingContext2D, size: number, code: Code, color: string): void {
  context.strokeStyle = color;
  context.fillStyle = color;
  if (code.fill === 'dots') {
    for (const [x, y] of [[3, 3], [9, 9], [15, 3], [21, 9], [3, 15], [9, 21], [15, 15], [21, 21]] as const) {
      if (x > size || y > size) continue;
      context.beginPath();
      context.arc(x, y, 0.9, 0, Math.PI * 2);
      context.fill();
    }
    return;
  }
  const density = Math.max(0, Math.min(4, Math.round(code.hatch ?? 0)));
  const step = HATCH_STEP[density] ?? 0;
  if (step === 0) return;
  context.lineWidth = density > 2 ? 1.3 : 1.1;
  context.beginPath();
  for (let start = -size; start <= size * 2; start += step) {
    context.moveTo(start, size + 1);
    context.lineTo(start + size + 2, -1);
  }
  context.stroke();
}

/** Draws the mark of a point: a full disc, a half disc or a ring, and its letter. */
export function drawMark(context: CanvasRenderingContext2D, size: number, code: Code, color: string, paper: string): void {
  const middle = size / 2;
  const radius = middle - 1.6;
  context.beginPath();
  context.arc(middle, middle, radius + 1.4, 0, Math.PI * 2);
  context.fillStyle = paper;
  context.fill();
  context.strokeStyle = color;
  context.lineWidth = 1.6;
  context.beginPath();
  context.arc(middle, middle, radius - 0.6, 0, Math.PI * 2);
  context.fillStyle = code.fill === 'full' || !code.fill ? color : paper;
  context.fill();
  if (code.fill === 'half') {
    context.beginPath();
    context.arc(middle, middle, radius - 0.6, 0, Math.PI);
    context.globalAlpha = 0.38;
    context.fillStyle = color;
    context.fill();
    context.globalAlpha = 1;
  }
  context.beginPath();
  context.arc(middle, middle, radius - 0.6, 0, Math.PI * 2);
  context.stroke();
  if (!code.letter) return;
  context.fillStyle = code.fill === 'full' || !code.fill ? paper : color;
  context.font = `600 ${size * 0.56}px "Be Vietnam Pro", sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(code.letter, middle, middle + size * 0.035);
}

/** The picture of `hatch-<layer>-<code>`. */
export function hatchPicture(code: Code, color: string): Picture | null {
  const drawing = canvas(HATCH_SIZE);
  if (!drawing) return null;
  drawHatch(drawing.context, HATCH_SIZE, code, color);
  return drawing.done();
}

/** The picture of `mark-<layer>-<code>`. */
export function markPicture(code: Code, color: string, paper: string): Picture | null {
  const drawing = canvas(MARK_SIZE);
  if (!drawing) return null;
  drawMark(drawing.context, MARK_SIZE, code, color, paper);
  return drawing.done();
}

export const PICTURE_RATIO = DRAW_RATIO;
