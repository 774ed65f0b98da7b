import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/**
 * The server delivers `dist` under a Content-Security-Policy of `default-src 'self'`, so nothing may end up inline: no
 * data: addresses for small files and no module-preload polyfill.
 */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: true,
    sourcemap: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ['chrome123', 'firefox120', 'safari17.5'],
  },
});
