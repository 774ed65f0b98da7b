import { mkdtempSync, rmSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AmphiServer, configSchema, startServer } from '@amphi/server';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { FakeHandler } from 'mediasoup-client/handlers/FakeHandler';
import * as fakeParameters from 'mediasoup-client/fakeParameters';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RoomCall } from './call.ts';
import { createRoom, lookupRoom } from './http.ts';
import { openSocketIo, type SignalSocket, type SocketFactory } from './signaling/socket.ts';
import type { PublishOptions } from './types.ts';

const silent = () => undefined;
const logger = { debug: silent, info: silent, warn: silent, error: silent };

let dataDir: string;
let port: number;
let server: AmphiServer;
let room: string;
let calls: RoomCall[];

async function start(): Promise<void> {
  const media = { port: port + 1, workers: 1 };
  server = await startServer({ config: configSchema.parse({ dataDir, host: '127.0.0.1', port, media }), logger });
}

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'amphi-client-'));
  port = randomInt(20_000, 30_000);
  calls = [];
  await start();
  room = (await createRoom(server.url)).id;
});

afterEach(async () => {
  await Promise.all(calls.map((call) => call.leave()));
  await server.close();
  rmSync(dataDir, { recursive: true });
});

/** A call whose sockets can be taken away from it. */
function makeCall(id = room): { call: RoomCall; drop(): void } {
  let socket: SignalSocket | undefined;
  const factory: SocketFactory = (...args) => (socket = openSocketIo(...args));
  const handlerFactory = FakeHandler.createFactory(fakeParameters);
  const call = new RoomCall({ room: id, server: server.url, handlerFactory }, factory);
  calls.push(call);
  return { call, drop: () => socket?.drop() };
}

function fakeTrack(kind: 'audio' | 'video'): MediaStreamTrack {
  const track = new FakeMediaStreamTrack({ kind });
  vi.spyOn(track, 'getSettings').mockReturnValue(kind === 'video' ? { width: 1280, height: 720 } : {});
  return track as unknown as MediaStreamTrack;
}

const camera = (): PublishOptions => ({ source: 'camera', track: fakeTrack('video') });
const microphone = (muted = false): PublishOptions => ({ source: 'microphone', track: fakeTrack('audio'), muted });

const memberOf = (call: RoomCall) => [...call.members.values()][0];
const trackOf = (call: RoomCall, source: 'camera' | 'microphone') => memberOf(call)?.trackOf(source);

/** Two people in the room; the first sends a camera and a muted microphone. */
async function two() {
  const ann = makeCall();
  const bob = makeCall();
  await ann.call.join({ name: 'Ann', publish: [camera(), microphone(true)] });
  await bob.call.join({ name: 'Bob' });
  await vi.waitFor(() => expect(trackOf(bob.call, 'camera')?.mediaTrack).toBeTruthy());
  return { ann, bob };
}

