// The palettes, computed from the layer definitions and the page's tokens: nothing is told apart by a
// colour that some eye cannot tell apart, and everything stands out from paper and base map.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import type { Code, Layer } from '../src/api/types';
import { hasMarks } from '../src/map/style';
import { TONES } from '../src/map/tones';
import { legendOf } from '../src/model/layers';
import type { ShownTheme } from '../src/state/store';
import { EYES, apart, blend, contrast, deltaE, lab, rgb, seenBy, type Rgb } from './colour-science';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = join(ROOT, 'data', 'layers');
const layers = readdirSync(FOLDER).filter((file) => file.endsWith('.toml')).map((file) => parse(readFileSync(join(FOLDER, file), 'utf8')) as unknown as Layer);
const data = layers.filter((layer) => (layer.purpose ?? 'data') === 'data' && layer.geometry !== 'none');
const base = layers.filter((layer) => layer.purpose === 'base');
const THEMES: ShownTheme[] = ['light', 'dark', 'contrast'];

const SYMBOL = 3;
const TEXT = 4.5;
/** Colours this far apart (CIEDE2000) are told apart side by side and in a legend. */
const DISTINCT = 10;
/** As in `server/src/style/paint.rs`: how strongly an area is filled. */
const FILLED = 0.72;
/** As in `map/style.ts`: the quiet edge around a coloured area. */
const EDGE = 0.5;

const inkOf = (layer: Layer, code: Code | undefined, theme: ShownTheme): Rgb => {
  const isDark = theme === 'dark';
  const own = isDark ? (layer.style?.dark ?? layer.style?.color) : layer.style?.color;
  return rgb((isDark ? (code?.dark ?? code?.color) : code?.color) ?? own ?? '#000000');
};
/** What is under the data: paper, and the areas of the base map. */
const grounds = (theme: ShownTheme): [string, Rgb][] => [
  ['paper', rgb(TONES[theme].paper)],
  ...base.flatMap((layer) => legendOf(layer).filter((code) => code.fill !== 'outline' && code.code !== 'place').map((code): [string, Rgb] => [code.code, inkOf(layer, code, theme)])),
];
const pairs = <T>(list: T[]): [T, T][] => list.flatMap((one, at) => list.slice(at + 1).map((other): [T, T] => [one, other]));
/** What a code is told by besides colour. */
const signOf = (code: Code): string => [code.fill ?? 'full', code.letter ?? '', code.hatch ?? 0, (code.dash ?? []).join(' ')].join('|');

