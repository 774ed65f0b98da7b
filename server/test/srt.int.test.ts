import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { answerInduction, inductionOf, readHandshake, withCookie } from '@amphi/egress';
import { startedProcesses } from '@amphi/rooms/testing';
import { expect, vi } from 'vitest';
import { hasSrt } from './support/ffmpeg-publisher.ts';
import { testWithServer } from './support/fixtures.ts';
import { freePort } from './support/rtmp/nginx.ts';
import { arrival, becomes, mediaOf, publishTo, refusalOf, studioOf } from './support/studio.ts';
import { streamKey } from './support/whip.ts';

const hasTransmit = spawnSync('srt-live-transmit', ['-version']).error === undefined;

const port = await freePort();
const test = testWithServer({ srt: { port } });
/** With patience for machines on which it takes a while to start what receives. */
const url = (streamId: string) =>
  `srt://127.0.0.1:${port}?streamid=${encodeURIComponent(streamId)}&connect_timeout=20000`;

const encrypted = (id: string, passphrase: string) => `${url(id)}&passphrase=${passphrase}`;

/** Those by which this server receives; of some that were killed it notices after a while only. */
const receivers = () => startedProcesses().filter(({ command }) => command.includes('level+info'));
const noReceivers = () => vi.waitFor(() => expect(receivers()).toEqual([]), 10_000);

test.skipIf(!hasSrt)(
  'what ffmpeg publishes by SRT arrives, is lost, comes back as the same, is taken over from, and goes',
  { timeout: 120_000 },
  async ({ server, cast }) => {
    const room = await server.createRoom();
    const host = await cast.host(room, { name: 'Hanna' });
    const { key } = streamKey(server, room);
    expect((await host.wire.call('live.keys', {})).srt).toEqual({ port });
    const since = performance.now();
    const first = publishTo(url(key));
    const id = await arrival(host);
    await host.wire.take('producer.added');
    console.log(`from the start of ffmpeg to its tracks by SRT: ${Math.round(performance.now() - since)} ms`);
    await mediaOf(host, { treatment: 'as-sent' });

    first.kill();
    await becomes(host, 'reconnecting');
    const second = publishTo(url(`#!::r=${key},m=publish`), ['-bf', '2', '-profile:v', 'main']);
    await becomes(host, 'here');
    expect((await studioOf(host))?.id).toBe(id);
    await mediaOf(host, { treatment: 'encoded' });
    expect(await server.metric('amphi_publishers{protocol="srt"}')).toBe(1);
    expect(await server.metric('amphi_publisher_pictures{treatment="encoded"}')).toBe(1);

    const third = publishTo(url(key));
    await second.ended();
    expect((await studioOf(host))?.id).toBe(id);
    await mediaOf(host);
    expect(receivers()).toHaveLength(1);
    await third.stop();
    expect(await host.wire.take('member.left')).toEqual({ memberId: id, reason: 'left' });
    await noReceivers();
  },
);

test.skipIf(!hasSrt)(
  'where what receives is killed, the program is told at once, and may come back as the same',
  { timeout: 60_000 },
  async ({ server, cast }) => {
    const room = await server.createRoom();
    const host = await cast.host(room, { name: 'Hanna' });
    const { key } = streamKey(server, room);
    const first = publishTo(url(key));
    const id = await arrival(host);
    await mediaOf(host);
    process.kill(receivers()[0]?.pid ?? 0, 'SIGKILL');
    await becomes(host, 'reconnecting');
    await first.ended();
    publishTo(url(key));
    await becomes(host, 'here');
    expect((await studioOf(host))?.id).toBe(id);
  },
);

test.skipIf(!hasSrt)(
  'the host is told of pictures and sound that cannot be taken, until something comes that can',
  { timeout: 120_000 },
  async ({ server, cast }) => {
    const room = await server.createRoom();
    const host = await cast.host(room, { name: 'Hanna' });
    const { key } = streamKey(server, room);
    const hevc = publishTo(url(key), ['-c:v', 'libx265', '-x265-params', 'log-level=none']);
    await refusalOf(host, 'picture-codec', 'HEVC');
    await hevc.ended();
    const mp2 = publishTo(url(key), ['-c:a', 'mp2']);
    await refusalOf(host, 'sound-codec', 'MP2');
    await mp2.ended();
    await noReceivers();
    publishTo(url(key));
    await mediaOf(host);
  },
);