describe('a call', () => {
  it('shows who is there and what they send, and follows what changes', async () => {
    const { ann, bob } = await two();
    expect(bob.call.state).toBe('joined');
    expect(memberOf(bob.call)).toMatchObject({ id: ann.call.selfId, name: 'Ann', presence: 'here' });
    expect(trackOf(bob.call, 'camera')).toMatchObject({ width: 1280, height: 720, muted: false, path: 'sfu' });
    expect(trackOf(bob.call, 'microphone')?.muted).toBe(true);
    expect(trackOf(bob.call, 'camera')?.id).toBe(ann.call.publications.get('camera')?.id);

    await ann.call.publications.get('microphone')?.setMuted(false);
    await vi.waitFor(() => expect(trackOf(bob.call, 'microphone')?.muted).toBe(false));
    await ann.call.rename('Anna');
    await vi.waitFor(() => expect(memberOf(bob.call)?.name).toBe('Anna'));
    await ann.call.publications.get('camera')?.close();
    await vi.waitFor(() => expect(trackOf(bob.call, 'camera')).toBeUndefined());
    expect(ann.call.publications.has('camera')).toBe(false);
    await ann.call.leave();
    await vi.waitFor(() => expect(bob.call.members.size).toBe(0));
    expect(ann.call).toMatchObject({ state: 'ended', end: { reason: 'left' } });
  });

  it('tells those who are there already about a new track', async () => {
    const { ann, bob } = await two();
    const seen: string[] = [];
    ann.call.on('track', (track) => void seen.push(track.source));
    await bob.call.publish(microphone());
    await vi.waitFor(() => expect(trackOf(ann.call, 'microphone')?.mediaTrack).toBeTruthy());
    expect(new Set(seen)).toEqual(new Set(['microphone']));
    await expect(bob.call.publish(microphone())).rejects.toMatchObject({ code: 'wrong-state' });
  });

  it('warms its transports before the join and keeps them', async () => {
    const { call } = makeCall();
    const checks: string[] = [];
    call.on('network', ({ state }) => void checks.push(state));
    // Nobody says that a fake connection stands.
    void call.warm();
    await vi.waitFor(() => expect(checks).toEqual(['checking']));
    const bob = makeCall();
    await bob.call.join({ name: 'Bob' });
    await call.join({ name: 'Ann', publish: [camera()] });
    await vi.waitFor(() => expect(trackOf(bob.call, 'camera')?.mediaTrack).toBeTruthy());
    expect(checks).toEqual(['checking']);
  });

  it('is refused in one sentence, and may be tried again', async () => {
    const { call } = makeCall('no-such-room');
    await expect(call.join({ name: 'Ann' })).rejects.toMatchObject({ code: 'room-not-found' });
    await expect(lookupRoom(server.url, 'no-such-room')).resolves.toBeNull();
    await expect(lookupRoom(server.url, room)).resolves.toMatchObject({ id: room });
    const ann = makeCall();
    await expect(ann.call.join({ name: '', publish: [camera()] })).rejects.toMatchObject({ code: 'bad-request' });
    expect(ann.call.publications.size).toBe(0);
    await ann.call.join({ name: 'Ann', publish: [camera()] });
    expect(ann.call.state).toBe('joined');
  });
});

describe('a dropped socket', () => {
  it('is resumed with the same session, and what was asked and missed meanwhile comes through', async () => {
    const { ann, bob } = await two();
    const id = bob.call.selfId;
    const members = vi.fn();
    ann.call.on('members', members);
    const track = trackOf(bob.call, 'camera');
    bob.drop();
    expect(bob.call.state).toBe('reconnecting');
    const renamed = bob.call.rename('Bobby');
    await ann.call.publications.get('microphone')?.setMuted(false);
    await renamed;
    await vi.waitFor(() => expect(bob.call.state).toBe('joined'));
    expect(bob.call.selfId).toBe(id);
    await vi.waitFor(() => expect(trackOf(bob.call, 'microphone')?.muted).toBe(false));
    expect(trackOf(bob.call, 'camera')).toBe(track);
    await vi.waitFor(() => expect(memberOf(ann.call)).toMatchObject({ name: 'Bobby', presence: 'here' }));
    expect(members).not.toHaveBeenCalled();
  });
});

describe('a restarted server', () => {
  it('finds everybody back in the room within 6 s', async () => {
    const { ann, bob } = await two();
    const before = bob.call.selfId;
    await server.close();
    await vi.waitFor(() => expect(bob.call.state).toBe('reconnecting'));
    await start();
    const back = () => {
      expect([ann.call.state, bob.call.state]).toEqual(['joined', 'joined']);
      expect(trackOf(bob.call, 'camera')?.mediaTrack?.readyState).toBe('live');
      expect(memberOf(ann.call)?.name).toBe('Bob');
    };
    await vi.waitFor(back, { timeout: 6000 });
    expect(bob.call.selfId).not.toBe(before);
    expect(memberOf(bob.call)?.id).toBe(ann.call.selfId);
    expect(trackOf(bob.call, 'microphone')?.muted).toBe(true);
  });
});