describe('the science', () => {
  // Pairs 1, 7, 17, 19, 25, 33 of the published test data of Sharma, Wu and Dalal (2005).
  it('computes CIEDE2000 as published', () => {
    const published: [[number, number, number], [number, number, number], number][] = [
      [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
      [[50, 0, 0], [50, -1, 2], 2.3669],
      [[50, 2.5, 0], [73, 25, -18], 27.1492],
      [[50, 2.5, 0], [56, -27, -3], 31.903],
      [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
      [[6.7747, -0.2908, -2.4247], [5.8714, -0.0985, -2.2286], 0.6377],
    ];
    for (const [a, b, expected] of published) expect(deltaE(a, b)).toBeCloseTo(expected, 4);
  });
  it('keeps greys grey for every eye', () => {
    for (const eye of EYES) for (const value of seenBy(eye, rgb('#808080'))) expect(value).toBeCloseTo(128 / 255, 2);
  });
  it('sees what a deficiency cannot: red and green for protan and deutan, blue and green for tritan', () => {
    expect(apart('normal', rgb('#c0392b'), rgb('#6f7a1e'))).toBeGreaterThan(40);
    expect(apart('deutan', rgb('#c0392b'), rgb('#6f7a1e'))).toBeLessThan(15);
    expect(apart('tritan', rgb('#0072b2'), rgb('#00828c'))).toBeLessThan(apart('normal', rgb('#0072b2'), rgb('#00828c')) / 2);
  });
  it('computes contrast as WCAG does', () => {
    expect(contrast(rgb('#000000'), rgb('#ffffff'))).toBeCloseTo(21, 5);
    expect(contrast(rgb('#777777'), rgb('#ffffff'))).toBeCloseTo(4.48, 2);
    expect(lab(rgb('#ffffff'))[0]).toBeCloseTo(100, 3);
  });
});

describe.each(THEMES)('the legends in the %s theme', (theme) => {
  const paper = rgb(TONES[theme].paper);
  it('tell every two codes apart by a sign, or by colour for every eye', () => {
    const confused = data.flatMap((layer) => pairs(legendOf(layer)).flatMap(([a, b]) => {
      if (signOf(a) !== signOf(b)) return [];
      return EYES.filter((eye) => apart(eye, inkOf(layer, a, theme), inkOf(layer, b, theme)) < DISTINCT).map((eye) => `${layer.id}: ${a.code} and ${b.code} for a ${eye} eye`);
    }));
    expect(confused).toEqual([]);
  });
  it('tell filled areas apart by colour for every eye, even where hatch and letter do too', () => {
    const confused = data.filter((layer) => layer.geometry === 'polygon' && layer.style?.draw === 'fill').flatMap((layer) => {
      const filled = legendOf(layer).filter((code) => (code.fill ?? 'full') === 'full');
      return pairs(filled).flatMap(([a, b]) => {
        return EYES.filter((eye) => apart(eye, blend(inkOf(layer, a, theme), FILLED, paper), blend(inkOf(layer, b, theme), FILLED, paper)) < DISTINCT).map((eye) => `${layer.id}: ${a.code} and ${b.code} for a ${eye} eye`);
      });
    });
    expect(confused).toEqual([]);
  });
  it('grow darker as the class grows worse (lighter on dark paper is not asked)', () => {
    for (const layer of data.filter((one) => one.derived)) {
      const light = legendOf(layer).filter((code) => code.fill === 'full').map((code) => lab(blend(inkOf(layer, code, theme), FILLED, paper))[0]);
      if (theme !== 'dark') expect(light).toEqual(light.toSorted((a, b) => b - a));
    }
  });
});

describe.each(THEMES)('the map in the %s theme', (theme) => {
  it('draws marks, lines and dots that stand out from paper and base map', () => {
    const lost = data.filter((layer) => layer.geometry !== 'polygon').flatMap((layer) => {
      const codes = legendOf(layer);
      // A mark and a dot lie on a disc of their own paper; a line lies on the ground itself.
      const under: [string, Rgb][] = hasMarks(layer) ? [['its disc', rgb(TONES[theme].panel)], ...grounds(theme)] : grounds(theme);
      return (codes.length > 0 ? codes : [undefined]).flatMap((code) => under.filter(([, ground]) => contrast(inkOf(layer, code, theme), ground) < SYMBOL).map(([name]) => `${layer.id}: ${code?.code ?? 'all'} on ${name}`));
    });
    expect(lost).toEqual([]);
  });
  it('writes letters on marks that can be read', () => {
    const lost = data.filter(hasMarks).flatMap((layer) => legendOf(layer).filter((code) => code.letter && contrast(inkOf(layer, code, theme), rgb(TONES[theme].panel)) < TEXT).map((code) => `${layer.id}: ${code.code}`));
    expect(lost).toEqual([]);
  });
  it('draws an edge around every area that stands out from the paper', () => {
    const ink = rgb(TONES[theme].ink);
    for (const [name, ground] of grounds(theme).slice(0, 1)) expect([name, contrast(blend(ink, EDGE, ground), ground) >= SYMBOL]).toEqual([name, true]);
    const outlines = data.filter((layer) => layer.geometry === 'polygon' && layer.style?.draw === 'outline');
    const lost = outlines.flatMap((layer) => (legendOf(layer).length > 0 ? legendOf(layer) : [undefined]).flatMap((code) => grounds(theme).filter(([, ground]) => contrast(inkOf(layer, code, theme), ground) < SYMBOL).map(([name]) => `${layer.id}: ${code?.code ?? 'all'} on ${name}`)));
    expect(lost).toEqual([]);
  });
  it('keeps the base map quieter than any mark', () => {
    const paper = rgb(TONES[theme].paper);
    for (const [, ground] of grounds(theme)) expect(contrast(ground, paper)).toBeLessThan(SYMBOL / 1.5);
  });
});

/** The custom properties of a theme, its own over the common ones. */
function tokens(theme: ShownTheme): Record<string, string> {
  const css = readFileSync(join(ROOT, 'web', 'src', 'styles', 'tokens.css'), 'utf8');
  const block = (selector: string): string => css.split(`${selector} {`)[1]?.split('}')[0] ?? '';
  const read = (text: string): [string, string][] => [...text.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((match) => [match[1] ?? '', match[2] ?? '']);
  return Object.fromEntries([...read(block(':root')), ...(theme === 'light' ? [] : read(block(`:root[data-theme="${theme}"]`)))]);
}

describe.each(THEMES)('the page in the %s theme', (theme) => {
  const token = tokens(theme);
  const of = (name: string): Rgb => rgb(token[name] ?? '');
  it('shares its colours with the map', () => {
    expect({ paper: token['surface'], panel: token['panel'], ink: token['ink'], accent: token['accent'] }).toEqual(TONES[theme]);
  });
  it('has text that can be read on every surface', () => {
    const texts = ['ink', 'ink-2', 'accent', 'danger', 'warn'];
    const surfaces = ['surface', 'panel', 'raised'];
    const lost = texts.flatMap((text) => surfaces.filter((surface) => contrast(of(text), of(surface)) < TEXT).map((surface) => `${text} on ${surface}`));
    expect(lost).toEqual([]);
    for (const [text, ground] of [['accent-ink', 'accent'], ['accent', 'accent-soft'], ['ink', 'accent-soft'], ['danger', 'danger-soft']] as const) expect([text, contrast(of(text), of(ground)) >= TEXT]).toEqual([text, true]);
  });
  it('has edges of controls and a focus ring that stand out', () => {
    for (const name of ['line-strong', 'accent']) for (const surface of ['surface', 'panel']) expect([name, surface, contrast(of(name), of(surface)) >= SYMBOL]).toEqual([name, surface, true]);
  });
  it('is AAA for text in high contrast', () => {
    if (theme === 'contrast') for (const text of ['ink', 'ink-2', 'accent', 'danger', 'warn']) expect([text, contrast(of(text), of('panel')) >= 7]).toEqual([text, true]);
  });
});
