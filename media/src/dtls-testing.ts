// A DTLS client for this package's own tests: OpenSSL's, behind a socket that does the ICE for it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHmac, randomBytes, X509Certificate } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { types } from 'mediasoup';

const MAGIC_COOKIE = 0x2112a442;
const RETRANSMIT_MS = 500;

/** A key with its certificate, as files in a folder. */
export type Identity = { cert: string; key: string; fingerprint: string };

export function makeIdentity(folder: string, name: string): Identity {
  const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  execFileSync('openssl', ['req', '-x509', ...curve, '-nodes', '-subj', '/CN=test', '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  return { cert, key, fingerprint: new X509Certificate(readFileSync(cert)).fingerprint256 };
}

/** A connectivity check (RFC 8445, 7.2.4) that nominates at once. */
function bindingRequest({ usernameFragment, password }: types.IceParameters): Buffer {
  const attributes = Buffer.concat([
    attribute(0x0006, Buffer.from(`${usernameFragment}:test`)),
    attribute(0x0024, Buffer.from([0x7e, 0, 0, 1])),
    attribute(0x802a, randomBytes(8)),
    attribute(0x0025, Buffer.alloc(0)),
  ]);
  const id = randomBytes(12);
  const header = (length: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt16BE(1, 0);
    bytes.writeUInt16BE(length, 2);
    bytes.writeUInt32BE(MAGIC_COOKIE, 4);
    return Buffer.concat([bytes, id]);
  };
  const signed = Buffer.concat([header(attributes.length + 24), attributes]);
  const integrity = attribute(0x0008, createHmac('sha1', password).update(signed).digest());
  const whole = Buffer.concat([header(attributes.length + 32), attributes, integrity]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE((crc32(whole) ^ 0x5354554e) >>> 0);
  return Buffer.concat([whole, attribute(0x8028, checksum)]);
}

function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(value.length, 2);
  value.copy(bytes, 4);
  return bytes;
}

/** One end of a transport. */
export class DtlsPeer {
  readonly #transport: types.WebRtcTransport;
  readonly #outer: Socket = createSocket('udp4');
  readonly #inner: Socket = createSocket('udp4');
  #openssl: ChildProcess | undefined;
  #repeat: NodeJS.Timeout | undefined;
  /** DTLS records that came from the worker. */
  received = 0;
  /** DTLS records that OpenSSL sent. */
  sent = 0;
  /** What OpenSSL says. */
  output = '';

  constructor(transport: types.WebRtcTransport) {
    this.#transport = transport;
  }

  get #port(): number {
    return this.#transport.iceCandidates[0]?.port ?? 0;
  }

  /**
   * Passes the connectivity check; repeating it shows that the transport is still there. Sent again until it is
   * answered (RFC 8489, 6.2.1): a socket that is flooded drops it as any other packet.
   */
  async consent(): Promise<void> {
    const answered = new Promise<void>((resolve) => {
      const listen = (message: Buffer) => {
        // A success response to Binding.
        if (message.readUInt16BE(0) !== 0x0101) return;
        this.#outer.off('message', listen);
        resolve();
      };
      this.#outer.on('message', listen);
    });
    const check = bindingRequest(this.#transport.iceParameters);
    this.send(check);
    this.#repeat = setInterval(() => this.send(check), RETRANSMIT_MS);
    await answered;
    clearInterval(this.#repeat);
  }

  send(message: Buffer): void {
    this.#outer.send(message, this.#port, '127.0.0.1');
  }

  /** Starts the handshake with these arguments for `openssl s_client`. Resolves when the process has begun to send. */
  async connect(identity: Identity, args: readonly string[]): Promise<void> {
    this.#inner.bind(0, '127.0.0.1');
    await once(this.#inner, 'listening');
    let client = 0;
    const first = new Promise<void>((resolve) => {
      this.#inner.on('message', (message, { port }) => {
        client = port;
        this.sent += 1;
        this.send(message);
        resolve();
      });
    });
    this.#outer.on('message', (message) => {
      const isDtls = (message[0] ?? 0) >= 20 && (message[0] ?? 0) < 64;
      if (!isDtls) return;
      this.received += 1;
      this.#inner.send(message, client, '127.0.0.1');
    });
    const target = ['-connect', `127.0.0.1:${this.#inner.address().port}`];
    const own = ['-cert', identity.cert, '-key', identity.key];
    const child = spawn('openssl', ['s_client', ...target, ...own, ...args], { stdio: 'pipe' });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (this.output += String(chunk)));
    this.#openssl = child;
    await first;
  }

  close(): void {
    clearInterval(this.#repeat);
    this.#openssl?.kill('SIGKILL');
    this.#outer.close();
    this.#inner.close();
  }
}
