// The style the page gives MapLibre, label points and the tiles a change touches: pure functions.
import type { StyleSpecification } from 'maplibre-gl';
import { describe, expect, it } from 'vitest';
import { faded, scaled } from '../src/map/fade';
import { boundsOf, labelPoint } from '../src/map/shapes';
import { dressStyle, inksOf, tileUrl } from '../src/map/style';
import { tilesOf } from '../src/map/tiles';
import { areas, cases } from './sample';

const served: StyleSpecification = {
  version: 8,
  glyphs: 'https://elsewhere.example/{fontstack}/{range}.pbf',
  sources: { areas: { type: 'vector', tiles: ['/tiles/areas/{z}/{x}/{y}'] }, cases: { type: 'vector', url: '/tiles/cases' } },
  layers: [
    { id: 'areas-fill', type: 'fill', source: 'areas', 'source-layer': 'areas' },
    { id: 'areas-label', type: 'symbol', source: 'areas', 'source-layer': 'areas', layout: { 'text-font': ['Elsewhere'] } },
    { id: 'cases-circle', type: 'circle', source: 'cases', 'source-layer': 'cases' },
  ],
};
const view = { asOf: '2023-05-01', period: 'all', filters: { cases: { state: ['found'] } } };
const dressed = dressStyle(served, { layers: [areas, cases], visible: ['areas'], view, order: ['cases', 'areas'], opacity: { areas: 40 }, base: [], hasBase: true, theme: 'light', origin: 'http://127.0.0.1:8080', fonts: {} });
const byId = new Map(dressed.layers.map((layer) => [layer.id, layer]));

describe('the style', () => {
  it('asks no other host', () => {
    expect(JSON.stringify(dressed)).not.toContain('elsewhere');
    expect(dressed.glyphs).toBeUndefined();
  });
  it('puts filter and day into the tile address', () => {
    expect(tileUrl(cases, view, '')).toBe('/tiles/cases/{z}/{x}/{y}?datetime=..%2F2023-05-01&state=found');
    expect(dressed.sources['areas']).toMatchObject({ tiles: ['http://127.0.0.1:8080/tiles/areas/{z}/{x}/{y}?datetime=2023-05-01'] });
    expect(dressed.sources['cases']).not.toHaveProperty('url');
  });
  it('asks the base map from its own origin', () => {
    const ground = dressStyle({ version: 8, sources: { ground: { type: 'vector', tiles: ['http://ward.example:8080/tiles/ground/{z}/{x}/{y}?kind=water'] } }, layers: [{ id: 'ground-area', type: 'fill', source: 'ground', 'source-layer': 'ground' }] }, { layers: [areas], visible: [], view, order: ['areas'], opacity: {}, base: [{ ...areas, id: 'ground', purpose: 'base' }], hasBase: false, theme: 'dark', origin: 'http://127.0.0.1:8080', fonts: {} });
    expect(ground.sources['ground']).toMatchObject({ tiles: ['http://127.0.0.1:8080/tiles/ground/{z}/{x}/{y}?kind=water'] });
    expect(ground.layers.find((layer) => layer.id === 'ground-area')?.layout?.visibility).toBe('none');
  });
  it('takes the pictures of a basemap from its own origin and hides them with the base map', () => {
    const dressing = { layers: [areas], visible: [], view, order: ['areas'], opacity: {}, base: [], theme: 'light' as const, origin: 'http://127.0.0.1:8080', fonts: {} };
    const style: StyleSpecification = { version: 8, sources: { 'basemap-air': { type: 'raster', tiles: ['http://ward.example/basemaps/air/{z}/{x}/{y}'] } }, layers: [{ id: 'basemap-air', type: 'raster', source: 'basemap-air' }] };
    const shown = dressStyle(style, { ...dressing, hasBase: true });
    expect(shown.sources['basemap-air']).toMatchObject({ type: 'raster', tiles: ['http://127.0.0.1:8080/basemaps/air/{z}/{x}/{y}'] });
    const visibility = (hasBase: boolean) => dressStyle(style, { ...dressing, hasBase }).layers.find((layer) => layer.id === 'basemap-air')?.layout?.visibility;
    expect([visibility(true), visibility(false)]).toEqual([undefined, 'none']);
  });
  it('hides what is not chosen', () => {
    expect(byId.get('areas-fill')?.layout?.visibility).toBe('visible');
    expect(byId.get('cases-mark')?.layout?.visibility).toBe('none');
  });
  it('draws points as marks and area names from anchors, once', () => {
    expect(byId.has('cases-circle')).toBe(false);
    expect(dressed.layers.filter((layer) => layer.id === 'areas-label')).toHaveLength(1);
    expect(byId.get('areas-label')).toMatchObject({ source: 'areas-anchor' });
    expect(JSON.stringify(byId.get('areas-label'))).toContain('"key","T"');
  });
  it('takes the inks from the code', () => expect(inksOf(areas, 'key', 'light').color).toBe('#7a2b05'));
});

