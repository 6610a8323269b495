// The legend's picture of a code or a layer: the same colour, hatch, shape and letter as on the map,
// drawn by the same functions.
import { useEffect, useRef } from 'preact/hooks';
import type { Code, Layer } from '../api/types';
import { hasMarks, inksOf } from '../map/style';
import { drawHatch, drawMark } from '../map/marks';
import { TONES } from '../map/tones';
import { shownTheme, type ShownTheme } from '../state/store';

const WIDTH = 24;
const HEIGHT = 18;

function drawArea(context: CanvasRenderingContext2D, code: Code, color: string, theme: ShownTheme, isOutline: boolean): void {
  const isPaper = isOutline || code.fill === 'outline' || code.fill === 'dots';
  context.save();
  context.beginPath();
  context.rect(1, 1, WIDTH - 2, HEIGHT - 2);
  context.clip();
  context.globalAlpha = isPaper ? 0.08 : 0.55;
  context.fillStyle = color;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  context.globalAlpha = 0.9;
  drawHatch(context, 24, code, color);
  context.restore();
  context.strokeStyle = color;
  context.lineWidth = 1.25;
  context.strokeRect(1, 1, WIDTH - 2, HEIGHT - 2);
  if (!code.letter) return;
  context.font = '600 10.5px "Be Vietnam Pro", sans-serif';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineWidth = 2.5;
  context.lineJoin = 'round';
  context.strokeStyle = TONES[theme].panel;
  context.strokeText(code.letter, WIDTH / 2, HEIGHT / 2 + 0.5);
  context.fillStyle = TONES[theme].ink;
  context.fillText(code.letter, WIDTH / 2, HEIGHT / 2 + 0.5);
}

function drawLine(context: CanvasRenderingContext2D, color: string): void {
  context.strokeStyle = color;
  context.lineWidth = 2.5;
  context.lineCap = 'round';
  context.beginPath();
  context.moveTo(3, HEIGHT - 5);
  context.lineTo(9, 5);
  context.lineTo(13, HEIGHT - 6);
  context.lineTo(WIDTH - 3, 4);
  context.stroke();
}

function drawDot(context: CanvasRenderingContext2D, color: string, paper: string): void {
  context.beginPath();
  context.arc(WIDTH / 2, HEIGHT / 2, 4.5, 0, Math.PI * 2);
  context.fillStyle = color;
  context.fill();
  context.strokeStyle = paper;
  context.lineWidth = 1;
  context.stroke();
}

function draw(context: CanvasRenderingContext2D, layer: Layer, code: Code, theme: ShownTheme): void {
  const { color, paper } = inksOf(layer, code.code, theme);
  if (hasMarks(layer)) {
    context.translate((WIDTH - HEIGHT) / 2, 0);
    drawMark(context, HEIGHT, code, color, paper);
  } else if (layer.geometry === 'polygon') drawArea(context, code, color, theme, layer.style?.draw === 'outline');
  else if (layer.geometry === 'line' || layer.style?.draw === 'line') drawLine(context, color);
  else drawDot(context, color, paper);
}

/** `theme`: for paper, which is light whatever the screen is. */
export function Swatch({ layer, code, theme: own }: { layer: Layer; code?: Code; theme?: ShownTheme }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const theme = own ?? shownTheme.value;
  useEffect(() => {
    const context = ref.current?.getContext('2d');
    if (!context) return;
    context.setTransform(2, 0, 0, 2, 0, 0);
    context.clearRect(0, 0, WIDTH, HEIGHT);
    draw(context, layer, code ?? { code: '', vi: '', en: '' }, theme);
  }, [layer, code, theme]);
  return <canvas ref={ref} class="swatch" width={WIDTH * 2} height={HEIGHT * 2} aria-hidden="true" />;
}
