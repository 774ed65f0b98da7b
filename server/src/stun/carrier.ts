import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect as connectTcp, isIP, isIPv6, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { messageLength } from './message.ts';

export type Where = {
  address: string;
  port: number;
  over?: 'udp' | 'tcp' | 'tls';
  /** With TLS: the name that its certificate has to be for. Without one any certificate is taken. */
  serverName?: string | undefined;
};

/** What brings messages to a server and back, one by one. */
export type Carrier = { send(bytes: Buffer): void; onMessage(listener: (bytes: Buffer) => void): void; close(): void };

export function openCarrier({ address, port, over = 'udp', serverName }: Where): Promise<Carrier> {
  if (over === 'udp') return overUdp(address, port);
  const stream = over === 'tls' ? openTls(address, port, serverName) : connectTcp(port, address);
  return overStream(stream, over === 'tls' ? 'secureConnect' : 'connect');
}

function openTls(host: string, port: number, name: string | undefined): Socket {
  if (name === undefined) return connectTls({ host, port, rejectUnauthorized: false });
  // An address is no name to ask for (RFC 6066 §3), and is looked for in the certificate all the same.
  return connectTls({ host, port, ...(isIP(name) === 0 ? { servername: name } : {}) });
}

async function overUdp(address: string, port: number): Promise<Carrier> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  socket.connect(port, address);
  await once(socket, 'connect');
  return {
    send: (bytes) => socket.send(bytes),
    onMessage: (listener) => void socket.on('message', listener),
    close: () => socket.close(),
  };
}

async function overStream(stream: Socket, ready: string): Promise<Carrier> {
  await once(stream, ready);
  // A relay that is stopped while a test ends resets what is open.
  stream.on('error', () => stream.destroy());
  return {
    send: (bytes) => void stream.write(bytes),
    onMessage(listener) {
      let rest = Buffer.alloc(0);
      stream.on('data', (chunk: Buffer) => {
        rest = Buffer.concat([rest, chunk]);
        for (let length = messageLength(rest); length !== undefined && rest.length >= length;) {
          listener(rest.subarray(0, length));
          rest = rest.subarray(length);
          length = messageLength(rest);
        }
      });
    },
    close: () => void stream.destroy(),
  };
}
