import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/**
 * What every page needs, and what is small and shared: it goes into one file. Each of many small ones would be asked for by
 * itself, compressed by itself, and name what it has of the others.
 */
const BASE = new RegExp(
  [
    '/web/src/ui/(?:button|dialog|field|icon|lazy|logo|menu|meter|toasts|tooltip)',
    '/web/src/components/(?:avatar|copy-link|device-selects|host/host-menu|invite-text|notice|path-badge|quality)',
    '/web/src/components/(?:sound-mode|speaker-test|top-bar)',
    '/web/src/i18n/(?:index|format|en|en-access)',
    '/web/src/media/(?:audio-out|test-tone)',
    '/web/src/state/(?:people|use-call)',
    '/web/src/(?:credentials|device-help|device-labels|errors|prefs|room-input|router|storage|theme)',
    '/client/src/(?:http|local/[a-z-]+)',
    '/protocol/src/amphi-error',
  ]
    .map((path) => `(?:${path}\\.tsx?$)`)
    .join('|'),
);

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
