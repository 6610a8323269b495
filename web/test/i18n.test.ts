// Both languages say everything, with the same blanks, and no text is written into a component.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { en } from '../src/i18n/en';
import { vi } from '../src/i18n/vi';

const SRC = join(import.meta.dirname, '..', 'src');
const files = (folder: string): string[] => readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? files(join(folder, entry.name)) : [join(folder, entry.name)]));
const sources = files(SRC).filter((file) => /\.tsx?$/.test(file));
const blanks = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].toSorted();

/** Texts between tags and in spoken or shown attributes that are not taken from the tables. */
function literalsIn(source: string): string[] {
  const code = source.replaceAll(/^\s*\/\/.*$/gm, '').replaceAll('=>', '  ');
  const between = [...code.matchAll(/>([^<>{}=;()]*\p{L}{2,}[^<>{}=;()]*)<\/?[A-Za-z]/gu)].map((match) => match[1]?.trim() ?? '');
  const attributes = [...code.matchAll(/(?:aria-label|title|alt|aria-valuetext)="([^"]*\p{L}[^"]*)"/gu)].map((match) => match[1] ?? '');
  return [...between, ...attributes].filter((text) => text !== '');
}

describe('i18n', () => {
  it('has the same keys in both languages', () => expect(Object.keys(en).toSorted()).toEqual(Object.keys(vi).toSorted()));
  it('has the same blanks in both languages', () => {
    for (const key of Object.keys(vi) as (keyof typeof vi)[]) expect([key, ...blanks(en[key])]).toEqual([key, ...blanks(vi[key])]);
  });
  it('leaves no text empty', () => {
    for (const text of [...Object.values(vi), ...Object.values(en)]) expect(text.trim()).not.toBe('');
  });
  it('finds a planted literal', () => {
    expect(literalsIn('const a = () => <p class="x">Xin chào</p>;')).toEqual(['Xin chào']);
    expect(literalsIn('<button aria-label="Close it" />')).toEqual(['Close it']);
    expect(literalsIn('<p>{t("a.b")}</p>')).toEqual([]);
  });
  it('has no literal text in any component', () => {
    const components = sources.filter((file) => file.endsWith('.tsx'));
    expect(components.length).toBeGreaterThan(10);
    const found = components.flatMap((file) => literalsIn(readFileSync(file, 'utf8')).map((text) => `${file.slice(SRC.length)}: ${text}`));
    expect(found).toEqual([]);
  });
  it('uses every key', () => {
    const all = sources.filter((file) => !/\/i18n\/(\w+\.)?(vi|en)\.ts$/.test(file)).map((file) => readFileSync(file, 'utf8')).join('\n');
    // Keys put together while running: every key that begins like a template is taken as used.
    const begins = [...all.matchAll(/[`']([a-z_]+\.[a-z_]*)\$\{/g)].map((match) => match[1] ?? '');
    const unused = Object.keys(vi).filter((key) => !begins.some((begin) => key.startsWith(begin)) && !all.includes(`'${key}'`));
    expect(unused.filter((key) => !/^data\.(geojson|csv)$/.test(key))).toEqual([]);
  });
});
