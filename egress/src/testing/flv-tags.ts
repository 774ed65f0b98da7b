import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type FlvFileTag, FlvReader } from '../containers/flv.ts';

/** What an ffmpeg sends by RTMP that is given these arguments: the tags of an FLV, all at once. */
export async function flvTagsOf(args: readonly string[]): Promise<FlvFileTag[]> {
  const { stdout } = await promisify(execFile)('ffmpeg', ['-v', 'error', ...args, '-f', 'flv', 'pipe:1'], {
    encoding: 'buffer',
    maxBuffer: 256 * 1024 * 1024,
  });
  return new FlvReader().push(stdout);
}
