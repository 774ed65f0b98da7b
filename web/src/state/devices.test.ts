import type { Call, LocalMedia, LocalMediaState, LocalPublication, PublishOptions, Source } from '@amphi/client';
import { expect, test, vi } from 'vitest';
import { createDevices, type DeviceNews } from './devices.ts';

const trackNamed = (id: string) => ({ id }) as MediaStreamTrack;

function fakes(
  initial: Partial<LocalMediaState>,
  available: { camera?: MediaStreamTrack; microphone?: MediaStreamTrack },
) {
  const listeners = new Set<(state: LocalMediaState) => void>();
  const ids = { cameras: [], microphones: [], cameraId: null, microphoneId: null };
  let state = { camera: null, microphone: null, music: false, ...ids, ...initial } as unknown as LocalMediaState;
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
  const call = { publications, publish } as unknown as Call;
  const devices = createDevices({ call, local, microphone: false, camera: false, onNews: (item) => news.push(item) });
  return { devices, change, publications, publish, news, local };
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
