import { beforeEach, describe, expect, test } from 'vitest';
import { call, type FakeLink, startRooms, until } from './testing/index.ts';

/** A room with an audience, of which two are given tracks and four may come. */
async function startEvent() {
  const rooms = startRooms({ audience: { places: 2, seats: 4 } });
  const policy = rooms.store.get('lab')?.policy;
  if (!policy) throw new Error('no room');
  rooms.store.setPolicy('lab', { ...policy, audience: 'live' }, null);
  const come = async (name: string, media?: boolean) => {
    const connected = await rooms.connect('lab', undefined, { audience: true });
    const input = { name, rtpCapabilities: {}, direct: false, ...(media === undefined ? {} : { media }) };
    return { ...connected, answer: await call(connected.session, 'join', input) };
  };
  return { rooms, come };
}

type Viewer = Awaited<ReturnType<Awaited<ReturnType<typeof startEvent>>['come']>>;
const hasMedia = ({ answer }: Viewer) =>
  answer.ok && (answer.data as { transports?: unknown }).transports !== undefined;
const snapshots = (link: FakeLink) => link.sent.filter(({ name }) => name === 'session.snapshot');

describe('the audience', () => {
  let event: Awaited<ReturnType<typeof startEvent>>;
  beforeEach(async () => {
    event = await startEvent();
  });

  test('over the places in real time is let in without media, and over the seats not at all', async () => {
    const { rooms, come } = event;
    const viewers = [await come('a'), await come('b'), await come('c'), await come('d')];
    expect(viewers.map(hasMedia)).toEqual([true, true, false, false]);
    expect(viewers.map(({ session }) => session.stage)).toEqual(['joined', 'joined', 'joined', 'joined']);
    expect(viewers.map(({ session }) => rooms.media('lab').transports.has(session.id))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    await expect(come('e')).rejects.toMatchObject({ code: 'room-full' });
  });

  test('that comes all at once gets no more places than there are', async () => {
    const viewers = await Promise.all(['a', 'b', 'c', 'd'].map((name) => event.come(name)));
    expect(viewers.filter(hasMedia)).toHaveLength(2);
  });

  test('who wants no media leaves the place to others, and gets one again only where there is one', async () => {
    const { rooms, come } = event;
    const [a, b] = [await come('a', false), await come('b')];
    expect([a, b].map(hasMedia)).toEqual([false, true]);
    expect(await call(a.session, 'media.receive', { on: true })).toMatchObject({ ok: true });
    await until(() => snapshots(a.link).length > 0);
    expect(snapshots(a.link).at(-1)?.data).toMatchObject({ transports: { recv: { id: expect.any(String) } } });

    expect(hasMedia(await come('c'))).toBe(false);
    expect(await call(b.session, 'media.receive', { on: false })).toMatchObject({ ok: true });
    expect(rooms.media('lab').transports.has(b.session.id)).toBe(false);
    expect(hasMedia(await come('d'))).toBe(true);
    expect(await call(b.session, 'media.receive', { on: true })).toMatchObject({ error: { code: 'room-full' } });
    await call(a.session, 'leave');
    expect(await call(b.session, 'media.receive', { on: true })).toMatchObject({ ok: true });
    await until(() => rooms.media('lab').transports.has(b.session.id));
  });

  test('who comes on stage is given media, with a place or without', async () => {
    const { rooms, come } = event;
    const a = await come('a', false);
    const room = rooms.directory.liveRoom('lab');
    room?.moderation.stage({ identity: 'server', name: '', role: 'host' }, a.session.id, 'speaker');
    await until(() => rooms.media('lab').transports.has(a.session.id));
    await until(() => snapshots(a.link).length > 0);
    expect(await call(a.session, 'media.receive', { on: false })).toMatchObject({ error: { code: 'wrong-state' } });
  });
});
