import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What ffmpeg decoded of a stream. */
export type Seen = { pictures: number; size: string; soundMs: number };

/** Plays a stream for a while by ffmpeg, from the far side, and decodes all of it. */
export async function look(url: string, seconds: number, options: readonly string[] = []): Promise<Seen> {
  const input = ['-v', 'info', '-xerror', '-rw_timeout', '10000000', ...options, '-i', url, '-t', String(seconds)];
  const { stderr } = await promisify(execFile)(
    'ffmpeg',
    ['-hide_banner', ...input, '-progress', '-', '-f', 'null', '-'],
    {
      timeout: 30_000,
    },
  );
  const pictures = Number([...stderr.matchAll(/frame=\s*(\d+)/g)].at(-1)?.[1] ?? 0);
  const size = /Video: h264.*?(\d+x\d+)/.exec(stderr)?.[1] ?? '';
  const [, minutes = '0', rest = '0'] = [...stderr.matchAll(/time=\d+:(\d+):([\d.]+)/g)].at(-1) ?? [];
  const hasSound = /Audio: aac/.test(stderr);
  return { pictures, size, soundMs: hasSound ? (Number(minutes) * 60 + Number(rest)) * 1000 : 0 };
}