describe('order and opacity', () => {
  const at = (id: string): number => dressed.layers.findIndex((layer) => layer.id === id);
  it('draws from the bottom of the order up, names over all shapes', () => {
    expect(at('areas-fill')).toBeLessThan(at('cases-mark'));
    expect(at('cases-mark')).toBeLessThan(at('areas-label'));
  });
  it('makes a layer fainter and remembers what it was', () => {
    expect(byId.get('areas-fill')).toMatchObject({ paint: { 'fill-opacity': 0.4 }, metadata: { own: {} } });
    expect(faded('fill', {}, 100)).toEqual({ 'fill-opacity': 1 });
  });
  it('keeps an expression of zoom outermost', () => {
    expect(scaled(['interpolate', ['linear'], ['zoom'], 10, 0.2, 14, ['case', true, 0.5, 1]], 0.5)).toEqual(['interpolate', ['linear'], ['zoom'], 10, 0.1, 14, ['*', 0.5, ['case', true, 0.5, 1]]]);
    expect(scaled(['step', ['zoom'], 1, 12, 0.5], 0.5)).toEqual(['step', ['zoom'], 0.5, 12, 0.25]);
    expect(scaled(['get', 'x'], 0.5)).toEqual(['*', 0.5, ['get', 'x']]);
  });
});

describe('shapes', () => {
  it('puts a label inside a bent polygon', () => {
    const bent = [[[0, 0], [10, 0], [10, 2], [2, 2], [2, 10], [0, 10], [0, 0]]];
    const [x = 0, y = 0] = labelPoint({ type: 'Polygon', coordinates: bent }) ?? [];
    expect((x < 2 && y < 10) || (y < 2 && x < 10)).toBe(true);
  });
  it('boxes any geometry', () => expect(boundsOf({ type: 'LineString', coordinates: [[3, 4], [1, 9]] })).toEqual([1, 4, 3, 9]));
});

describe('changed tiles', () => {
  const sight = { zoom: 3.4, west: 0.1, north: 0.1, east: 0.6, south: 0.3 };
  it('lists the ranges that a map in sight of them may hold', () => {
    expect(tilesOf({ tiles: { 3: [[1, 1, 2, 1]], 9: [[1, 1, 2, 1]] } }, sight)).toEqual([{ z: 3, x: 1, y: 1 }, { z: 3, x: 2, y: 1 }]);
    const around = [0, 1, 2, 3].flatMap((x) => [0, 1, 2].map((y) => ({ z: 2, x, y })));
    expect(tilesOf({ tiles: { 3: [[7, 7, 7, 7]], 2: [[0, 0, 3, 3]] } }, sight)).toEqual(around);
    expect(tilesOf({ tiles: { 18: [[0, 0, 500, 500]] } }, sight)).toEqual([]);
  });
  it('tells that nothing drawn changed from not being told', () => {
    expect(tilesOf({ tiles: {} }, sight)).toEqual([]);
    expect(tilesOf({}, sight)).toBeNull();
  });
});
