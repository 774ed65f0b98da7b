import { spawn } from 'node:child_process';

/** What takes longer hangs: it is one picture. */
const PATIENCE_MS = 5000;
/** No picture of this size is larger. */
const MAX_BYTES = 1_000_000;

export const THUMBNAIL = { width: 640, height: 360 } as const;

export type ThumbnailMaker = (start: Buffer) => Promise<Buffer>;

/**
 * Makes a JPEG of the first picture of an MP4 file, of which nothing else is decoded, in {@link THUMBNAIL}. Rejects with
 * what ffmpeg said.
 */
export function makeThumbnail(start: Buffer, ffmpeg = 'ffmpeg'): Promise<Buffer> {
  const { width, height } = THUMBNAIL;
  const fit = `scale=${width}:${height}:force_original_aspect_ratio=decrease,setsar=1,pad=${width}:${height}:-1:-1`;
  const input = ['-v', 'error', '-threads', '1', '-f', 'mp4', '-i', 'pipe:0'];
  const output = ['-frames:v', '1', '-vf', fit, '-q:v', '5', '-threads', '1', '-f', 'mjpeg', 'pipe:1'];
  const child = spawn(ffmpeg, [...input, ...output], { stdio: 'pipe', timeout: PATIENCE_MS, killSignal: 'SIGKILL' });
  const pieces: Buffer[] = [];
  let size = 0;
  let said = '';
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.stdout.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size > MAX_BYTES) child.kill('SIGKILL');
      else pieces.push(piece);
    });
    child.stderr.on('data', (piece: Buffer) => (said = `${said}${piece.toString()}`.slice(-1000)));
    // It closes its input as soon as it has a picture.
    child.stdin.on('error', () => undefined);
    child.stdin.end(start);
    child.on('close', (code) => {
      if (code === 0 && pieces.length > 0) resolve(Buffer.concat(pieces));
      else reject(new Error(`ffmpeg made no thumbnail: ${said.trim() || `it ended with ${code}`}`));
    });
  });
}
