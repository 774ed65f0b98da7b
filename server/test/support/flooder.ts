// A process that does its worst to a server: node flooder.ts <kind> <url> <room> <address> <media port> <milliseconds>
// Prints one JSON line for each of its connections: after how many milliseconds of flooding it was cut off.
import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect as connectTcp } from 'node:net';
import { PROTOCOL_VERSION, REQUEST } from '@amphi/protocol';
import { io, Manager, type Socket } from 'socket.io-client';
import { framed, garbage } from './garbage.ts';

const [kind = '', url = '', room = '', address = '', mediaPort = '', lasting = '0'] = process.argv.slice(2);
const until = performance.now() + Number(lasting);
const extraHeaders = { 'X-Forwarded-For': address };
const transports = ['websocket'];
const isOver = () => performance.now() >= until;
const breath = () => new Promise((resolve) => setImmediate(resolve));
const report = (line: object) => void process.stdout.write(`${JSON.stringify(line)}\n`);

async function connected(): Promise<Socket | undefined> {
  const auth = { protocol: PROTOCOL_VERSION, room, guest: randomUUID() };
  const socket = io(url, { transports, forceNew: true, reconnection: false, auth, extraHeaders });
  const isIn = new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('connect_error', () => resolve(false));
  });
  return (await isIn) ? socket : undefined;
}

/** Sends without a pause until it is cut off, then comes back and does it again. */
async function flood(send: (socket: Socket) => void, batch: number): Promise<void> {
  while (!isOver()) {
    const socket = await connected();
    if (!socket) {
      report({ refused: true });
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    const since = performance.now();
    while (socket.connected && !isOver()) {
      for (let n = 0; n < batch; n++) send(socket);
      await breath();
    }
    const forMs = Math.round(performance.now() - since);
    report(socket.connected ? { enduredMs: forMs } : { cutAfterMs: forMs });
    socket.disconnect();
  }
}

const kinds: Record<string, () => Promise<void>> = {
  requests: () =>
    flood((socket) => socket.emit(REQUEST, { id: randomUUID(), method: 'session.ping', data: {} }, () => {}), 200),
  events: () => flood((socket) => socket.emit('whatever', [1, { a: 2 }]), 200),
  payloads: () => flood((socket) => socket.emit(REQUEST, { id: '1', method: 'x', data: 'x'.repeat(100_000) }), 5),
  oversized: () => flood((socket) => socket.emit(REQUEST, 'x'.repeat(1_000_000)), 1),

  /** Connections that never say whom they are for. */
  async connections() {
    const open = new Set<Manager>();
    let refused = 0;
    while (!isOver()) {
      const manager = new Manager(url, { transports, reconnection: false, extraHeaders, autoConnect: false });
      manager.open((error) => void (error ? refused++ : open.add(manager)));
      if (open.size % 20 === 0) await breath();
      await breath();
    }
    report({ opened: open.size, refused });
    for (const manager of open) manager.engine?.close();
  },

  /** What looks like STUN, DTLS and RTP, and what looks like nothing. */
  async garbage() {
    const udp = createSocket('udp4');
    const tcp = connectTcp(Number(mediaPort), '127.0.0.1');
    tcp.on('error', () => {});
    let sent = 0;
    while (!isOver()) {
      for (let n = 0; n < 50; n++) {
        udp.send(garbage(sent++), Number(mediaPort), '127.0.0.1');
        if (tcp.writable && !tcp.writableNeedDrain) tcp.write(framed(garbage(sent++)));
      }
      await breath();
    }
    report({ sent });
    udp.close();
    tcp.destroy();
  },
};

await kinds[kind]?.();
process.exit(0);
