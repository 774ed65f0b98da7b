import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const manifestSchema = z.record(
  z.string(),
  z.object({ file: z.string(), imports: z.array(z.string()).default([]), css: z.array(z.string()).default([]) }),
);
type Manifest = z.infer<typeof manifestSchema>;

const PAGE = 'index.html';
/** What the page loads when it finds that an event is to be watched. */
const WATCH = 'src/watch/watch-page.tsx';

/**
 * The page of an event's watch link: the app's page, with what the app would only find out later that it needs. Whoever
 * follows the link waits for the picture, and each part that is found one after the other is another round trip.
 */
export function createWatchHtml(
  webRoot: string,
): (page: Uint8Array, version: string, image?: string) => Promise<string> {
  let known: { version: string; html: Promise<string> } | undefined;

  async function make(page: Uint8Array): Promise<string> {
    const links = await readFile(join(webRoot, '.vite', 'manifest.json'), 'utf8').then(
      (text) => linksOf(manifestSchema.parse(JSON.parse(text))),
      // Without one everything is found all the same, only later.
      () => [],
    );
    return Buffer.from(page)
      .toString()
      .replace('</head>', `${links.join('\n')}</head>`);
  }

  /**
   * @param version Another one when the page is another one.
   * @param image   The address of what is to be seen, for those who show a picture of what a link leads to.
   */
  return async (page, version, image) => {
    if (known?.version !== version) known = { version, html: make(page) };
    const html = await known.html;
    return image === undefined ? html : html.replace('</head>', `${pictureTags(image)}</head>`);
  };
}

/** What chat programs and networks read (ogp.me). The address has been made of what needs no escaping. */
function pictureTags(image: string): string {
  return (
    `<meta property="og:type" content="video.other"><meta property="og:title" content="Amphi">` +
    `<meta property="og:image" content="${image}"><meta name="twitter:card" content="summary_large_image">`
  );
}

/** Links to all that the watch page needs and the app's page does not name. */
export function linksOf(manifest: Manifest): string[] {
  const there = loadedWith(manifest, PAGE);
  const wanted = [...loadedWith(manifest, WATCH)].filter((key) => !there.has(key));
  const chunks = wanted.flatMap((key) => manifest[key] ?? []);
  return [
    ...chunks.map(({ file }) => `<link rel="modulepreload" crossorigin href="/${file}">`),
    ...chunks.flatMap(({ css }) => css.map((file) => `<link rel="stylesheet" crossorigin href="/${file}">`)),
  ];
}

/** The chunks that `key` loads at once: itself and what it imports statically. */
function loadedWith(manifest: Manifest, key: string, seen = new Set<string>()): Set<string> {
  const chunk = manifest[key];
  if (!chunk || seen.has(key)) return seen;
  seen.add(key);
  for (const imported of chunk.imports) loadedWith(manifest, imported, seen);
  return seen;
}
