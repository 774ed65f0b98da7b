import {
  type Call,
  createCall,
  type LocalPublication,
  type RemoteMember,
  type RemoteTrack,
  type Source,
} from '@amphi/client';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { FakeHandler } from 'mediasoup-client/handlers/FakeHandler';
import * as fakeParameters from 'mediasoup-client/fakeParameters';
import { describe, expect } from 'vitest';
import { testWithServerEach } from './support/fixtures.ts';
import { type Proxy, startProxy } from './support/proxy.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { killWorker } from './support/workers.ts';

/** The SDK that the web app uses, with everything but the browser's WebRTC. */
const test = testWithServerEach()
  .extend('proxy', async ({ server }, { onCleanup }) => {
    const proxy = await startProxy(server.port);
    onCleanup(() => proxy.close());
    return proxy;
  })
  .extend('calls', async ({ server, proxy }, { onCleanup }) => {
    const calls = new Calls(server, proxy);
    onCleanup(() => calls.end());
    return calls;
  });

class Calls {
  readonly #server: TestServer;
  readonly #proxy: Proxy;
  readonly #all: Call[] = [];

  constructor(server: TestServer, proxy: Proxy) {
    this.#server = server;
    this.#proxy = proxy;
  }

  /** A call over the network that the test can break, or past it. */
  make(room: string, over: 'proxy' | 'server' = 'server'): Call {
    const { url } = over === 'proxy' ? this.#proxy : this.#server;
    const handlerFactory = FakeHandler.createFactory(fakeParameters);
    const call = createCall({ room, server: url, handlerFactory });
    this.#all.push(call);
    return call;
  }

  async join(room: string, name: string, over: 'proxy' | 'server' = 'server'): Promise<Call> {
    const call = this.make(room, over);
    await call.join({ name, publish: [camera(), microphone()] });
    return call;
  }

