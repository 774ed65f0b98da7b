import { type FileHandle, open } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.txt': 'text/plain; charset=utf-8',
};
const COMPRESSIBLE = new Set(['.html', '.js', '.css', '.json', '.webmanifest', '.svg', '.wasm', '.txt']);

export type Encoding = 'br' | 'gzip' | 'identity';
export type Content = { body: Uint8Array<ArrayBuffer>; type: string; encoding: Encoding; etag: string };

type Entry = {
  version: string;
  plain: Uint8Array<ArrayBuffer>;
  packed: Map<Encoding, Promise<Uint8Array<ArrayBuffer>>>;
};

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

/** The files of one folder, kept in memory with their compressed forms until they change on disk. */
export interface Files {
  /** The file at a path of a URL, in the best encoding that the client takes; undefined where there is none. */
  get(path: string, accepted: string): Promise<Content | undefined>;
}

export function createFiles(folder: string): Files {
  const entries = new Map<string, Entry>();

  return {
    async get(path, accepted) {
      const file = locate(folder, path);
      const entry = file && (await read(entries, file));
      if (!entry) return undefined;
      const extension = extname(file);
      const encoding = COMPRESSIBLE.has(extension) ? choose(accepted) : 'identity';
      return {
        body: await pack(entry, encoding),
        type: TYPES[extension] ?? 'application/octet-stream',
        encoding,
        etag: `"${entry.version}-${encoding}"`,
      };
    },
  };
}

/** The file that a URL's path names, or undefined when it leads out of the folder or to a hidden file. */
function locate(folder: string, path: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  if (decoded.includes('\0') || decoded.includes('\\') || /(^|\/)\./.test(decoded)) return undefined;
  const file = join(folder, decoded);
  return file.startsWith(folder + sep) ? file : undefined;
}

async function read(entries: Map<string, Entry>, path: string): Promise<Entry | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const stat = await file.stat();
    if (!stat.isFile()) return undefined;
    const version = `${stat.mtimeMs.toString(36)}-${stat.size.toString(36)}`;
    const known = entries.get(path);
    if (known?.version === version) return known;
    const entry: Entry = { version, plain: new Uint8Array(await file.readFile()), packed: new Map() };
    entries.set(path, entry);
    return entry;
  } catch {
    entries.delete(path);
    return undefined;
  } finally {
    await file?.close();
  }
}

function choose(accepted: string): Encoding {
  const names = accepted
    .split(',')
    .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
    .map((part) => part.replace(/;.*/, '').trim());
  if (names.includes('br')) return 'br';
  return names.includes('gzip') ? 'gzip' : 'identity';
}

function pack(entry: Entry, encoding: Encoding): Promise<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer> {
  if (encoding === 'identity') return entry.plain;
  const known = entry.packed.get(encoding);
  if (known) return known;
  const packed =
    encoding === 'br'
      ? brotli(entry.plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
      : zip(entry.plain, { level: 9 });
  const bytes = packed.then((buffer) => new Uint8Array(buffer));
  entry.packed.set(encoding, bytes);
  return bytes;
}
