import { type Duplex, duplexPair } from 'node:stream';
import { FakeClock } from '@amphi/rooms/testing';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { type AmfValue, decodeAmf, encodeAmf } from './amf0.ts';
import { ChunkReader, controlMessage, RTMP, writeChunks } from './chunks.ts';
import { type Publication, publish, PublishEnded } from './client.ts';
import { HandshakeReader, hello, PACKET } from './handshake.ts';
import {
  PUBLISH_WITHIN_MS,
  PublishRefused,
  RtmpConnection,
  type RtmpConnectionOptions,
  SILENT_FOR_MS,
} from './server.ts';

const KEY = 'amphi_the-key';

function serve(onPublish?: RtmpConnectionOptions['onPublish']) {
  const [near, far] = duplexPair();
  const clock = new FakeClock();
  const asked: { app: string; key: string }[] = [];
  const media: [string, number, string][] = [];
  const ends: [string, string | undefined][] = [];
  const connection = new RtmpConnection({
    ...{ socket: near, clock },
    onPublish: async (request) => {
      asked.push(request);
      if (onPublish) return onPublish(request);
      return { media: (kind, timestamp, body) => void media.push([kind, timestamp, body.toString('latin1')]) };
    },
    onEnd: (end, error) => ends.push([end, error?.message]),
  });
  far.on('error', () => {});
  const ended = () => vi.waitFor(() => expect(ends).toHaveLength(1));
  return { connection, near, far, clock, asked, media, ends, ended };
}

/** Publishes by the client of the pushes. */
function come(far: Duplex, onEnd: (error: Error) => void = () => {}): Promise<Publication> {
  const options = { socket: far, app: 'live', tcUrl: 'rtmp://example.org/live', key: KEY, onEnd };
  return publish(options, new AbortController().signal);
}

/** Speaks RTMP by hand, behind a handshake as it should be. */
async function byHand(far: Duplex) {
  const handshake = new HandshakeReader();
  const chunks = new ChunkReader(100_000);
  const said: AmfValue[][] = [];
  const pongs: number[] = [];
  let greeted = false;
  far.on('data', (data: Buffer) => {
    let rest: Buffer = data;
    if (!greeted) {
      if (!handshake.take(1 + 2 * PACKET, data)) return;
      greeted = true;
      rest = handshake.rest();
    }
    for (const { type, payload } of chunks.push(rest)) {
      if (type === RTMP.command) said.push(decodeAmf(payload));
      if (type === RTMP.userControl && payload.readUInt16BE() === 7) pongs.push(payload.readUInt32BE(2));
    }
  });
  far.write(hello());
  far.write(Buffer.alloc(PACKET));
  await vi.waitFor(() => expect(greeted).toBe(true));
  const raw = (type: number, payload: Buffer, timestamp = 0) =>
    far.write(writeChunks(3, { type, streamId: 0, timestamp, payload }));
  const say = (...values: AmfValue[]) => raw(RTMP.command, encodeAmf(...values));
  return { said, pongs, raw, say };
}

describe('a program that publishes', () => {
  test('is asked about once, and what it sends is handed on', async () => {
    const { far, asked, media, ends, ended } = serve();
    const publication = await come(far);
    expect(asked).toEqual([{ app: 'live', key: KEY }]);
    publication.send(RTMP.video, 40, Buffer.from('picture'));
    publication.send(RTMP.audio, 0xff_ff_ff_f0, Buffer.from('x'.repeat(10_000)));
    await vi.waitFor(() => expect(media).toHaveLength(2));
    expect(media).toEqual([
      ['video', 40, 'picture'],
      ['audio', 0xff_ff_ff_f0, 'x'.repeat(10_000)],
    ]);
    publication.close();
    await ended();
    expect(ends).toEqual([['stopped', undefined]]);
  });

  test('is told in the words of RTMP why not', async () => {
    const { far, ends, ended } = serve(async () => {
      throw new PublishRefused('NetStream.Publish.BadName', 'This is no stream key.');
    });
    const error = await come(far).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PublishEnded);
    expect(error).toMatchObject({ code: 'NetStream.Publish.BadName', message: 'This is no stream key.' });
    await ended();
    expect(ends[0]?.[0]).toBe('lost');
  });

  test('is not told what failed here', async () => {
    const { far, ends, ended } = serve(() => Promise.reject(new Error('the disk is full')));
    await expect(come(far)).rejects.toMatchObject({ code: 'NetStream.Publish.Failed', message: /^The server failed/ });
    await ended();
    expect(ends).toEqual([['lost', 'the disk is full']]);
  });

  test('may be refused later as well', async () => {
    const { far, connection, media } = serve();
    const over = vi.fn();
    const publication = await come(far, over);
    connection.refuse(new PublishRefused('NetStream.Publish.Rejected', 'HEVC is not taken.'));
    await vi.waitFor(() => expect(over).toHaveBeenCalledOnce());
    expect(over.mock.calls[0]?.[0]).toMatchObject({ phase: 'live', message: 'HEVC is not taken.' });
    publication.send(RTMP.video, 0, Buffer.from('late'));
    expect(media).toEqual([]);
  });

  test('that hangs up is lost, not stopped', async () => {
    const { far, ends, ended } = serve();
    await come(far);
    far.end();
    await ended();
    expect(ends[0]?.[0]).toBe('lost');
  });

  test('is answered when it pings', async () => {
    const { far } = serve();
    const { raw, pongs } = await byHand(far);
    raw(RTMP.userControl, Buffer.from('000600001234', 'hex'));
    await vi.waitFor(() => expect(pongs).toEqual([0x1234]));
  });
});

