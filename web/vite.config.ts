// How the web app is built: hashed files under /assets/, no inlined fonts (the server's CSP allows
// only same-origin ones), ES module workers, and MapLibre in a chunk of its own.
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** MapLibre is most of the page and is asked for late: the browser is told at once to fetch it. */
const fetchMapEarly: Plugin = {
  name: 'fetch-map-early',
  transformIndexHtml: {
    order: 'post',
    handler: (_html, { bundle }) => Object.values(bundle ?? {}).flatMap((part) =>
      (part.type === 'chunk' && part.isDynamicEntry && part.name === 'view' ? [{ tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, href: `/${part.fileName}` }, injectTo: 'head' as const }] : [])),
  },
};

/** The server behind the dev server. */
const SERVER = process.env['DIABAN_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  base: '/',
  plugins: [fetchMapEarly],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: ['chrome123', 'firefox128', 'safari17.5'],
    assetsInlineLimit: 0,
    assetsDir: 'assets',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  worker: { format: 'es' },
  // The server takes edits from its own origin only; what the dev server forwards carries that one.
  server: { proxy: Object.fromEntries(['/api', '/tiles', '/styles', '/live', '/export', '/attachments'].map((path) => [path, { target: SERVER, changeOrigin: true, headers: { origin: SERVER } }])) },
  test: { include: ['test/**/*.test.ts'], environment: 'node' },
});
