import type { Duplex } from 'node:stream';
import type { Clock } from '@amphi/rooms';
import { type AmfValue, decodeAmf } from './amf0.ts';
import { controlMessage, RTMP, type RtmpMessage, RtmpProtocolError } from './chunks.ts';
import { HandshakeReader, hello, PACKET, VERSION } from './handshake.ts';
import { RtmpWire, WINDOW } from './wire.ts';

/** Why a program may not publish, in RTMP's words and in a sentence that it may show. */
export class PublishRefused extends Error {
  override readonly name = 'PublishRefused';
  readonly code: string;

  /** @param code such as `NetStream.Publish.BadName` */
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Takes what a program publishes. Calls must not throw. */
export interface RtmpSink {
  /** The body of an FLV tag. `timestamp`: milliseconds on the sender's clock, modulo 2^32. */
  media(kind: 'audio' | 'video', timestamp: number, body: Buffer): void;
}

/** How a connection ended: the program said that it stops, or that it did not. */
export type RtmpEnd = 'stopped' | 'lost';

export type RtmpConnectionOptions = {
  /** Connected. It is destroyed with the connection. */
  socket: Duplex;
  /** Asked once. Rejects with PublishRefused, which the program is told; with anything else it is told of a failure. */
  onPublish(request: { app: string; key: string }): Promise<RtmpSink>;
  /** Called once, whether or not anything was published. `error`: what was wrong, for the log; the key is not in it. */
  onEnd(end: RtmpEnd, error?: Error): void;
  clock: Clock;
};

/** A program publishes by then, or it is none. */
export const PUBLISH_WITHIN_MS = 10_000;
/** Programs send all the time; one that does not is gone. */
export const SILENT_FOR_MS = 10_000;
/** Commands are short. */
const MAX_COMMAND = 16 * 1024;
/** A key frame of a large picture. */
const MAX_MEDIA = 4 * 1024 * 1024;
/** Who wants to be told of less than so much is told of so much. */
const LEAST_WINDOW = 64 * 1024;
const STREAM_ID = 1;
/** How long a refusal has to be read before the connection is closed. */
const FAREWELL_MS = 500;
/** Commands as Flash had them: a byte, then AMF0. */
const FLEX_COMMAND = 17;

type Phase = 'hello' | 'echo' | 'connect' | 'publish' | 'asking' | 'live' | 'ended';

/** The server's side of a connection by which a program publishes (RTMP 1.0). Everything else is refused. */
export class RtmpConnection {
  readonly #options: RtmpConnectionOptions;
  readonly #handshake = new HandshakeReader();
  readonly #wire: RtmpWire;
  readonly #queue: RtmpMessage[] = [];
  #phase: Phase = 'hello';
  #app = '';
  #sink: RtmpSink | undefined;
  #heardAt: number;
  #cancel: () => void;

