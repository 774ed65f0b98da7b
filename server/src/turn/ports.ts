import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { type AddressInfo, createServer } from 'node:net';
import { randomBytes } from 'node:crypto';

export type Listening = { protocol: 'udp' | 'tcp'; address: string; port: number; setting: string };

/** Why one of these cannot be listened on, in one sentence with the cure; undefined when all can. coturn itself only gives up. */
export async function whyNotFree(listenings: readonly Listening[]): Promise<string | undefined> {
  for (const listening of listenings) {
    try {
      await (listening.protocol === 'udp' ? tryUdp(listening) : tryTcp(listening));
    } catch (error) {
      return sentence(listening, error as NodeJS.ErrnoException);
    }
  }
  return undefined;
}

function sentence({ protocol, address, port, setting }: Listening, { code, message }: NodeJS.ErrnoException): string {
  const what = `Port ${port} (${protocol.toUpperCase()}) for the relay`;
  if (code === 'EADDRINUSE')
    return `${what} is taken: stop what uses it (Debian's own coturn: systemctl disable --now coturn), or choose another with "${setting}".`;
  if (code === 'EACCES') return `${what} may not be opened by this user: choose one above 1023 with "${setting}".`;
  return `${what} cannot be opened on ${address} (${code ?? message}): choose another with "${setting}", or correct "media.listenIp".`;
}

async function tryUdp({ address, port }: Listening): Promise<void> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    socket.bind({ port, address, exclusive: true });
    await once(socket, 'listening');
  } finally {
    socket.close();
  }
}

async function tryTcp({ address, port }: Listening): Promise<void> {
  const server = createServer();
  server.listen({ port, host: address, exclusive: true });
  await once(server, 'listening');
  await new Promise((resolve) => server.close(resolve));
}

/** A TCP port of loopback that nobody has at the moment. */
export async function freeLoopbackPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const MAGIC_COOKIE = 0x2112a442;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;

/** Whether a STUN server (RFC 8489) answers at this UDP address within `withinMs`. */
export async function answersStun(address: string, port: number, withinMs: number): Promise<boolean> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  const request = Buffer.alloc(20);
  request.writeUInt16BE(BINDING_REQUEST, 0);
  request.writeUInt32BE(MAGIC_COOKIE, 4);
  randomBytes(12).copy(request, 8);
  return new Promise((resolve) => {
    const end = (answered: boolean) => {
      clearTimeout(timer);
      socket.close();
      resolve(answered);
    };
    const timer = setTimeout(() => end(false), withinMs);
    socket.once('error', () => end(false));
    socket.once('message', (answer) => {
      const isOurs = answer.length >= 20 && answer.subarray(4, 20).equals(request.subarray(4));
      end(isOurs && answer.readUInt16BE(0) === BINDING_SUCCESS);
    });
    // Connected, so that a closed port is an error at once.
    socket.connect(port, address, () => socket.send(request));
  });
}
