// Colour as an eye sees it, for the tests of the palettes: sRGB, contrast (WCAG 2), CIELAB with
// CIEDE2000, and the three colour deficiencies of Machado, Oliveira and Fernandes (2009), severity 1.

export type Rgb = [number, number, number];

/** `#rrggbb` as numbers from 0 to 1. */
export function rgb(hex: string): Rgb {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (!match) throw new Error(`not a colour: ${hex}`);
  return [match[1], match[2], match[3]].map((pair) => Number.parseInt(pair ?? '', 16) / 255) as Rgb;
}

const linear = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const gamma = (value: number): number => (value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055);
const each = (color: Rgb, change: (value: number) => number): Rgb => color.map(change) as Rgb;

/** What is seen when `over` lies on `under` with an opacity. */
export const blend = (over: Rgb, opacity: number, under: Rgb): Rgb => over.map((value, at) => value * opacity + (under[at] ?? 0) * (1 - opacity)) as Rgb;

function luminance(color: Rgb): number {
  const [r, g, b] = each(color, linear);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG contrast, 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

type Matrix = readonly [Rgb, Rgb, Rgb];
const MACHADO: Record<'protan' | 'deutan' | 'tritan', Matrix> = {
  protan: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deutan: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritan: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

export type Eye = 'normal' | keyof typeof MACHADO;
export const EYES: readonly Eye[] = ['normal', 'protan', 'deutan', 'tritan'];

/** The colour as this eye sees it. */
export function seenBy(eye: Eye, color: Rgb): Rgb {
  if (eye === 'normal') return color;
  const light = each(color, linear);
  const row = (weights: Rgb): number => weights.reduce((sum, weight, at) => sum + weight * (light[at] ?? 0), 0);
  return MACHADO[eye].map((weights) => gamma(Math.min(1, Math.max(0, row(weights))))) as Rgb;
}

export type Lab = [number, number, number];

/** CIELAB under D65. */
export function lab(color: Rgb): Lab {
  const [r, g, b] = each(color, linear);
  const f = (t: number): number => (t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29);
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const RAD = Math.PI / 180;
const angle = (b: number, a: number): number => (a === 0 && b === 0 ? 0 : (Math.atan2(b, a) / RAD + 360) % 360);

/** CIEDE2000 (Sharma, Wu, Dalal 2005). */
export function deltaE([l1, a1, b1]: Lab, [l2, a2, b2]: Lab): number {
  const mean = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2;
  const g = 0.5 * (1 - Math.sqrt(mean ** 7 / (mean ** 7 + 25 ** 7)));
  const [x1, x2] = [a1 * (1 + g), a2 * (1 + g)];
  const [c1, c2] = [Math.hypot(x1, b1), Math.hypot(x2, b2)];
  const [h1, h2] = [angle(b1, x1), angle(b2, x2)];
  const isGrey = c1 * c2 === 0;
  let turn = isGrey ? 0 : h2 - h1;
  if (turn > 180) turn -= 360;
  else if (turn < -180) turn += 360;
  const hue = 2 * Math.sqrt(c1 * c2) * Math.sin((turn / 2) * RAD);
  const [l, c] = [(l1 + l2) / 2, (c1 + c2) / 2];
  const sum = h1 + h2;
  const h = isGrey ? sum : Math.abs(h1 - h2) <= 180 ? sum / 2 : sum < 360 ? (sum + 360) / 2 : (sum - 360) / 2;
  const t = 1 - 0.17 * Math.cos((h - 30) * RAD) + 0.24 * Math.cos(2 * h * RAD) + 0.32 * Math.cos((3 * h + 6) * RAD) - 0.2 * Math.cos((4 * h - 63) * RAD);
  const sl = 1 + (0.015 * (l - 50) ** 2) / Math.sqrt(20 + (l - 50) ** 2);
  const sc = 1 + 0.045 * c;
  const sh = 1 + 0.015 * c * t;
  const rotation = -Math.sin(60 * Math.exp(-(((h - 275) / 25) ** 2)) * RAD) * 2 * Math.sqrt(c ** 7 / (c ** 7 + 25 ** 7));
  return Math.sqrt(((l2 - l1) / sl) ** 2 + ((c2 - c1) / sc) ** 2 + (hue / sh) ** 2 + rotation * ((c2 - c1) / sc) * (hue / sh));
}

/** How far apart two colours are for an eye. */
export const apart = (eye: Eye, a: Rgb, b: Rgb): number => deltaE(lab(seenBy(eye, a)), lab(seenBy(eye, b)));
