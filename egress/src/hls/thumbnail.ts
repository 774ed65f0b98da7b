import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

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
export async function makeThumbnail(start: Buffer, ffmpeg = 'ffmpeg'): Promise<Buffer> {
  const { width, height } = THUMBNAIL;
  const fit = `scale=${width}:${height}:force_original_aspect_ratio=decrease,setsar=1,pad=${width}:${height}:-1:-1`;
  const input = ['-v', 'error', '-threads', '1', '-f', 'mp4', '-i', 'pipe:0'];
  const output = ['-frames:v', '1', '-vf', fit, '-q:v', '5', '-threads', '1', '-f', 'mjpeg', 'pipe:1'];
  const limits = { timeout: PATIENCE_MS, killSignal: 'SIGKILL', maxBuffer: MAX_BYTES } as const;
  const running = promisify(execFile)(ffmpeg, [...input, ...output], { encoding: 'buffer', ...limits });
  const { stdin } = running.child;
  // It closes its input as soon as it has a picture.
  stdin?.on('error', () => undefined);
  stdin?.end(start);
  const { stdout } = await running.catch((error: Error & { stderr?: Buffer }) => {
    const said = error.stderr?.toString().trim().slice(-1000);
    throw new Error(`ffmpeg made no thumbnail: ${said || error.message}`, { cause: error });
  });
  if (stdout.length === 0) throw new Error('ffmpeg made no thumbnail: there is no picture');
  return stdout;
}
