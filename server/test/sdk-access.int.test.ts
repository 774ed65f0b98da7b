import { type Call, type CallOptions, createCall, createRoom, type PolicyPatch, type Source } from '@amphi/client';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { FakeHandler } from 'mediasoup-client/handlers/FakeHandler';
import * as fakeParameters from 'mediasoup-client/fakeParameters';
import { describe, expect, onTestFinished } from 'vitest';
import { testWithServerEach } from './support/fixtures.ts';
import { startProxy } from './support/proxy.ts';
import { startTestServer, type TestServer } from './support/server.ts';

type Who = Pick<CallOptions, 'guest' | 'hostKey' | 'pass'> & { url?: string };

/** Who may do what, as the SDK tells it and does it. */
const test = testWithServerEach()
  .extend('proxy', async ({ server }, { onCleanup }) => {
    const proxy = await startProxy(server.port);
    onCleanup(() => proxy.close());
    return proxy;
  })
  .extend('calls', async ({ server }, { onCleanup }) => {
    const all: Call[] = [];
    const make = (room: string, { url = server.url, ...who }: Who = {}): Call => {
      const handlerFactory = FakeHandler.createFactory(fakeParameters);
      const call = createCall({ room, server: url, handlerFactory, ...who });
      all.push(call);
      return call;
    };
    const join = async (room: string, name: string, who: Who = {}): Promise<Call> => {
      const call = make(room, who);
      await call.join({ name, publish: [camera(), microphone()] });
      return call;
    };
    const end = () => Promise.all(all.map((call) => call.leave()));
    onCleanup(async () => void (await end()));
    return { make, join, end };
  });

const camera = () => ({ source: 'camera', track: new FakeMediaStreamTrack({ kind: 'video' }) }) as const;
const microphone = () => ({ source: 'microphone', track: new FakeMediaStreamTrack({ kind: 'audio' }) }) as const;

/** A room of which the test has the host link. */
async function makeRoom(server: TestServer, policy: PolicyPatch = {}) {
  const { id, hostKey } = await createRoom(server.url, { policy: { direct: false, ...policy } });
  return { id, hostKey };
}

const trackOf = (call: Call, of: Call, source: Source) => call.members.get(of.selfId ?? '')?.trackOf(source);
const idOf = (call: Call): string => call.selfId ?? expect.fail('not in the room');

describe('the lobby', () => {
  test('keeps people out until a host decides, and lets both sides talk', async ({ server, calls }) => {
    const room = await makeRoom(server, { lobby: true });
    const host = await calls.join(room.id, 'Hanna', { hostKey: room.hostKey });
    expect(host.self?.role).toBe('host');
    const gil = calls.make(room.id);
    const heard: string[] = [];
    gil.on('lobbyMessage', ({ name, text }) => heard.push(`${name}: ${text}`));
    await gil.connect();
    expect(gil.standing).toMatchObject({ admission: 'lobby', role: 'speaker' });
    await expect(gil.join({ name: 'Gil' })).rejects.toMatchObject({ code: 'lobby' });
    await gil.knock('Gil');
    expect(gil.lobby).toEqual({ state: 'waiting', hosts: ['Hanna'] });
    await expect.poll(() => host.waiting.map(({ name }) => name)).toEqual(['Gil']);

    const [waiting] = host.waiting;
    await host.moderation.writeToLobby('One moment', waiting?.id);
    await expect.poll(() => heard).toEqual(['Hanna: One moment']);
    await host.moderation.deny(waiting?.id ?? '');
    await expect.poll(() => gil.lobby.state).toBe('denied');
    expect(host.waiting).toEqual([]);

    await gil.knock('Gil');
    await expect.poll(() => host.waiting.length).toBe(1);
    await host.moderation.admit(host.waiting.map(({ id }) => id));
    await expect.poll(() => gil.lobby.state).toBe('admitted');
    await gil.join({ name: 'Gil', publish: [camera()] });
    await expect.poll(() => trackOf(host, gil, 'camera')?.mediaTrack?.readyState).toBe('live');
  });

  test('is knocked at again after the server was restarted', async ({ server, calls }) => {
    const room = await makeRoom(server, { lobby: true });
    const host = await calls.join(room.id, 'Hanna', { hostKey: room.hostKey });
    const gil = calls.make(room.id);
    await gil.knock('Gil');
    await server.stop();
    const again = await startTestServer({ dataDir: server.dataDir, port: server.port });
    onTestFinished(() => again.close());
    await expect.poll(() => host.state, { timeout: 6000 }).toBe('joined');
    expect(host.self?.role).toBe('host');
    await expect.poll(() => host.waiting.map(({ name }) => name), { timeout: 6000 }).toEqual(['Gil']);
    await host.moderation.admit(host.waiting.map(({ id }) => id));
    await expect.poll(() => gil.lobby.state).toBe('admitted');
    await calls.end();
  });
});

