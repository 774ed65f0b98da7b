import type { Call, DeviceInfo, LocalMedia, LocalMediaState, PublishOptions } from '@amphi/client';
import { signal } from '@preact/signals';
import { createSerial } from './serial.ts';

export type DeviceNews =
  /** A device that was in use went away and there is no other. */
  | { kind: 'unplugged'; device: 'camera' | 'microphone' }
  /** A device that was in use went away and another took its place. */
  | { kind: 'switched'; device: 'camera' | 'microphone'; label: string }
  /** It was asked for and could not be opened; why is in the state of the devices. */
  | { kind: 'problem'; device: 'camera' | 'microphone' }
  | { kind: 'failed'; error: unknown };

type Options = {
  call: Call;
  local: LocalMedia;
  microphone: boolean;
  camera: boolean;
  onNews: (news: DeviceNews) => void;
};

export type Devices = ReturnType<typeof createDevices>;

/** What the buttons of the call do: brings the publications in line with the devices and with what is switched on. */
export function createDevices({ call, local, onNews, ...initial }: Options) {
  const microphoneOn = signal(initial.microphone);
  const cameraOn = signal(initial.camera);
  const talking = signal(false);
  const serial = createSerial((error) => onNews({ kind: 'failed', error }));

  async function send(options: PublishOptions): Promise<void> {
    const publication = call.publications.get(options.source);
    const muted = options.muted === true;
    if (publication === undefined) {
      await call.publish(options);
      return;
    }
    if (publication.track !== options.track) await publication.replaceTrack(options.track);
    if (publication.muted !== muted) await publication.setMuted(muted);
  }

  async function applyMicrophone(): Promise<void> {
    if (microphoneOn.value && local.state.microphone === null) await local.open({ microphone: true });
    const track = local.state.microphone;
    if (track !== null) {
      await send({ source: 'microphone', track, muted: !microphoneOn.value, music: local.state.music });
    } else if (microphoneOn.value) {
      microphoneOn.value = false;
      onNews({ kind: 'problem', device: 'microphone' });
    }
  }

  async function applyCamera(): Promise<void> {
    if (!cameraOn.value) {
      await call.publications.get('camera')?.setMuted(true);
      // Not before the others have been told: the light goes off when nothing is sent any more.
      if (!cameraOn.value) local.closeCamera();
      return;
    }
    if (local.state.camera === null) await local.open({ camera: true });
    const track = local.state.camera;
    if (track !== null) await send({ source: 'camera', track, muted: false });
    else {
      cameraOn.value = false;
      onNews({ kind: 'problem', device: 'camera' });
    }
  }

  async function lose(device: 'camera' | 'microphone'): Promise<void> {
    (device === 'camera' ? cameraOn : microphoneOn).value = false;
    onNews({ kind: 'unplugged', device });
    await call.publications.get(device)?.setMuted(true);
  }

  function tellSwitch(
    device: 'camera' | 'microphone',
    oldId: string | null,
    id: string | null,
    all: readonly DeviceInfo[],
  ) {
    const chosen = all.find((info) => info.id === id);
    const gone = oldId !== null && oldId !== id && !all.some((info) => info.id === oldId);
    if (gone && chosen !== undefined) onNews({ kind: 'switched', device, label: chosen.label });
  }

  let before: LocalMediaState = local.state;
  const off = local.onChange((now) => {
    const old = before;
    before = now;
    if (now.microphone !== null) tellSwitch('microphone', old.microphoneId, now.microphoneId, now.microphones);
    if (now.camera !== null) tellSwitch('camera', old.cameraId, now.cameraId, now.cameras);
    if (old.microphone !== now.microphone && old.microphone !== null) {
      void serial(() => (now.microphone === null && microphoneOn.value ? lose('microphone') : applyMicrophone()));
    }
    if (old.camera !== now.camera && old.camera !== null && cameraOn.value) {
      void serial(() => (now.camera === null ? lose('camera') : applyCamera()));
    }
  });

  return {
    microphoneOn,
    cameraOn,
    /** Whether the push-to-talk key is held. */
    talking,
    setMicrophone(on: boolean): Promise<void> {
      microphoneOn.value = on;
      return serial(applyMicrophone);
    },
    setCamera(on: boolean): Promise<void> {
      cameraOn.value = on;
      return serial(applyCamera);
    },
    /** Push-to-talk: opens the microphone while `held`, and only when it was closed. */
    talk(held: boolean): Promise<void> {
      if (held === talking.value || (held && microphoneOn.value)) return Promise.resolve();
      talking.value = held;
      microphoneOn.value = held;
      return serial(applyMicrophone);
    },
    close: off,
  };
}
