import type {
  Call,
  CallState,
  LocalMedia,
  LocalMediaState,
  LocalPublication,
  PublishOptions,
  Source,
} from '@amphi/client';
import { expect, test, vi } from 'vitest';
import { createDevices, type DeviceNews } from './devices.ts';

function createFakeEvents() {
  const listeners = new Map<string, Set<(...args: unknown[]) => void>>();
  return {
    on(name: string, listener: (...args: unknown[]) => void) {
      const known = listeners.get(name) ?? new Set();
      listeners.set(name, known.add(listener));
      return () => void known.delete(listener);
    },
    emit: (name: string, ...args: unknown[]) => {
      for (const listener of listeners.get(name) ?? []) listener(...args);
    },
  };
}

const trackNamed = (id: string) => ({ id }) as MediaStreamTrack;

function fakes(
  initial: Partial<LocalMediaState>,
  available: { camera?: MediaStreamTrack; microphone?: MediaStreamTrack },
  { microphone = false, camera = false, state: callState = 'joined' as CallState } = {},
) {
  const listeners = new Set<(state: LocalMediaState) => void>();
  const ids = { cameras: [], microphones: [], cameraId: null, microphoneId: null };
  const none = { camera: null, microphone: null, cameraProblem: null, microphoneProblem: null, music: false };
  let state = { ...none, ...ids, ...initial } as unknown as LocalMediaState;
  const change = (patch: Partial<LocalMediaState>) => {
    state = { ...state, ...patch };
    for (const listener of listeners) listener(state);
  };
  const local = {
    get state() {
      return state;
    },
    async open(want: { camera?: boolean; microphone?: boolean }) {
      if (want.camera === true) change({ camera: available.camera ?? null });
      if (want.microphone === true) change({ microphone: available.microphone ?? null });
    },
    closeCamera: () => change({ camera: null }),
    closeMicrophone: () => change({ microphone: null }),
    onChange: (listener: (state: LocalMediaState) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as LocalMedia;
  const publications = new Map<Source, LocalPublication>();
  const publish = vi.fn<Call['publish']>(async ({ source, track, muted = false }: PublishOptions) => {
    const publication = {
      source,
      track,
      muted,
      async setMuted(next: boolean) {
        this.muted = next;
      },
      async replaceTrack(next: MediaStreamTrack) {
        this.track = next;
      },
    };
    publications.set(source, publication as unknown as LocalPublication);
    return publication as unknown as LocalPublication;
  });
  const news: DeviceNews[] = [];
  const events = createFakeEvents();
  const forbidden = new Set<string>();
  const may = (permission: string) => !forbidden.has(permission);
  const call = { publications, publish, may, on: events.on, state: callState, end: null };
  const enter = () => {
    call.state = 'joining';
    events.emit('state');
  };
  const devices = createDevices({
    call: call as unknown as Call,
    local,
    microphone,
    camera,
    onNews: (item) => news.push(item),
  });
  return { devices, change, publications, publish, news, local, enter, emit: events.emit, forbidden };
}

test('the microphone is opened when first wanted, then muted and unmuted', async () => {
  const microphone = trackNamed('mic');
  const { devices, publications, publish } = fakes({}, { microphone });
  await devices.setMicrophone(true);
  expect(publications.get('microphone')).toMatchObject({ track: microphone, muted: false });
  await devices.setMicrophone(false);
  expect(publications.get('microphone')?.muted).toBe(true);
  await devices.setMicrophone(true);
  expect(publications.get('microphone')?.muted).toBe(false);
  expect(publish).toHaveBeenCalledTimes(1);
});

test('a camera that does not open switches itself off and says so', async () => {
  const { devices, news, publish } = fakes({}, {});
  await devices.setCamera(true);
  expect(devices.cameraOn.value).toBe(false);
  expect(news).toEqual([{ kind: 'problem', device: 'camera' }]);
  expect(publish).not.toHaveBeenCalled();
});

test('a camera that is off is closed, and the next one replaces its track', async () => {
  const { devices, publications, local, change } = fakes({}, { camera: trackNamed('one') });
  await devices.setCamera(true);
  await devices.setCamera(false);
  expect(local.state.camera).toBeNull();
  expect(publications.get('camera')?.muted).toBe(true);
  await devices.setCamera(true);
  const other = trackNamed('two');
  change({ camera: other });
  await vi.waitFor(() => expect(publications.get('camera')).toMatchObject({ track: other, muted: false }));
});

test('a camera that is switched off and on again in no time is on', async () => {
  const { devices, publications, news } = fakes({}, { camera: trackNamed('camera') });
  await devices.setCamera(true);
  await devices.setCamera(false);
  await devices.setCamera(true);
  await devices.setCamera(true);
  expect(devices.cameraOn.value).toBe(true);
  expect(publications.get('camera')?.muted).toBe(false);
  expect(news).toEqual([]);
});

test('an unplugged microphone mutes and is told', async () => {
  const { devices, publications, news, change } = fakes({}, { microphone: trackNamed('mic') });
  await devices.setMicrophone(true);
  change({ microphone: null });
  await vi.waitFor(() => expect(publications.get('microphone')?.muted).toBe(true));
  expect(devices.microphoneOn.value).toBe(false);
  expect(news).toEqual([{ kind: 'unplugged', device: 'microphone' }]);
});

test('a microphone that is replaced by another because it is gone is told by name', async () => {
  const desk = { id: 'desk', label: 'Desk' };
  const headset = { id: 'headset', label: 'Headset' };
  const { news, change } = fakes(
    { microphone: trackNamed('1'), microphoneId: 'headset', microphones: [headset, desk] },
    {},
  );
  change({ microphone: trackNamed('2'), microphoneId: 'desk' });
  expect(news).toEqual([]);
  change({ microphone: trackNamed('1'), microphoneId: 'headset' });
  change({ microphone: trackNamed('2'), microphoneId: 'desk', microphones: [desk] });
  expect(news).toEqual([{ kind: 'switched', device: 'microphone', label: 'Desk' }]);
});

test('push-to-talk opens the microphone only while held, and leaves an open one alone', async () => {
  const { devices, publications } = fakes({}, { microphone: trackNamed('mic') });
  await devices.talk(true);
  expect(publications.get('microphone')?.muted).toBe(false);
  await devices.talk(false);
  expect(publications.get('microphone')?.muted).toBe(true);
  await devices.setMicrophone(true);
  await devices.talk(true);
  await devices.talk(false);
  expect(devices.microphoneOn.value).toBe(true);
});

test('devices that open only after the join are sent then, the microphone as it is switched by then', async () => {
  const [camera, microphone] = [trackNamed('camera'), trackNamed('mic')];
  const { devices, publications, news, change } = fakes({}, {}, { microphone: true, camera: true });
  await devices.setMicrophone(false);
  change({ camera });
  change({ microphone });
  await vi.waitFor(() => expect(publications.get('camera')).toMatchObject({ track: camera, muted: false }));
  await vi.waitFor(() => expect(publications.get('microphone')).toMatchObject({ track: microphone, muted: true }));
  expect(devices.cameraOn.value).toBe(true);
  expect(news).toEqual([]);
});

test('a device that is waited for and does not open is switched off and told', async () => {
  const { devices, news, change } = fakes({}, {}, { microphone: true, camera: true });
  change({ microphoneProblem: 'denied' });
  change({ cameraProblem: 'denied' });
  await vi.waitFor(() => expect(news).toHaveLength(2));
  expect(news).toEqual([
    { kind: 'problem', device: 'microphone' },
    { kind: 'problem', device: 'camera' },
  ]);
  expect(devices.microphoneOn.value).toBe(false);
  expect(devices.cameraOn.value).toBe(false);
});

test('a camera that opens while it is switched off is closed again', async () => {
  const { change, local, publish } = fakes({}, {});
  change({ camera: trackNamed('camera') });
  await vi.waitFor(() => expect(local.state.camera).toBeNull());
  expect(publish).not.toHaveBeenCalled();
  const open = fakes({ camera: trackNamed('camera') }, {});
  await vi.waitFor(() => expect(open.local.state.camera).toBeNull());
});

test('before the join is under way nothing is published, and the join takes what is open and on by then', async () => {
  const [camera, microphone] = [trackNamed('camera'), trackNamed('mic')];
  const { devices, publications, publish, change, enter } = fakes(
    { camera },
    {},
    { microphone: true, camera: true, state: 'connecting' },
  );
  change({ microphone });
  expect(devices.tracks().map(({ source, muted }) => [source, muted])).toEqual([
    ['microphone', false],
    ['camera', undefined],
  ]);
  void devices.setMicrophone(false);
  await devices.setCamera(false);
  expect(devices.tracks()).toMatchObject([{ source: 'microphone', muted: true }]);
  expect(publish).not.toHaveBeenCalled();
  enter();
  await vi.waitFor(() => expect(publications.get('microphone')?.muted).toBe(true));
});

test('the microphone is muted at once, also while the browser asks about the camera', async () => {
  const { devices, publications, local } = fakes({}, { microphone: trackNamed('mic') });
  await devices.setMicrophone(true);
  local.open = () => new Promise(() => {});
  void devices.setCamera(true);
  await devices.setMicrophone(false);
  expect(publications.get('microphone')?.muted).toBe(true);
});

test('a call that is over is not sent what opens afterwards', async () => {
  const { devices, publish, change } = fakes({}, {}, { camera: true });
  change({ camera: trackNamed('camera') });
  devices.close();
  change({ camera: trackNamed('other') });
  await devices.setMicrophone(true);
  expect(publish).not.toHaveBeenCalled();
});

test('what a moderator switches off is off here too, and the camera lets go of its device', async () => {
  const tracks = { camera: trackNamed('cam'), microphone: trackNamed('mic') };
  const { devices, local, emit, publications } = fakes({}, tracks);
  await devices.setMicrophone(true);
  await devices.setCamera(true);
  emit('muted', { sources: ['microphone'], by: 'Hanna' });
  expect([devices.microphoneOn.value, devices.cameraOn.value]).toEqual([false, true]);
  emit('muted', { sources: ['camera'], by: 'Hanna' });
  expect(devices.cameraOn.value).toBe(false);
  await vi.waitFor(() => expect(local.state.camera).toBeNull());
  expect(publications.get('camera')?.muted).toBe(true);
});

test('without the right nothing is opened, and with it back it is', async () => {
  const microphone = trackNamed('mic');
  const { devices, local, emit, forbidden, news, publish, publications } = fakes({}, { microphone });
  await devices.setMicrophone(true);
  forbidden.add('publish.audio');
  publications.delete('microphone');
  emit('publication', { source: 'microphone', closed: true });
  emit('self', {});
  expect(devices.microphoneOn.value).toBe(false);
  expect(local.state.microphone).toBeNull();
  await devices.setMicrophone(true);
  await devices.talk(true);
  expect([devices.microphoneOn.value, devices.talking.value]).toEqual([false, false]);
  expect(news).toEqual([
    { kind: 'no-right', device: 'microphone' },
    { kind: 'no-right', device: 'microphone' },
  ]);
  forbidden.clear();
  await devices.setMicrophone(true);
  expect(publish).toHaveBeenCalledTimes(2);
});

test('a join that is refused switches nothing off', () => {
  const tracks = { camera: trackNamed('cam') };
  const { devices, emit, enter } = fakes(tracks, tracks, { camera: true, state: 'connected' });
  enter();
  emit('publication', { source: 'camera', closed: true });
  expect(devices.cameraOn.value).toBe(true);
});
