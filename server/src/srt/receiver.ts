import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { FlvReader, inductionOf, readHandshake, withCookie } from '@amphi/egress';
import { FfmpegWords } from './ffmpeg-words.ts';

/** The ffmpeg listens by then. */
const LISTEN_WITHIN_MS = 10_000;
/** How often it is asked whether it listens. */
const ASK_EVERY_MS = 40;
/** So long ffmpeg looks at what comes before it hands on all of that: what has not begun by then it cannot take. */
const LOOK_FOR_MS = 1000;
const MICROSECONDS = 1000;
const LOOKING = { fpsprobesize: '0', analyzeduration: `${LOOK_FOR_MS * MICROSECONDS}` };
const LISTENING = {
  ...{ mode: 'listener', listen_timeout: `${LISTEN_WITHIN_MS * MICROSECONDS}` },
  // It looks no longer than until it knows what is in the list of tracks that comes first.
  scan_all_pmts: '0',
};
/** By a script at its input. */
const LISTENING_AS_TOLD = ['-f', 'concat', '-safe', '0', '-protocol_whitelist', 'pipe,srt', '-i', 'pipe:0'];

export type SrtReceiverOptions = {
  ffmpeg: string;
  /** With what the caller encrypts; undefined where it does not. */
  passphrase: string | undefined;
  /** The caller's, with which it began the connection. */
  conclusion: Buffer;
  /** A packet for the caller. */
  onPacket(packet: Buffer): void;
  /** As FLV has them; `ms` is modulo 2^31. */
  onMedia(kind: 'audio' | 'video', ms: number, body: Buffer): void;
  /** Called once; not after {@link SrtReceiver.close}. IngestRefused for codecs that are not taken, else something for the log. */
  onEnd(error: Error): void;
};

/**
 * The listener's end of one SRT connection: an ffmpeg that takes MPEG-TS from it and gives FLV, with nothing encoded. It hears
 * on this machine only, and only this one caller, whose packets are handed to it.
 */
export class SrtReceiver {
  readonly #options: SrtReceiverOptions;
  readonly #reader = new FlvReader();
  #socket: Socket | undefined;
  #child: ChildProcessByStdio<Writable, Readable, Readable> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Of the ffmpeg's listener; undefined until it listens. */
  #cookie: number | undefined;
  #closed = false;

  constructor(options: SrtReceiverOptions) {
    this.#options = options;
    this.#open().catch((error: unknown) => this.#end(error as Error));
  }

  /** Takes a packet of the caller. */
  receive(packet: Buffer): void {
    // The caller says it again until it is answered.
    if (this.#cookie === undefined) return;
    this.#send(readHandshake(packet) ? withCookie(packet, this.#cookie) : packet);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#child?.kill('SIGKILL');
    this.#socket?.close();
  }

  async #open(): Promise<void> {
    const port = await freePort();
    if (this.#closed) return;
    const socket = createSocket('udp4');
    this.#socket = socket;
    // Before it listens there is nobody to take what is sent.
    socket.on('error', () => {});
    socket.on('message', (packet) => this.#answered(packet));
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    if (this.#closed) return;
    this.#start(port);
    this.#ask(performance.now() + LISTEN_WITHIN_MS);
  }

  #start(port: number): void {
    const { ffmpeg, passphrase, onMedia } = this.#options;
    const child = spawn(
      ffmpeg,
      [
        ...['-hide_banner', '-nostats', '-v', 'level+info', '-nostdin', ...argumentsOf(LOOKING)],
        ...(passphrase === undefined ? listeningOn(port) : LISTENING_AS_TOLD),
        ...['-map', '0:v:0?', '-map', '0:a:0?', '-c', 'copy', '-max_interleave_delta', '200000'],
        ...['-flush_packets', '1', '-flvflags', 'no_duration_filesize', '-f', 'flv', 'pipe:1'],
      ],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    this.#child = child;
    // Of an ffmpeg that did not start, or ended at once, there is word otherwise.
    child.stdin.on('error', () => {});
    child.stdin.end(passphrase === undefined ? undefined : scriptOf(port, passphrase));
    const words = new FfmpegWords((refused) => this.#end(refused));
    child.stderr.on('data', (piece: Buffer) => words.push(piece.toString()));
    child.stdout.on('data', (piece: Buffer) => {
      if (this.#closed) return;
      for (const { kind, ms, body } of this.#reader.push(piece)) onMedia(kind, ms, body);
    });
    child.once('error', (error) => this.#end(error));
    child.once('close', (code, signal) => {
      this.#end(new Error(words.ended() || `ffmpeg ended with ${signal ?? `code ${code}`}`));
    });
  }

  #ask(until: number): void {
    if (this.#closed || this.#cookie !== undefined) return;
    if (performance.now() > until) {
      this.#end(new Error('ffmpeg does not listen'));
      return;
    }
    this.#send(inductionOf(this.#options.conclusion));
    this.#timer = setTimeout(() => this.#ask(until), ASK_EVERY_MS);
  }

  #answered(packet: Buffer): void {
    if (this.#closed) return;
    const handshake = readHandshake(packet);
    if (handshake?.is !== 'induction') {
      this.#options.onPacket(packet);
    } else if (this.#cookie === undefined) {
      this.#cookie = handshake.cookie;
      this.receive(this.#options.conclusion);
    }
  }

  #send(packet: Buffer): void {
    // Whether it arrived is for SRT to see.
    if (!this.#closed) this.#socket?.send(packet, () => {});
  }

  #end(error: Error): void {
    if (this.#closed) return;
    this.close();
    this.#options.onEnd(error);
  }
}

function argumentsOf(options: Readonly<Record<string, string>>): string[] {
  return Object.entries(options).flatMap(([name, value]) => [`-${name}`, value]);
}

function addressOf(port: number): string {
  return `srt://127.0.0.1:${port}`;
}

function listeningOn(port: number): string[] {
  return ['-f', 'mpegts', ...argumentsOf(LISTENING), '-i', addressOf(port)];
}

/** For what is nobody's business: a command line everybody on this machine can read. It takes FFmpeg 5. */
function scriptOf(port: number, passphrase: string): string {
  const options = Object.entries({ ...LOOKING, ...LISTENING, passphrase });
  return [
    'ffconcat version 1.0',
    `file ${addressOf(port)}`,
    ...options.map(([name, value]) => `option ${name} ${value}`),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** A UDP port of this machine that nobody uses. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}
