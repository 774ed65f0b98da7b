import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

/** A player without a window that plays a live stream until it is killed. */
export type Reader = {
  /** How many pictures were decoded. */
  pictures(): number;
  /** How many pieces of sound were decoded. */
  sounds(): number;
  /** The widths of the pictures. */
  sizes(): string[];
  /** What it printed, without what is counted. */
  said(): string;
  kill(): void;
};

/** Its HLS demuxer, and a decoder. */
export function startFfmpeg(url: string): Reader {
  // Each picture and each piece of sound is a line: stream, times, size of the decoded bytes.
  const sinks = ['-map', '0:v:0', '-map', '0:a:0', '-autoscale', '0', '-f', 'framecrc', 'pipe:1'];
  const ffmpeg = spawn('ffmpeg', ['-v', 'warning', '-i', url, ...sinks], { stdio: ['ignore', 'pipe', 'pipe'] });
  return reader(ffmpeg, {
    picture: /^0,/,
    sound: /^1,/,
    // By what a frame of 4:2:0 takes at 16:9.
    size: (line) => {
      const bytes = Number(/^0,(?:[^,]*,){3}\s*(\d+)/.exec(line)?.[1] ?? 0);
      return bytes > 0 ? `${Math.round(Math.sqrt((bytes / 1.5) * (16 / 9)))}` : undefined;
    },
  });
}

/**
 * The player of GStreamer (playbin3), at the pace of a clock. Undefined where it or its demuxer for HLS is not installed.
 */
export function startGStreamer(url: string): Reader | undefined {
  const inspected = ['hlsdemux2', 'h264parse', 'avdec_h264', 'avdec_aac'].map(
    (element) => spawnSync('gst-inspect-1.0', ['--exists', element]).status,
  );
  if (inspected.some((status) => status !== 0)) return undefined;
  const sink = (name: string) => `fakesink name=${name} silent=false sync=true`;
  const sinks = [`video-sink=${sink('picture')}`, `audio-sink=${sink('sound')}`];
  // Flags: pictures and sound, and no text.
  const gstreamer = spawn('gst-launch-1.0', ['-v', 'playbin3', `uri=${url}`, 'flags=3', ...sinks], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return reader(gstreamer, {
    picture: /GstFakeSink:picture: last-message = chain/,
    sound: /GstFakeSink:sound: last-message = chain/,
    size: (line) => /GstFakeSink:picture.*width=\(int\)(\d+)/.exec(line)?.[1],
  });
}

function reader(
  process: ChildProcess,
  { picture, sound, size }: { picture: RegExp; sound: RegExp; size(line: string): string | undefined },
): Reader {
  const counts = { pictures: 0, sounds: 0 };
  const sizes = new Set<string>();
  let said = '';
  const read = (line: string) => {
    const isPicture = picture.test(line);
    if (isPicture) counts.pictures += 1;
    if (sound.test(line)) counts.sounds += 1;
    else if (!isPicture) said += `${line}\n`;
    const width = size(line);
    if (width !== undefined) sizes.add(width);
  };
  for (const stream of [process.stdout, process.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (data: string) => {
      const lines = (rest + data).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) read(line);
    });
  }
  return {
    pictures: () => counts.pictures,
    sounds: () => counts.sounds,
    sizes: () => [...sizes],
    said: () => said,
    kill: () => void process.kill('SIGKILL'),
  };
}
