import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createWatchHtml } from './watch-html.ts';

const PAGE = '<html>\n  <head>\n    <title>Amphi</title>\n  </head>\n</html>\n';
const BYTES = Buffer.from(PAGE);
const MANIFEST = {
  'index.html': { file: 'assets/index.js', imports: ['_base.js'], css: ['assets/index.css'] },
  '_base.js': { file: 'assets/base.js' },
  '_dialog.js': { file: 'assets/dialog.js', imports: ['_base.js', '_dialog.js'], css: ['assets/dialog.css'] },
  'src/watch/watch-page.tsx': {
    ...{ file: 'assets/watch.js', imports: ['_base.js', '_dialog.js'], css: ['assets/watch.css'] },
    dynamicImports: ['src/watch/hls-js.ts'],
  },
  'src/watch/hls-js.ts': { file: 'assets/hls.js' },
};

let webRoot: string;
beforeEach(() => (webRoot = mkdtempSync(join(tmpdir(), 'amphi-web-'))));
afterEach(() => rmSync(webRoot, { recursive: true }));

function build(manifest: object): void {
  mkdirSync(join(webRoot, '.vite'), { recursive: true });
  writeFileSync(join(webRoot, '.vite', 'manifest.json'), JSON.stringify(manifest));
}

test('the page names what watching needs, and not again what the app names already', async () => {
  build(MANIFEST);
  const html = await createWatchHtml(webRoot)(BYTES, '1');
  const hrefs = [...html.matchAll(/<link rel="(\w+)" crossorigin href="([^"]+)">/g)].map(([, rel, href]) => [
    rel,
    href,
  ]);
  expect(hrefs).toEqual([
    ['modulepreload', '/assets/watch.js'],
    ['modulepreload', '/assets/dialog.js'],
    ['stylesheet', '/assets/watch.css'],
    ['stylesheet', '/assets/dialog.css'],
  ]);
  expect(html.indexOf('/assets/watch.js')).toBeLessThan(html.indexOf('</head>'));
});

test('another build makes another page; a build without a manifest the app’s own', async () => {
  const watchHtml = createWatchHtml(webRoot);
  expect(await watchHtml(BYTES, '1')).toBe(PAGE);
  build(MANIFEST);
  expect(await watchHtml(BYTES, '1')).toBe(PAGE);
  expect(await watchHtml(BYTES, '2')).toContain('/assets/watch.js');
});

test('a picture of what is live stands in the page of that event only', async () => {
  const watchHtml = createWatchHtml(webRoot);
  const image = 'https://amphi.example/live/lab/thumb.jpg';
  expect(await watchHtml(BYTES, '1', image)).toContain(`<meta property="og:image" content="${image}">`);
  expect(await watchHtml(BYTES, '1')).toBe(PAGE);
});