describe('whoever does not get to it', () => {
  test.each([
    ['says nothing', async () => {}],
    ['sends a byte of the handshake now and then', async (far: Duplex) => void far.write(Buffer.of(3))],
    [
      'connects, and leaves it at that',
      async (far: Duplex) => void (await byHand(far)).say('connect', 1, { app: 'live' }),
    ],
  ])('%s: is put out in time', async (_what, act) => {
    const { near, far, clock, ends } = serve();
    await act(far);
    clock.advance(PUBLISH_WITHIN_MS - 1);
    expect(ends).toEqual([]);
    clock.advance(1);
    expect(ends).toEqual([['lost', 'nothing was published within 10 s']]);
    expect(near.destroyed).toBe(true);
  });

  test('publishes and then sends nothing: is gone', async () => {
    const { far, clock, media, ends } = serve();
    const publication = await come(far);
    clock.advance(SILENT_FOR_MS - 1000);
    publication.send(RTMP.audio, 0, Buffer.from('a'));
    await vi.waitFor(() => expect(media).toHaveLength(1));
    clock.advance(SILENT_FOR_MS - 1);
    expect(ends).toEqual([]);
    clock.advance(1);
    expect(ends[0]).toEqual(['lost', 'nothing came for a while']);
  });
});

describe('what is against the protocol ends the connection', () => {
  type Hand = Awaited<ReturnType<typeof byHand>>;
  test.each<[string, RegExp, (hand: Hand) => void]>([
    ['a stream before the connection', /"createStream" out of turn/, ({ say }) => void say('createStream', 1, null)],
    [
      'two connections',
      /"connect" out of turn/,
      ({ say }) => {
        say('connect', 1, { app: 'live' });
        say('connect', 2, { app: 'live' });
      },
    ],
    ['media before the stream', /media before/, ({ raw }) => void raw(RTMP.video, Buffer.from('x'))],
    ['no application', /without an application/, ({ say }) => void say('connect', 1, { app: 7 })],
    [
      'a stream that is a number',
      /without a name/,
      ({ say }) => {
        say('connect', 1, { app: 'live' });
        say('publish', 5, null, 12);
      },
    ],
    ['a player', /for publishing only/, ({ say }) => void say('play', 1, null, 'x')],
    [
      'a command that is too long',
      /a message of 16385 bytes/,
      ({ raw }) => void raw(RTMP.command, Buffer.alloc(16_385)),
    ],
    ['a command that is none', /no type 66/, ({ raw }) => void raw(RTMP.command, Buffer.from('BBBB'))],
    [
      'chunks of no size',
      /chunks of no size/,
      ({ raw }) => void raw(RTMP.setChunkSize, controlMessage(RTMP.setChunkSize, 0).payload),
    ],
  ])('%s', async (_what, reason, act) => {
    const { far, ends, ended } = serve();
    act(await byHand(far));
    await ended();
    expect(ends).toEqual([['lost', expect.stringMatching(reason)]]);
  });

  test('another protocol is known by its first byte', async () => {
    const { far, ends, ended } = serve();
    far.write('GET / HTTP/1.1\r\n\r\n');
    await ended();
    expect(ends).toEqual([['lost', 'this is not RTMP']]);
  });

  test('garbage behind the handshake never throws out of the connection, nor publishes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 400 }), async (bytes) => {
        const { far, asked, connection } = serve();
        far.write(hello());
        far.write(Buffer.alloc(PACKET));
        far.write(Buffer.from(bytes));
        far.resume();
        await new Promise((resolve) => setImmediate(resolve));
        connection.close();
        expect(asked).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
