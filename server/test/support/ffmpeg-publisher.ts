import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Whether this machine's ffmpeg can publish. */
export const hasFfmpeg = /libx264/.test(spawnSync('ffmpeg', ['-v', 'error', '-encoders']).stdout?.toString() ?? '');

/** Whether it can do so by SRT. */
export const hasSrt =
  hasFfmpeg && /^\s*srt$/m.test(spawnSync('ffmpeg', ['-v', 'error', '-protocols']).stdout.toString());

/** The real ffmpeg, which publishes a moving test picture and a tone in real time, by RTMP or SRT. */
export class FfmpegPublisher {
  /** What it complained of. */
  said = '';
  readonly #process: ChildProcess;

  /** @param encoders what is to be otherwise than usual */
  constructor(url: string, encoders: readonly string[] = ['-bf', '0']) {
    const input = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=15', '-f', 'lavfi', '-i', 'sine=f=440:r=44100'];
    const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '15'];
    const sound = ['-af', 'volume=4', '-c:a', 'aac', '-ac', '2', ...encoders];
    const format = url.startsWith('rtmp') ? 'flv' : 'mpegts';
    this.#process = spawn('ffmpeg', ['-v', 'error', '-re', ...input, ...encode, ...sound, '-f', format, url], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    this.#process.stderr?.on('data', (piece: Buffer) => (this.said += piece.toString()));
  }

  /** As when somebody presses "Stop streaming". */
  async stop(): Promise<void> {
    this.#process.stdin?.write('q');
    await this.ended();
  }

  /** As when the network is gone. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** Its exit code, once it has ended. */
  async ended(): Promise<number | null> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, 'exit');
    return this.#process.exitCode;
  }
}
