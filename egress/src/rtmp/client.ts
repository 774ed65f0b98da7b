import type { Duplex } from 'node:stream';
import { type AmfValue, decodeAmf } from './amf0.ts';
import { RTMP, RtmpProtocolError } from './chunks.ts';
import { HandshakeReader, hello, PACKET, VERSION } from './handshake.ts';
import { RtmpWire } from './wire.ts';

/** Until when the other end was asked what it then refused, or closed the connection at. */
export type PublishPhase = 'handshake' | 'connect' | 'publish' | 'live';

/** Why a publication did not begin, or ended, by the other end. */
export class PublishEnded extends Error {
  override readonly name = 'PublishEnded';
  readonly phase: PublishPhase;
  /** What the other end said, such as `NetStream.Publish.BadName`; undefined when it closed the connection silently. */
  readonly code: string | undefined;

  constructor(phase: PublishPhase, code: string | undefined, message: string) {
    super(message);
    this.phase = phase;
    this.code = code;
  }
}

export type PublishOptions = {
  /** Connected, and encrypted where it is to be. It is destroyed with the publication. */
  socket: Duplex;
  /** The application: the path of the URL without what names the stream. */
  app: string;
  /** The URL without the key: `rtmp://host/app`. */
  tcUrl: string;
  key: string;
  /** Called once when a publication that began is over. */
  onEnd(error: Error): void;
};

/** A stream that the other end takes. */
export interface Publication {
  /** Bytes that wait to be sent. */
  readonly waiting: number;
  /** @param timestamp milliseconds since the publication began */
  send(type: typeof RTMP.audio | typeof RTMP.video | typeof RTMP.data, timestamp: number, payload: Buffer): void;
  /** Tells the other end that the stream is over. Repeating it changes nothing. */
  close(): void;
}

/** Servers say little; media does not come from there. */
const MAX_MESSAGE = 64 * 1024;
const LEAST_WINDOW = 1024;
/** What the other end says is shown to people and logged. */
const MAX_TEXT = 200;

const CONNECT = 1;
const CREATE_STREAM = 4;
const PUBLISH = 5;

/**
 * Begins to publish by RTMP (1.0). Resolves when the other end has taken the stream. Rejects with PublishEnded when it
 * refuses or hangs up, RtmpProtocolError when it is no RTMP server, or the reason of `signal`. The key is in no error.
 */
