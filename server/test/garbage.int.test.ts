import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { testWithServer } from './support/fixtures.ts';
import { framed, garbage } from './support/garbage.ts';
import { workerOn } from './support/workers.ts';

const test = testWithServer();

/** Open files and resident memory (MB) of a process. */
function held(pid: number): { files: number; megabytes: number } {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { files: readdirSync(`/proc/${pid}/fd`).length, megabytes: Number(kilobytes) / 1024 };
}

/** So many packets from so many ports, with a breath for the other end now and then. */
async function sendUdp(port: number, packets: number, sockets: number): Promise<void> {
  const senders = Array.from({ length: sockets }, () => createSocket('udp4'));
  for (let n = 0; n < packets; n++) {
    senders[n % sockets]?.send(garbage(n), port, '127.0.0.1');
    if (n % 100 === 99) await sleep(1);
  }
  for (const sender of senders) await new Promise<void>((resolve) => sender.close(() => resolve()));
}

/** Connections that send framed garbage, half frames, and no frames at all. */
async function sendTcp(port: number, connections: number): Promise<Socket[]> {
  return Promise.all(
    Array.from({ length: connections }, async (_, n) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
      for (let k = 0; k < 20 && socket.writable; k++) {
        const packet = garbage(n + k * 7);
        socket.write(n % 3 === 0 ? framed(packet) : n % 3 === 1 ? packet : framed(packet).subarray(0, 9));
      }
      return socket;
    }),
  );
}

test('garbage at the media port kills nothing, leaks nothing, and media goes on', async ({ server, cast }) => {
  const [alice, bob] = await cast.gather(['Alice', 'Bob']);
  if (!alice || !bob) throw new Error('not everybody came');
  await alice.publishCamera();
  await bob.wire.take('consumer.created');
  const { mediaPort } = server;
  const pid = workerOn(mediaPort);
  // The first of everything makes buffers that stay.
  await sendUdp(mediaPort, 2000, 10);
  for (const socket of await sendTcp(mediaPort, 20)) socket.destroy();
  await alice.wire.call('transport.restartIce', { transportId: alice.transports.send.id });
  const before = held(pid);

  for (let round = 0; round < 3; round++) {
    await sendUdp(mediaPort, 6000, 30);
    const sockets = await sendTcp(mediaPort, 60);
    // The worker answers in the middle of it.
    await alice.wire.call('transport.restartIce', { transportId: alice.transports.send.id });
    for (const socket of sockets) socket.destroy();
  }
  await expect.poll(() => held(pid).files, { timeout: 10_000 }).toBeLessThanOrEqual(before.files);
  const after = held(pid);
  console.log(`the worker holds ${before.megabytes.toFixed(1)} MB before, ${after.megabytes.toFixed(1)} MB after`);
  expect(after.megabytes - before.megabytes).toBeLessThan(20);
  expect(workerOn(mediaPort)).toBe(pid);

  const microphone = await bob.publishMicrophone();
  const { consumer } = await alice.wire.take('consumer.created');
  expect(consumer.producerId).toBe(microphone);
  const late = await cast.join(alice.snapshot.room.id, { name: 'Late' });
  expect(late.snapshot.consumers).toHaveLength(2);
});