describe('the password', () => {
  test('is asked for in words, and only of those who need it', async ({ server, calls }) => {
    const room = await makeRoom(server, { password: 'open sesame' });
    const gil = calls.make(room.id);
    await gil.connect();
    expect(gil.standing?.admission).toBe('password');
    await expect(gil.join({ name: 'Gil', password: 'wrong one' })).rejects.toMatchObject({ code: 'password' });
    await gil.join({ name: 'Gil', password: 'open sesame' });
    const host = await calls.join(room.id, 'Hanna', { hostKey: room.hostKey });
    await host.moderation.setPolicy({ password: null });
    const ida = calls.make(room.id);
    await ida.connect();
    expect(ida.standing?.admission).toBe('open');
  });
});

describe('moderation', () => {
  test('mutes at the sender, asks, and ends what is no longer allowed', async ({ server, calls }) => {
    const room = await makeRoom(server);
    const host = await calls.join(room.id, 'Hanna', { hostKey: room.hostKey });
    const gil = await calls.join(room.id, 'Gil');
    const heard: unknown[] = [];
    gil.on('muted', ({ sources, by }) => heard.push({ sources, by }));
    gil.on('asked', (asked) => heard.push(asked));
    gil.on('self', ({ role }) => heard.push(role));
    await expect.poll(() => trackOf(host, gil, 'microphone')?.mediaTrack?.readyState).toBe('live');
    const [mic, cam] = [gil.publications.get('microphone'), gil.publications.get('camera')];

    await host.moderation.mute(idOf(gil));
    await expect.poll(() => mic?.muted).toBe(true);
    expect(mic?.track.enabled).toBe(false);
    await expect.poll(() => trackOf(host, gil, 'microphone')?.muted).toBe(true);
    await host.moderation.ask(idOf(gil), 'microphone');
    await expect
      .poll(() => heard)
      .toEqual([
        { sources: ['microphone'], by: 'Hanna' },
        { source: 'microphone', by: 'Hanna' },
      ]);
    await mic?.setMuted(false);
    await expect.poll(() => trackOf(host, gil, 'microphone')?.muted).toBe(false);

    await host.moderation.setExceptions(idOf(gil), { grant: [], deny: ['publish.video'] });
    await expect.poll(() => cam?.closed).toBe(true);
    expect(gil.publications.has('camera')).toBe(false);
    await expect.poll(() => gil.may('publish.video')).toBe(false);
    await expect(gil.publish(camera())).rejects.toMatchObject({ code: 'forbidden' });
    await expect.poll(() => host.members.get(idOf(gil))?.exceptions.deny).toEqual(['publish.video']);
    expect(mic?.closed).toBe(false);

    await host.moderation.setRole(idOf(gil), 'attendee');
    await expect.poll(() => mic?.closed).toBe(true);
    await expect.poll(() => heard.at(-1)).toBe('attendee');
    await expect.poll(() => host.members.get(idOf(gil))?.role).toBe('attendee');
    await host.moderation.setExceptions(idOf(gil), { grant: ['publish.audio'], deny: [] });
    await expect.poll(() => gil.may('publish.audio')).toBe(true);
    await gil.publish(microphone());
    await expect.poll(() => trackOf(host, gil, 'microphone')?.mediaTrack?.readyState).toBe('live');

    const screen = { source: 'screen', track: new FakeMediaStreamTrack({ kind: 'video' }) } as const;
    await host.moderation.setRole(idOf(gil), 'speaker');
    await expect.poll(() => gil.may('publish.screen')).toBe(true);
    const shared = await gil.publish(screen);
    await host.moderation.setPolicy({ allowScreen: false });
    await expect.poll(() => shared.closed).toBe(true);
    expect(gil.room?.policy.allowScreen).toBe(false);
    // What the policy takes from all it does not take from those who moderate.
    expect(host.may('publish.screen')).toBe(true);
    expect(server.errors).toEqual([]);
  });

  test('what was taken away during a drop is gone after it', async ({ server, proxy, calls }) => {
    const room = await makeRoom(server);
    const host = await calls.join(room.id, 'Hanna', { hostKey: room.hostKey });
    const gil = await calls.join(room.id, 'Gil', { url: proxy.url });
    const [mic, cam] = [gil.publications.get('microphone'), gil.publications.get('camera')];
    await expect.poll(() => trackOf(host, gil, 'microphone')?.mediaTrack?.readyState).toBe('live');
    proxy.block(true);
    proxy.cut();
    await expect.poll(() => gil.state).toBe('reconnecting');
    await host.moderation.mute(idOf(gil));
    await host.moderation.setExceptions(idOf(gil), { grant: [], deny: ['publish.video'] });
    proxy.block(false);
    await expect.poll(() => gil.state, { timeout: 5000 }).toBe('joined');
    await expect.poll(() => [mic?.muted, cam?.closed, gil.may('publish.video')]).toEqual([true, true, false]);
  });

  test('a role outlives the server, by the pass', async ({ server, calls }) => {
    const room = await makeRoom(server);
    const host = await calls.join(room.id, 'Hanna', { hostKey: room.hostKey });
    const gil = await calls.join(room.id, 'Gil');
    await host.moderation.setRole(idOf(gil), 'cohost');
    await expect.poll(() => gil.may('moderate')).toBe(true);
    await host.moderation.setPolicy({ locked: true });
    await server.stop();
    const again = await startTestServer({ dataDir: server.dataDir, port: server.port });
    onTestFinished(() => again.close());
    await expect.poll(() => [host.state, gil.state], { timeout: 6000 }).toEqual(['joined', 'joined']);
    expect([host.self?.role, gil.self?.role]).toEqual(['host', 'cohost']);
    // And a page that was loaded anew comes back into the locked room with it.
    const pass = gil.self?.pass ?? '';
    await gil.leave();
    const reloaded = await calls.join(room.id, 'Gil', { pass });
    expect(reloaded.self?.role).toBe('cohost');
    await expect(calls.make(room.id).connect()).rejects.toMatchObject({ code: 'room-not-found' });
    await calls.end();
  });

  test('puts people out, for good where that is said, and keeps a log', async ({ server, calls }) => {
    const room = await makeRoom(server);
    const host = await calls.join(room.id, 'Hanna', { hostKey: room.hostKey });
    const guest = crypto.randomUUID();
    const gil = await calls.join(room.id, 'Gil', { guest });
    await host.moderation.remove(idOf(gil));
    await expect.poll(() => gil.end?.reason).toBe('removed');
    const again = await calls.join(room.id, 'Gil', { guest });
    await host.moderation.remove(idOf(again), { ban: true });
    await expect.poll(() => again.end?.reason).toBe('banned');
    await expect(calls.join(room.id, 'Gil', { guest })).rejects.toMatchObject({ code: 'room-not-found' });
    const [ban] = await host.moderation.bans();
    expect(ban).toMatchObject({ name: 'Gil', by: 'Hanna' });
    await host.moderation.unban(ban?.id ?? '');
    const ida = await calls.join(room.id, 'Gil', { guest });
    await expect(ida.moderation.muteAll()).rejects.toMatchObject({ code: 'forbidden' });
    await expect(host.moderation.remove('nobody')).rejects.toMatchObject({ code: 'not-found' });
    const log = await host.moderation.audit({ limit: 2 });
    expect(log.map(({ action, actorName }) => `${actorName} ${action}`)).toEqual([
      'Hanna moderate.unban',
      'Hanna moderate.remove',
    ]);
    const older = await host.moderation.audit({ before: log.at(-1)?.id ?? 0 });
    expect(older.map(({ action }) => action)).toContain('moderate.remove');
    await host.moderation.endForAll();
    await expect.poll(() => [host.end?.reason, ida.end?.reason]).toEqual(['room-closed', 'room-closed']);
  });
});
