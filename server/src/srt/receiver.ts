import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { FlvReader, inductionOf, readHandshake, withCookie } from '@amphi/egress';
import { FfmpegWords } from './ffmpeg-words.ts';

/** The ffmpeg listens by then. */
const LISTEN_WITHIN_MS = 10_000;
/** How often it is asked whether it listens. */
const ASK_EVERY_MS = 40;
/** So long ffmpeg looks at what comes before it hands on all of that: what has not begun by then it cannot take. */
const LOOK_FOR_MS = 1000;
const MICROSECONDS = 1000;

export type SrtReceiverOptions = {
  ffmpeg: string;
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
  #child: ChildProcessByStdio<null, Readable, Readable> | undefined;
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
    const { ffmpeg, onMedia } = this.#options;
    const address = `srt://127.0.0.1:${port}?mode=listener&listen_timeout=${LISTEN_WITHIN_MS * MICROSECONDS}`;
    const child = spawn(
      ffmpeg,
      [
        ...['-hide_banner', '-nostats', '-v', 'level+info', '-nostdin'],
        ...['-fpsprobesize', '0', '-analyzeduration', `${LOOK_FOR_MS * MICROSECONDS}`],
        ...['-f', 'mpegts', '-i', address],
        ...['-map', '0:v:0?', '-map', '0:a:0?', '-c', 'copy', '-max_interleave_delta', '200000'],
        ...['-flush_packets', '1', '-flvflags', 'no_duration_filesize', '-f', 'flv', 'pipe:1'],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#child = child;
    const words = new FfmpegWords((refused) => this.#end(refused));
    child.stderr.on('data', (piece: Buffer) => words.push(piece.toString()));
    child.stdout.on('data', (piece: Buffer) => {
      if (this.#closed) return;
      for (const { kind, ms, body } of this.#reader.push(piece)) onMedia(kind, ms, body);
    });
    child.once('error', (error) => this.#end(error));
    child.once('close', (code, signal) => {
      this.#end(new Error(words.complaint || `ffmpeg ended with ${signal ?? `code ${code}`}`));
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
