import { extname } from 'node:path';
import { AmphiError } from '@amphi/protocol';
import type { Library } from '@amphi/egress';
import { Hono } from 'hono';

const TYPES: Readonly<Record<string, string>> = { '.webm': 'video/webm', '.mp4': 'video/mp4', '.jpg': 'image/jpeg' };

/** Downloads of recordings, by signed links only; in ranges (RFC 9110 section 14), so that players can seek. */
export function createDownloads(library: Library): Hono {
  const downloads = new Hono();

  downloads.get('/:id/:file', async (c) => {
    const { id, file } = c.req.param();
    const { expires = '', signature = '', share } = c.req.query();
    const found = await library.open(id, file, { expires, signature, share });
    // One answer for a wrong signature and a file that is gone.
    if (!found) throw new AmphiError('not-found', 'there is no such recording, or the link is no longer good');
    const range = rangeOf(c.req.header('range'), found.bytes);
    c.header('Accept-Ranges', 'bytes');
    c.header('Cache-Control', 'private, no-store');
    c.header('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
    if (c.req.query('download') !== undefined) c.header('Content-Disposition', `attachment; filename="${file}"`);
    if (range === 'unsatisfiable') {
      c.header('Content-Range', `bytes */${found.bytes}`);
      return c.body(null, 416);
    }
    const { start, end } = range ?? { start: 0, end: found.bytes - 1 };
    const isEmpty = found.bytes === 0 || c.req.method === 'HEAD';
    const stream = isEmpty ? null : await found.read({ start, end });
    c.header('Content-Length', `${end - start + 1}`);
    if (range) c.header('Content-Range', `bytes ${start}-${end}/${found.bytes}`);
    const status = range ? 206 : 200;
    return stream ? c.body(stream, status) : c.body(null, status);
  });

  return downloads;
}

/** The one range that is asked for; undefined for none, several or what is none, which get the whole file. */
export function rangeOf(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= size ? 'unsatisfiable' : { start, end };
}
