import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ATTRIBUTES,
  type Attribute,
  decode,
  encode,
  newTransactionId,
  REQUESTS,
  type Response,
  uint,
  xorAddress,
} from './message.ts';
import { type Carrier, openCarrier, type Where } from './carrier.ts';

export type Credentials = { username: string; credential: string };

const UDP = 17;
const TCP = 6;
const PATIENCE_MS = 2000;
const UNAUTHORIZED = 401;
const STALE_NONCE = 438;

/** A TURN client (RFC 8656) that asks what it likes. Every request answers the error code, 0 for success. */
export class TurnClient {
  readonly #carrier: Carrier;
  readonly #credentials: Credentials;
  readonly #answers = new Map<string, (response: Response) => void>();
  readonly #data: Buffer[] = [];
  #realm: Buffer = Buffer.alloc(0);
  #nonce: Buffer = Buffer.alloc(0);
  #key: Buffer | undefined;

  private constructor(carrier: Carrier, credentials: Credentials) {
    this.#carrier = carrier;
    this.#credentials = credentials;
    carrier.onMessage((bytes) => {
      // The first two bits tell data over a channel from messages.
      if ((bytes[0] ?? 0) >= 0x40) {
        this.#data.push(bytes.subarray(4, 4 + bytes.readUInt16BE(2)));
        return;
      }
      const response = decode(bytes);
      this.#answers.get(response.transactionId.toString('hex'))?.(response);
    });
  }

  static async connect(where: Where, credentials: Credentials): Promise<TurnClient> {
    return new TurnClient(await openCarrier(where), credentials);
  }

  allocate({ family = 4, transport = 'udp' }: { family?: 4 | 6; transport?: 'udp' | 'tcp' } = {}): Promise<number> {
    return this.#ask(REQUESTS.allocate, () => [
      [ATTRIBUTES.requestedTransport, uint(transport === 'udp' ? UDP : TCP, 1)],
      [ATTRIBUTES.requestedFamily, uint(family === 4 ? 1 : 2, 1)],
    ]);
  }

  /** 0 seconds ends the allocation. */
  refresh(seconds: number): Promise<number> {
    return this.#ask(REQUESTS.refresh, () => [[ATTRIBUTES.lifetime, uint(seconds, 4)]]);
  }

  permit(address: string): Promise<number> {
    return this.#ask(REQUESTS.permission, (id) => [[ATTRIBUTES.peerAddress, xorAddress(address, 80, id)]]);
  }

  /** `channel` from 0x4000 to 0x4fff. */
  bindChannel(channel: number, address: string, port = 80): Promise<number> {
    return this.#ask(REQUESTS.channel, (id) => [
      [ATTRIBUTES.channelNumber, uint(channel, 2)],
      [ATTRIBUTES.peerAddress, xorAddress(address, port, id)],
    ]);
  }

  /** Sends data over a bound channel. */
  send(channel: number, data: Buffer): void {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(channel, 0);
    head.writeUInt16BE(data.length, 2);
    const padding = Buffer.alloc((4 - (data.length % 4)) % 4);
    this.#carrier.send(Buffer.concat([head, data, padding]));
  }

  /** The next data that came over any channel. */
  async receive(): Promise<Buffer> {
    const deadline = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline) {
      const data = this.#data.shift();
      if (data) return data;
      await sleep(10);
    }
    throw new Error('nothing came through the relay');
  }

  /** One request as it is, without credentials, and what comes back. */
  async raw(type: number, attributes: Attribute[] = []): Promise<{ sent: number; response: Response }> {
    const id = newTransactionId();
    const request = encode(type, id, attributes);
    return { sent: request.length, response: await this.#exchange(id, request) };
  }

  close(): void {
    this.#carrier.close();
  }

  async #ask(type: number, attributesOf: (transactionId: Buffer) => Attribute[]): Promise<number> {
    const { username, credential } = this.#credentials;
    for (;;) {
      const id = newTransactionId();
      const identity: Attribute[] = this.#key
        ? [
            [ATTRIBUTES.username, Buffer.from(username)],
            [ATTRIBUTES.realm, this.#realm],
            [ATTRIBUTES.nonce, this.#nonce],
          ]
        : [];
      const { code, attributes } = await this.#exchange(
        id,
        encode(type, id, [...attributesOf(id), ...identity], this.#key),
      );
      const isChallenge = code === STALE_NONCE || (code === UNAUTHORIZED && !this.#key);
      const nonce = attributes.get(ATTRIBUTES.nonce);
      if (!isChallenge || !nonce) return code;
      this.#nonce = nonce;
      this.#realm = attributes.get(ATTRIBUTES.realm) ?? this.#realm;
      this.#key = createHash('md5').update(`${username}:${this.#realm.toString()}:${credential}`).digest();
    }
  }

  async #exchange(id: Buffer, request: Buffer): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const key = id.toString('hex');
    this.#answers.set(key, resolve);
    const timer = setTimeout(() => reject(new Error('the relay did not answer')), PATIENCE_MS);
    this.#carrier.send(request);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#answers.delete(key);
    });
  }
}
