import { execFile } from 'node:child_process';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { promisify } from 'node:util';
import { answerInduction, findProgram, readHandshake } from '@amphi/egress';
import { Counts, type Logger } from '@amphi/rooms';
import type { Config } from '../config/schema.ts';
import { messageOf } from '../fatal.ts';
import type { FlvPublishing } from '../ingest/flv-publisher.ts';
import { addressKey } from '../net/addresses.ts';
import { SrtCaller, type SrtCallerOptions } from './caller.ts';
import { Cookies } from './cookie.ts';
import { passphraseOf } from './passphrase.ts';

/** Connections that one address may have at once, and all together: each is an ffmpeg. */
const MAX_PER_ADDRESS = 8;
const MAX_CONNECTIONS = 64;
/** What may wait for this process, where the system allows that much: a second of a large picture. */
const RECEIVE_BUFFER = 4 * 1024 * 1024;

export type SrtOptions = {
  config: Pick<Config, 'host' | 'srt'>;
  /** As of {@link findSrtReceiver}. */
  ffmpeg: Promise<string | undefined>;
  /** Of which passphrases are made. */
  key: Buffer;
  publishing: FlvPublishing;
  logger: Logger;
};

/** What takes programs that publish by SRT. */
export interface SrtIngest {
  /** The UDP port on which it listens now; null where it does not. */
  readonly port: number | null;
  close(): void;
}

type FrontOptions = FlvPublishing & Pick<SrtCallerOptions, 'ffmpeg' | 'passphraseOf'>;

const NONE: SrtIngest = { port: null, close() {} };

/** The ffmpeg that can receive SRT; undefined where there is none, or none is needed. To ask one takes a while. */
export async function findSrtReceiver(config: Pick<Config, 'srt'>): Promise<string | undefined> {
  const ffmpeg = config.srt.port === 0 ? undefined : findProgram('ffmpeg');
  return ffmpeg !== undefined && (await canSrt(ffmpeg)) ? ffmpeg : undefined;
}

/** Listens as the settings say, where there is an ffmpeg that can receive; else it is logged, and all else works without. */
export async function createSrt({ config, key, publishing, logger, ...options }: SrtOptions): Promise<SrtIngest> {
  const { port } = config.srt;
  if (port === 0) return NONE;
  const ffmpeg = await options.ffmpeg;
  if (ffmpeg === undefined) {
    logger.info(
      { port },
      'programs cannot publish by SRT: there is no ffmpeg with libsrt. Install one, as that of Debian',
    );
    return NONE;
  }
  const host = config.srt.host ?? config.host;
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' });
  try {
    socket.bind(port, host);
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    logger.warn(
      { port, reason: messageOf(error) },
      'programs cannot publish by SRT: the port is not to be had. Set srt.port to a free one, or to 0 to do without',
    );
    return NONE;
  }
  const front = new SrtFront(socket, {
    ...{ ...publishing, ffmpeg },
    passphraseOf: (streamKey) => passphraseOf(key, streamKey),
  });
  return { port: socket.address().port, close: () => front.close() };
}

/**
 * Answers all callers on one port. Who only asks costs a packet; who has returned the cookie, and so is where it says, is asked
 * for its key; and only then there is something behind it.
 */
class SrtFront {
  readonly #socket: Socket;
  readonly #options: FrontOptions;
  readonly #cookies: Cookies;
  readonly #callers = new Map<string, SrtCaller>();
  readonly #perAddress = new Counts();

  constructor(socket: Socket, options: FrontOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#cookies = new Cookies(options.clock);
    try {
      socket.setRecvBufferSize(RECEIVE_BUFFER);
    } catch {
      // What is lost is sent again.
    }
    socket.on('message', (packet, from) => this.#take(packet, from));
    // Of an answer that did not get away; the caller asks again.
    socket.on('error', () => {});
  }

  close(): void {
    for (const caller of [...this.#callers.values()]) caller.close();
    this.#socket.close();
  }

  #take(packet: Buffer, from: RemoteInfo): void {
    const peer = `${from.address} ${from.port}`;
    const known = this.#callers.get(peer);
    if (known) {
      known.receive(packet);
      return;
    }
    const handshake = readHandshake(packet);
    if (!handshake) return;
    const reply = (answer: Buffer): void => this.#socket.send(answer, from.port, from.address, () => {});
    if (handshake.is === 'induction') reply(answerInduction(packet, this.#cookies.make(peer)));
    else if (this.#cookies.isGood(peer, handshake.cookie)) {
      const address = addressKey(from.address);
      if (this.#perAddress.of(address) >= MAX_PER_ADDRESS || this.#callers.size >= MAX_CONNECTIONS) return;
      this.#perAddress.add(address);
      const caller = new SrtCaller({
        ...{ ...this.#options, address, handshake, conclusion: packet, reply },
        onEnd: () => this.#forget(peer, address),
      });
      this.#callers.set(peer, caller);
    }
  }

  #forget(peer: string, address: string): void {
    this.#callers.delete(peer);
    this.#perAddress.remove(address);
  }
}

async function canSrt(ffmpeg: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(ffmpeg, ['-v', 'error', '-protocols']);
    return /^\s*srt$/m.test(stdout);
  } catch {
    return false;
  }
}