test.skipIf(!hasSrt)(
  'a program that encrypts names its key and shows nothing secret, and neither does what receives it',
  { timeout: 60_000 },
  async ({ server, cast }) => {
    const room = await server.createRoom();
    const host = await cast.host(room, { name: 'Hanna' });
    const { id, passphrase } = await host.wire.call('live.createKey', { name: 'Studio' });
    await noReceivers();
    const first = publishTo(encrypted(id, passphrase));
    const memberId = await arrival(host);
    await mediaOf(host, { treatment: 'as-sent' });
    expect(receivers()).toHaveLength(1);
    expect(receivers()[0]?.command).not.toContain(passphrase);
    first.kill();
    await becomes(host, 'reconnecting');
    // As recommended for SRT, and with the longest keys.
    publishTo(`${encrypted(`#!::r=${id},m=publish`, passphrase)}&pbkeylen=32`);
    await becomes(host, 'here');
    expect((await studioOf(host))?.id).toBe(memberId);
    const replaced = await host.wire.call('live.rotateKey', { id });
    expect(replaced.passphrase).not.toBe(passphrase);
    await noReceivers();
    expect(await publishTo(encrypted(id, passphrase)).ended()).not.toBe(0);
    await refusalOf(host, 'passphrase', '');
    publishTo(encrypted(id, replaced.passphrase));
    await arrival(host);
    await mediaOf(host);
  },
);

test.skipIf(!hasSrt)(
  'wrong keys, wrong passphrases and those who want to play are refused, with nothing started for them',
  { timeout: 60_000 },
  async ({ server, cast }) => {
    await noReceivers();
    const room = await server.createRoom();
    const host = await cast.host(room, { name: 'Hanna' });
    const { id, key } = streamKey(server, room);
    // Its id alone is no secret, and with it the key itself is none.
    const wrong = [url(id), encrypted(id, '0123456789'), encrypted(key, '0123456789'), encrypted(id, key)];
    for (const to of [url('amphi_wrong'), url(`#!::r=${key},m=request`), ...wrong]) {
      const refused = publishTo(to);
      expect(await refused.ended()).not.toBe(0);
    }
    expect(receivers()).toEqual([]);
    expect(await studioOf(host)).toBeUndefined();
    publishTo(url(key));
    await arrival(host);
    await host.wire.take('producer.added');
    await host.wire.call('live.rotateKey', { id });
    await noReceivers();
    expect(await studioOf(host)).toBeUndefined();
  },
);

test.skipIf(!hasSrt)(
  'whoever has not returned the cookie of its address is not listened to, and gets no more than it sent',
  { timeout: 30_000 },
  async ({ server, cast }) => {
    await noReceivers();
    const room = await server.createRoom();
    const host = await cast.host(room, { name: 'Hanna' });
    const { key } = streamKey(server, room);
    const sockets = [0, 1].map(() => createSocket('udp4'));
    const [mine, other] = sockets as [(typeof sockets)[0], (typeof sockets)[0]];
    const conclusion = conclusionFor(key);
    const ask = async (from: typeof mine, packet: Buffer) => {
      from.send(packet, port, '127.0.0.1');
      const [answer] = (await once(from, 'message')) as [Buffer];
      return answer;
    };
    const induction = inductionOf(conclusion);
    const [first, second] = [await ask(mine, induction), await ask(other, induction)];
    expect(first.length).toBe(induction.length);
    const cookie = readHandshake(first)?.cookie ?? 0;
    expect(first).toEqual(answerInduction(induction, cookie));
    expect(readHandshake(second)?.cookie).not.toBe(cookie);
    // Somebody else's cookie, none, an empty packet, noise, and pieces of handshakes.
    for (const packet of [withCookie(conclusion, cookie), conclusion, Buffer.alloc(0), Buffer.alloc(1400, 0x80)]) {
      other.send(packet, port, '127.0.0.1');
    }
    for (let length = 1; length < conclusion.length; length += 7) {
      mine.send(withCookie(conclusion, cookie).subarray(0, length), port, '127.0.0.1');
    }
    // What comes after that is answered, so that it has been read.
    await ask(other, induction);
    expect(receivers()).toEqual([]);
    expect(await studioOf(host)).toBeUndefined();
    for (const socket of sockets) socket.close();
  },
);

test.skipIf(!hasSrt || !hasTransmit)(
  'srt-live-transmit, which is another program, publishes',
  { timeout: 60_000 },
  async ({ server, cast }) => {
    const room = await server.createRoom();
    const host = await cast.host(room, { name: 'Hanna' });
    const { key } = streamKey(server, room);
    const from = await freePort();
    const relay = spawn('srt-live-transmit', ['-q', `udp://127.0.0.1:${from}`, url(key)], { stdio: 'ignore' });
    try {
      publishTo(`udp://127.0.0.1:${from}?pkt_size=1316`);
      await arrival(host);
      await mediaOf(host);
    } finally {
      relay.kill('SIGKILL');
    }
  },
);

/** The second packet of a caller that has this stream id and no cookie. */
function conclusionFor(streamId: string): Buffer {
  const words = Math.ceil(streamId.length / 4);
  const packet = Buffer.alloc(64 + 4 + words * 4);
  packet.writeUInt16BE(0x8000, 0);
  packet.writeUInt32BE(5, 16);
  packet.writeUInt16BE(4, 22);
  packet.writeUInt32BE(0xff_ff_ff_ff, 36);
  packet.writeUInt32BE(77, 40);
  packet.writeUInt16BE(5, 64);
  packet.writeUInt16BE(words, 66);
  packet.write(streamId, 68, 'latin1');
  packet.subarray(68).swap32();
  return packet;
}
