import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/**
 * What every page needs, and nothing else: it goes into one file. Each of many small ones would be compressed by itself, and
 * name what it has of the others.
 */
const BASE =
  /\/web\/src\/(?:ui\/(?:button|field|icon|lazy|logo|menu|toasts|tooltip)|components\/(?:copy-link|notice|top-bar)|i18n\/(?:index|format|en|en-access)|errors|router|storage|theme)\.tsx?$/;

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
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'base', test: BASE }] } } },
    target: ['chrome123', 'firefox120', 'safari17.5'],
  },
});
