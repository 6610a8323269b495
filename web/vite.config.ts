// How the web app is built: hashed files under /assets/, no inlined fonts (the server's CSP allows
// only same-origin ones), ES module workers, and MapLibre in a chunk of its own.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: ['chrome123', 'firefox128', 'safari17.5'],
    assetsInlineLimit: 0,
    assetsDir: 'assets',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  worker: { format: 'es' },
  server: { proxy: Object.fromEntries(['/api', '/tiles', '/styles', '/live', '/export'].map((path) => [path, process.env['DIABAN_URL'] ?? 'http://127.0.0.1:8080'])) },
  test: { include: ['test/**/*.test.ts'], environment: 'node' },
});