export function publish(options: PublishOptions, signal: AbortSignal): Promise<Publication> {
  return new Promise((resolve, reject) => {
    const publishing = new Publishing(options, resolve, reject);
    const abort = () => publishing.end(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    publishing.finished = () => signal.removeEventListener('abort', abort);
  });
}

class Publishing implements Publication {
  /** Called when it is settled whether the publication began. */
  finished: () => void = () => {};
  readonly #options: PublishOptions;
  readonly #resolve: (publication: Publication) => void;
  readonly #reject: (error: Error) => void;
  readonly #handshake = new HandshakeReader();
  readonly #wire: RtmpWire;
  #phase: PublishPhase = 'handshake';
  #streamId = 0;
  #ended = false;

  constructor(options: PublishOptions, resolve: (publication: Publication) => void, reject: (error: Error) => void) {
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    const { socket } = options;
    this.#wire = new RtmpWire(socket, MAX_MESSAGE, LEAST_WINDOW);
    socket.on('data', (data: Buffer) => this.#take(data));
    socket.once('error', (error) => this.end(error));
    socket.once('close', () => this.end(new PublishEnded(this.#phase, undefined, 'the connection was closed')));
    socket.write(hello());
  }

  get waiting(): number {
    return this.#options.socket.writableLength;
  }

  send(type: number, timestamp: number, payload: Buffer): void {
    const chunkStream = type === RTMP.video ? 6 : 4;
    this.#wire.write(chunkStream, { type, streamId: this.#streamId, timestamp: timestamp >>> 0, payload });
  }

  close(): void {
    if (this.#ended) return;
    this.#wire.command(3, 0, 'FCUnpublish', 6, null, this.#options.key);
    this.#wire.command(3, 0, 'deleteStream', 7, null, this.#streamId);
    this.#ended = true;
    const { socket } = this.#options;
    socket.end();
    // Who does not close its end is not waited for.
    setTimeout(() => socket.destroy(), 1000).unref();
  }

  end(error: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.socket.destroy();
    if (this.#phase === 'live') this.#options.onEnd(error);
    else {
      this.finished();
      this.#reject(error);
    }
  }

  #take(data: Buffer): void {
    if (this.#ended) return;
    try {
      if (this.#phase !== 'handshake') this.#receive(data);
      else if (this.#greeted(data)) this.#receive(this.#handshake.rest());
    } catch (error) {
      this.end(error as Error);
    }
  }

  #greeted(data: Buffer): boolean {
    const greeting = this.#handshake.take(1 + 2 * PACKET, data);
    if (data[0] !== VERSION && this.#wire.isFresh) throw new RtmpProtocolError('the other side does not speak RTMP');
    this.#wire.count(data.length);
    if (!greeting) return false;
    this.#options.socket.write(greeting.subarray(1, 1 + PACKET));
    this.#phase = 'connect';
    this.#wire.begin();
    const { app, tcUrl } = this.#options;
    const flashVer = 'FMLE/3.0 (compatible; Amphi)';
    this.#wire.command(3, 0, 'connect', CONNECT, { app, type: 'nonprivate', flashVer, tcUrl });
    return true;
  }

  #receive(data: Buffer): void {
    for (const message of this.#wire.push(data)) {
      if (this.#ended) return;
      if (message.type === RTMP.command) this.#answer(decodeAmf(message.payload));
      else this.#wire.control(message);
    }
  }

  #answer([name, transaction, , info]: AmfValue[]): void {
    if (name === '_error') {
      // What older servers do not know of before the stream itself is made is no refusal.
      if (transaction === CONNECT || transaction === CREATE_STREAM) this.end(this.#refused(info));
    } else if (name === '_result' && transaction === CONNECT && this.#phase === 'connect') {
      this.#phase = 'publish';
      const { key } = this.#options;
      this.#wire.command(3, 0, 'releaseStream', 2, null, key);
      this.#wire.command(3, 0, 'FCPublish', 3, null, key);
      this.#wire.command(3, 0, 'createStream', CREATE_STREAM, null);
    } else if (name === '_result' && transaction === CREATE_STREAM && typeof info === 'number') {
      this.#streamId = info;
      this.#wire.command(4, info, 'publish', PUBLISH, null, this.#options.key, 'live');
    } else if (name === 'onStatus') this.#status(info);
    else if (name === 'close') this.end(this.#refused(info));
  }

  #status(info: AmfValue | undefined): void {
    const { level, code } = record(info);
    if (level === 'error') this.end(this.#refused(info));
    else if (code === 'NetStream.Publish.Start' && this.#phase === 'publish') {
      this.#phase = 'live';
      this.finished();
      this.#resolve(this);
    } else if (code === 'NetStream.Unpublish.Success' || code === 'NetConnection.Connect.Closed') {
      this.end(this.#refused(info));
    }
  }

  #refused(info: AmfValue | undefined): PublishEnded {
    const { code, description } = record(info);
    const said = typeof description === 'string' ? description : typeof code === 'string' ? code : 'without a reason';
    // What servers repeat of the key must not get out by their answer.
    const text = said
      .replaceAll(this.#options.key, '…')
      .replaceAll(/\p{Cc}/gu, ' ')
      .slice(0, MAX_TEXT);
    return new PublishEnded(this.#phase, typeof code === 'string' ? code.slice(0, MAX_TEXT) : undefined, text);
  }
}

function record(value: AmfValue | undefined): { [key: string]: AmfValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