  async end(): Promise<void> {
    await Promise.all(this.#all.map((call) => call.leave()));
  }
}

const camera = () => {
  const settings = { width: 1280, height: 720 };
  return { source: 'camera', track: new FakeMediaStreamTrack({ kind: 'video', settings }) } as const;
};
const microphone = () => ({ source: 'microphone', track: new FakeMediaStreamTrack({ kind: 'audio' }) }) as const;

const memberOf = (call: Call, name: string): RemoteMember | undefined =>
  [...call.members.values()].find((member) => member.name === name);
const trackOf = (call: Call, name: string, source: Source): RemoteTrack | undefined =>
  memberOf(call, name)?.trackOf(source);
const publicationOf = (call: Call, source: Source): LocalPublication =>
  call.publications.get(source) ?? expect.fail(`there is no ${source}`);

/** That one sees what the other sends, with something to render. */
async function expectToReceive(call: Call, name: string, sender: Call, timeout = 5000): Promise<void> {
  for (const source of ['camera', 'microphone'] as const) {
    const received = () => {
      const track = trackOf(call, name, source);
      return { id: track?.id, state: track?.mediaTrack?.readyState, path: track?.path };
    };
    await expect
      .poll(received, { timeout })
      .toEqual({ id: publicationOf(sender, source).id, state: 'live', path: 'sfu' });
  }
}

describe('the SDK', () => {
  test('joins, sends and receives', async ({ server, calls }) => {
    const room = await server.createRoom();
    const alice = await calls.join(room, 'Alice');
    const bob = await calls.join(room, 'Bob');
    expect(alice.state).toBe('joined');
    expect(bob.room?.id).toBe(room);
    await expectToReceive(alice, 'Bob', bob);
    await expectToReceive(bob, 'Alice', alice);
    expect(trackOf(bob, 'Alice', 'camera')).toMatchObject({ kind: 'video', muted: false, width: 1280, height: 720 });
    expect(server.errors).toEqual([]);
  });

  test('looks before it joins, and takes the warmed transports along', async ({ server, calls }) => {
    const room = await server.createRoom();
    const alice = await calls.join(room, 'Alice');
    const bob = calls.make(room);
    await bob.connect();
    expect(bob.state).toBe('connected');
    expect(bob.media?.videoCodec).toBe('vp8');
    // A fake transport never connects, so what is warmed is only built.
    void bob.warm();
    await expect.poll(() => bob.network.state).toBe('checking');
    expect(alice.members.size).toBe(0);
    await bob.join({ name: 'Bob', publish: [camera(), microphone()] });
    await expectToReceive(alice, 'Bob', bob);
    await expectToReceive(bob, 'Alice', alice);
  });

  test('takes in what happens right after its join, in one piece with the answer', async ({ server, proxy, calls }) => {
    const room = await server.createRoom();
    const bob = calls.make(room, 'proxy');
    await bob.connect();
    const release = proxy.hold();
    const joined = bob.join({ name: 'Bob', publish: [camera(), microphone()] });
    // He is a member now, and does not know it.
    await expect.poll(() => server.metric('amphi_members')).toBe(1);
    const alice = await calls.join(room, 'Alice');
    await expect.poll(() => [alice.members.size, memberOf(alice, 'Bob')?.presence]).toEqual([1, 'here']);
    release();
    await joined;
    await expect.poll(() => memberOf(bob, 'Alice')?.id).toBe(alice.selfId);
    await expectToReceive(bob, 'Alice', alice);
    await expectToReceive(alice, 'Bob', bob);
  });

  test('tells what others do', async ({ server, calls }) => {
    const room = await server.createRoom();
    const alice = await calls.join(room, 'Alice');
    const bob = await calls.join(room, 'Bob');
    await expectToReceive(bob, 'Alice', alice);
    const track = trackOf(bob, 'Alice', 'microphone');

    await publicationOf(alice, 'microphone').setMuted(true);
    await expect.poll(() => track?.muted).toBe(true);
    await publicationOf(alice, 'microphone').setMuted(false);
    await expect.poll(() => track?.muted).toBe(false);
    await alice.rename('Alicia');
    await expect.poll(() => memberOf(bob, 'Alicia')?.id).toBe(alice.selfId);
    expect(alice.selfName).toBe('Alicia');

    const shared = new FakeMediaStreamTrack({ kind: 'video', settings: { width: 1920, height: 1080 } });
    const screen = await alice.publish({ source: 'screen', track: shared });
    await expect.poll(() => trackOf(bob, 'Alicia', 'screen')?.mediaTrack?.kind).toBe('video');
    await screen.close();
    await expect.poll(() => trackOf(bob, 'Alicia', 'screen')).toBeUndefined();
    await alice.leave();
    await expect.poll(() => bob.members.size).toBe(0);
    expect(alice.end?.reason).toBe('left');
  });

  test('carries what features say', async ({ server, calls }) => {
    const room = await server.createRoom();
    const alice = await calls.join(room, 'Alice');
    const bob = await calls.join(room, 'Bob');
    const heard = new Promise<{ message: { text: string } }>((resolve) => void bob.onEvent('chat.message', resolve));
    await alice.request('chat.send', { text: 'hello' });
    expect((await heard).message.text).toBe('hello');
    await expect(alice.request('chat.send', { text: '' })).rejects.toMatchObject({ code: 'bad-request', path: 'text' });
    await expect(alice.request('no.such.method', {})).rejects.toMatchObject({ code: 'unknown-method' });
  });

  test('is refused with the code of the reason', async ({ server, calls }) => {
    await expect(calls.make('nowhere').connect()).rejects.toMatchObject({ code: 'room-not-found' });
    const room = await server.createRoom({ policy: { capacity: 1 } });
    await calls.join(room, 'Alice');
    await expect(calls.join(room, 'Bob')).rejects.toMatchObject({ code: 'room-full' });
  });

  test('goes on after a drop, and nobody saw a leave', async ({ server, proxy, calls }) => {
    const room = await server.createRoom();
    const alice = await calls.join(room, 'Alice');
    const bob = await calls.join(room, 'Bob', 'proxy');
    await expectToReceive(alice, 'Bob', bob);
    const track = trackOf(alice, 'Bob', 'camera');
    const id = bob.selfId;
    const states: string[] = [];
    bob.on('state', (state) => states.push(state));
    const comings: number[] = [];
    alice.on('members', () => comings.push(alice.members.size));

    proxy.block(true);
    proxy.cut();
    await expect.poll(() => memberOf(alice, 'Bob')?.presence).toBe('reconnecting');
    expect(bob.state).toBe('reconnecting');
    await publicationOf(alice, 'camera').setMuted(true);
    // Asked for while there is no connection: done when there is one.
    const renamed = bob.rename('Robert');
    proxy.block(false);
    await expect.poll(() => bob.state, { timeout: 5000 }).toBe('joined');
    await renamed;
    await expect.poll(() => memberOf(alice, 'Robert')?.presence).toBe('here');
    await expect.poll(() => trackOf(bob, 'Alice', 'camera')?.muted).toBe(true);
    expect(states).toEqual(['reconnecting', 'joined']);
    expect(bob.selfId).toBe(id);
    expect(trackOf(alice, 'Robert', 'camera')).toBe(track);
    expect(comings).toEqual([]);
  });

  test('has media again after a worker was killed, as the same tracks', async ({ server, calls }) => {
    const room = await server.createRoom();
    const alice = await calls.join(room, 'Alice');
    const bob = await calls.join(room, 'Bob');
    await expectToReceive(alice, 'Bob', bob);
    await expectToReceive(bob, 'Alice', alice);
    const before = trackOf(alice, 'Bob', 'camera');
    const rendered = before?.mediaTrack?.id;
    killWorker(server.mediaPort);
    await expect
      .poll(() => before?.mediaTrack?.id !== rendered && before?.mediaTrack?.readyState, { timeout: 3000 })
      .toBe('live');
    await expectToReceive(alice, 'Bob', bob, 3000);
    await expectToReceive(bob, 'Alice', alice, 3000);
    expect(trackOf(alice, 'Bob', 'camera')).toBe(before);
    expect([alice.state, bob.state]).toEqual(['joined', 'joined']);
  });

  test('joins again by itself after the server was restarted', async ({ server, calls }) => {
    const room = await server.createRoom();
    const alice = await calls.join(room, 'Alice');
    const bob = await calls.join(room, 'Bob');
    await expectToReceive(alice, 'Bob', bob);
    const old = alice.selfId;
    await publicationOf(bob, 'microphone').setMuted(true);
    await server.stop();
    const again = await startTestServer({ dataDir: server.dataDir, port: server.port });
    const startedAt = performance.now();
    await expect.poll(() => [alice.state, bob.state], { timeout: 6000 }).toEqual(['joined', 'joined']);
    await expect.poll(() => trackOf(alice, 'Bob', 'microphone')?.muted, { timeout: 6000 }).toBe(true);
    await expectToReceive(alice, 'Bob', bob, 6000);
    await expectToReceive(bob, 'Alice', alice, 6000);
    expect(performance.now() - startedAt).toBeLessThan(6000);
    expect(alice.selfId).not.toBe(old);
    expect(alice.members.size).toBe(1);
    await calls.end();
    await again.close();
  });

  test('asks for what is looked at, and sends no more than that', async ({ server, calls }) => {
    const room = await server.createRoom();
    const alice = await calls.join(room, 'Alice');
    const bob = await calls.join(room, 'Bob');
    await expectToReceive(bob, 'Alice', alice);
    const demands: number[] = [];
    alice.onEvent('producer.demand', ({ maxSpatialLayer }: { maxSpatialLayer: number }) =>
      demands.push(maxSpatialLayer),
    );
    const track = trackOf(bob, 'Alice', 'camera');
    track?.setView({ visible: true, width: 1280, height: 720 });
    await bob.request('session.ping', {});
    track?.setView({ visible: false, width: 0, height: 0 });
    await expect.poll(() => demands.at(-1), { timeout: 5000 }).toBe(-1);
    track?.setView({ visible: true, width: 640, height: 360 });
    await expect.poll(() => demands.at(-1)).toBe(1);
    track?.setView({ visible: true, width: 1280, height: 720 });
    await expect.poll(() => demands.at(-1)).toBe(2);
  });
});

test('where there is no WebRTC a viewer comes in without media, and reads of it all the same', async ({ server }) => {
  const room = await server.createRoom();
  const handlerFactory = FakeHandler.createFactory(fakeParameters);
  const host = createCall({ room, server: server.url, hostKey: server.hostKeyOf(room), handlerFactory });
  await host.join({ name: 'Hanna' });
  await host.request('live.prepare', { title: 'Launch' });
  const viewer = createCall({ room, server: server.url, audience: true, direct: false });
  try {
    // What runs this test has none.
    await expect(viewer.connect()).rejects.toThrow(/not supported/);
    await viewer.join({ name: 'Vera', media: false });
    expect(viewer.state).toBe('joined');
    expect(viewer.hasMedia).toBe(false);
    expect(await viewer.request('live.get', {})).toMatchObject({ event: { title: 'Launch' } });
  } finally {
    await Promise.all([host.leave(), viewer.leave()]);
  }
});
