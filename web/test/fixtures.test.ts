// The suite of valid and invalid tiles that writers of decoders share, before the decoder the map is built on: what is valid
// is read as the suite says, and nothing that is not makes it read on for ever.
import { readFileSync, readdirSync } from 'node:fs';
import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { describe, expect, test } from 'vitest';

const SUITE = new URL('../node_modules/@mapbox/mvt-fixtures/fixtures/', import.meta.url);

interface Told { layers?: { name: string; keys: string[]; values: Record<string, unknown>[]; features: { id?: number; tags?: number[]; type?: number; geometry: number[] }[] }[] }
type Read = { id: number | undefined; properties: Record<string, unknown>; places: number }[];

const json = <T>(fixture: string, name: string): T => JSON.parse(readFileSync(new URL(`${fixture}/${name}`, SUITE), 'utf8')) as T;

function read(fixture: string): Map<string, Read> {
  const tile = new VectorTile(new PbfReader(readFileSync(new URL(`${fixture}/tile.mvt`, SUITE))));
  return new Map(Object.entries(tile.layers).map(([name, layer]) => [name, Array.from({ length: layer.length }, (_, at) => {
    const feature = layer.feature(at);
    return { id: feature.id, properties: feature.properties, places: feature.loadGeometry().flat().length };
  })]));
}

/** How many places the commands name; a ring that closes is told with its first place once more. */
function placesOf(commands: number[]): number {
  let places = 0;
  for (let at = 0; at < commands.length;) {
    const command = commands[at] ?? 0;
    const count = command >>> 3;
    places += (command & 7) === 7 ? 1 : count;
    at += (command & 7) === 7 ? 1 : 1 + 2 * count;
  }
  return places;
}

/** Called valid by the suite, and a line that closes, of an older specification (061), or half a thousand million places of which one is there (057). */
const DISPUTED = ['057', '061'];

describe('@mapbox/vector-tile and the shared fixtures', () => {
  const all = readdirSync(SUITE).toSorted();
  const isValid = (fixture: string) => json<{ validity: { v2: boolean } }>(fixture, 'info.json').validity.v2 && !DISPUTED.includes(fixture);

  test.each(all.filter(isValid))('%s is read as the suite says', (fixture) => {
    const found = read(fixture);
    // A layer without features is no layer to it.
    const told = (json<Told>(fixture, 'tile.json').layers ?? []).filter((layer) => layer.features.length > 0);
    expect([...found.keys()]).toEqual(told.map((layer) => layer.name));
    for (const layer of told) {
      const features = found.get(layer.name) ?? [];
      expect(features.length).toBe(layer.features.length);
      for (const [at, feature] of layer.features.entries()) {
        const tags = feature.tags ?? [];
        const pairs = tags.flatMap((key, n) => (n % 2 === 0 ? [[layer.keys[key], Object.values(layer.values[tags[n + 1] ?? -1] ?? {})[0]] as const] : []));
        expect(Object.keys(features[at]?.properties ?? {})).toEqual(pairs.map(([key]) => key));
        for (const [key, value] of pairs) {
          const read = features[at]?.properties[String(key)];
          if (typeof value === 'number' && typeof read === 'number') expect(read).toBeCloseTo(value, 3);
          else expect(String(read)).toBe(String(value));
        }
        expect(features[at]?.id ?? 0).toBe(feature.id ?? 0);
        expect(features[at]?.places).toBe(placesOf(feature.geometry));
      }
    }
  });

  test.each(all.filter((fixture) => !isValid(fixture)))('%s comes to an end', (fixture) => {
    try {
      expect(read(fixture).size).toBeLessThanOrEqual(2);
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
  });

  test('the suite is there', () => { expect(all.length).toBeGreaterThan(70); });
});