  constructor(options: RtmpConnectionOptions) {
    this.#options = options;
    const { socket, clock } = options;
    this.#wire = new RtmpWire(socket, MAX_COMMAND, LEAST_WINDOW);
    this.#heardAt = clock.now();
    this.#cancel = clock.after(PUBLISH_WITHIN_MS, () => this.#end('lost', late()));
    socket.on('data', (data: Buffer) => this.#take(data));
    socket.once('error', (error) => this.#end('lost', error));
    for (const over of ['end', 'close']) socket.once(over, () => this.#end('lost'));
  }

  /** Tells the program why, and closes the connection. Repeating it changes nothing. */
  refuse({ code, message }: PublishRefused): void {
    if (this.#phase === 'ended') return;
    this.#status('error', code, message);
    this.#finish('lost', undefined, true);
  }

  /** Ends the connection without a word. Repeating it changes nothing. */
  close(): void {
    this.#end('lost');
  }

  #end(end: RtmpEnd, error?: Error): void {
    this.#finish(end, error, false);
  }

  #finish(end: RtmpEnd, error: Error | undefined, inOrder: boolean): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#cancel();
    const { socket, clock, onEnd } = this.#options;
    if (inOrder) {
      socket.end();
      clock.after(FAREWELL_MS, () => socket.destroy());
      // What it still sends is of no interest, but has to be read for its end to be seen.
      socket.resume();
    } else socket.destroy();
    onEnd(end, error);
  }

  #take(data: Buffer): void {
    if (this.#phase === 'ended') return;
    try {
      const chunks = this.#greet(data);
      if (!chunks) return;
      this.#queue.push(...this.#wire.push(chunks));
      this.#work();
    } catch (error) {
      this.#end('lost', error as Error);
    }
  }

  /** Answers the handshake; afterwards, what there is of the chunks. */
  #greet(data: Buffer): Buffer | undefined {
    let rest: Buffer | undefined = data;
    if (this.#phase === 'hello') {
      if (this.#wire.isFresh && data[0] !== VERSION) throw new RtmpProtocolError('this is not RTMP');
      this.#wire.count(data.length);
      const greeting = this.#handshake.take(1 + PACKET, data);
      if (!greeting) return undefined;
      this.#options.socket.write(Buffer.concat([hello(), greeting.subarray(1)]));
      this.#phase = 'echo';
      rest = undefined;
    }
    if (this.#phase === 'echo') {
      if (!this.#handshake.take(PACKET, rest)) return undefined;
      this.#phase = 'connect';
      return this.#handshake.rest();
    }
    return rest;
  }

  #work(): void {
    while (this.#phase !== 'asking' && this.#phase !== 'ended') {
      const message = this.#queue.shift();
      if (!message) return;
      this.#handle(message);
    }
  }

  #handle(message: RtmpMessage): void {
    const { type, timestamp, payload } = message;
    if (type === RTMP.audio || type === RTMP.video) {
      if (this.#phase !== 'live') throw new RtmpProtocolError('media before it was asked for');
      this.#heardAt = this.#options.clock.now();
      this.#sink?.media(type === RTMP.audio ? 'audio' : 'video', timestamp, payload);
    } else if (type === RTMP.command) this.#command(decodeAmf(payload));
    else if (type === FLEX_COMMAND) this.#command(decodeAmf(payload.subarray(1)));
    else this.#wire.control(message);
  }

  #command([name, transaction, first, second]: AmfValue[]): void {
    const id = typeof transaction === 'number' ? transaction : 0;
    // What programs say beside these (_checkbw, getStreamLength, …) asks for no answer.
    if (name === 'connect') this.#connect(id, first);
    else if (name === 'releaseStream' || name === 'FCPublish') {
      if (id > 0) this.#say(0, '_result', id, null, null);
    } else if (name === 'createStream') {
      this.#expect('publish', name);
      this.#say(0, '_result', id, null, STREAM_ID);
    } else if (name === 'publish') {
      this.#expect('publish', name);
      this.#publish(second);
    } else if (name === 'play') throw new RtmpProtocolError('this server is for publishing only');
    else if (name === 'FCUnpublish' || name === 'closeStream' || name === 'deleteStream') this.#stop();
  }

  #stop(): void {
    if (this.#phase !== 'live') return;
    this.#status('status', 'NetStream.Unpublish.Success', 'The stream is over.');
    this.#finish('stopped', undefined, true);
  }

  #connect(id: number, info: AmfValue | undefined): void {
    this.#expect('connect', 'connect');
    const app = typeof info === 'object' && info !== null && !Array.isArray(info) ? info['app'] : undefined;
    if (typeof app !== 'string') throw new RtmpProtocolError('a connection without an application');
    this.#app = app.replaceAll(/^\/+|\/+$/g, '');
    this.#phase = 'publish';
    // 2: the limit is up to the other end.
    const bandwidth = Buffer.from([0, 0, 0, 0, 2]);
    bandwidth.writeUInt32BE(WINDOW);
    const peerBandwidth = { type: RTMP.peerBandwidth, streamId: 0, timestamp: 0, payload: bandwidth };
    this.#wire.begin(controlMessage(RTMP.windowSize, WINDOW), peerBandwidth);
    const code = 'NetConnection.Connect.Success';
    const server = { fmsVer: 'FMS/3,0,1,123', capabilities: 31 };
    this.#say(0, '_result', id, server, { level: 'status', code, description: 'Connected.', objectEncoding: 0 });
  }

  #publish(key: AmfValue | undefined): void {
    if (typeof key !== 'string') throw new RtmpProtocolError('a stream without a name');
    this.#phase = 'asking';
    const { socket, onPublish } = this.#options;
    socket.pause();
    onPublish({ app: this.#app, key }).then(
      (sink) => this.#taken(sink),
      (error: unknown) => {
        if (error instanceof PublishRefused) this.refuse(error);
        else {
          this.#status('error', 'NetStream.Publish.Failed', 'The server failed at this stream.');
          this.#finish('lost', error as Error, true);
        }
      },
    );
  }

  #taken(sink: RtmpSink): void {
    // It may have gone while it was asked about.
    if (this.#phase !== 'asking') return;
    const { socket, clock } = this.#options;
    this.#sink = sink;
    this.#phase = 'live';
    this.#wire.maxMessage = MAX_MEDIA;
    this.#cancel();
    this.#heardAt = clock.now();
    this.#watch();
    const begin = Buffer.alloc(6);
    begin.writeUInt32BE(STREAM_ID, 2);
    this.#wire.write(2, { type: RTMP.userControl, streamId: 0, timestamp: 0, payload: begin });
    this.#status('status', 'NetStream.Publish.Start', 'The stream is taken.');
    try {
      this.#work();
    } catch (error) {
      this.#end('lost', error as Error);
    }
    socket.resume();
  }

  #watch(): void {
    const { clock } = this.#options;
    const left = this.#heardAt + SILENT_FOR_MS - clock.now();
    this.#cancel = clock.after(Math.max(1, left), () => {
      if (clock.now() - this.#heardAt >= SILENT_FOR_MS) this.#end('lost', new Error('nothing came for a while'));
      else this.#watch();
    });
  }

  #expect(phase: Phase, what: string): void {
    if (this.#phase !== phase) throw new RtmpProtocolError(`"${what}" out of turn`);
  }

  #status(level: 'status' | 'error', code: string, description: string): void {
    this.#say(STREAM_ID, 'onStatus', 0, null, { level, code, description });
  }

  #say(streamId: number, ...values: AmfValue[]): void {
    this.#wire.command(3, streamId, ...values);
  }
}

function late(): RtmpProtocolError {
  return new RtmpProtocolError(`nothing was published within ${PUBLISH_WITHIN_MS / 1000} s`);
}
