import type { Call, DeviceInfo, LocalMedia, LocalMediaState, PublishOptions } from '@amphi/client';
import { signal } from '@preact/signals';
import { initialTracks } from './initial-tracks.ts';
import { createSerial } from './serial.ts';

type Kind = 'camera' | 'microphone';
type Absence = 'unplugged' | 'problem';

const RIGHT_OF = { microphone: 'publish.audio', camera: 'publish.video' } as const;

export type DeviceNews =
  /** A device that was in use went away and there is no other. */
  | { kind: 'unplugged'; device: Kind }
  /** A device that was in use went away and another took its place. */
  | { kind: 'switched'; device: Kind; label: string }
  /** It was asked for and could not be opened; why is in the state of the devices. */
  | { kind: 'problem'; device: Kind }
  /** It was asked for and the person has no right to it. */
  | { kind: 'no-right'; device: Kind }
  | { kind: 'failed'; error: unknown };

type Options = {
  call: Call;
  local: LocalMedia;
  /** What is switched on from the start. A device that is still being opened is sent when it is there. */
  microphone: boolean;
  camera: boolean;
  onNews: (news: DeviceNews) => void;
};

export type Devices = ReturnType<typeof createDevices>;

/** What the buttons of the call do: brings the publications in line with the devices and with what is switched on. */
export function createDevices({ call, local, onNews, ...initial }: Options) {
  const microphoneOn = signal(initial.microphone);
  const cameraOn = signal(initial.camera);
  const switches = { camera: cameraOn, microphone: microphoneOn };
  const talking = signal(false);
  const entered = untilJoining(call);
  let closed = false;
  const onError = (error: unknown) => {
    if (!closed) onNews({ kind: 'failed', error });
  };
  // One queue each: nobody stays audible because the browser is still asking about the camera.
  const queues = { camera: createSerial(onError), microphone: createSerial(onError) };

  function enqueue(device: Kind, task: () => Promise<void>): Promise<void> {
    return queues[device](async () => {
      if (!closed) await task();
    });
  }

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
    await entered;
    if (closed) return;
    const track = local.state.microphone;
    if (track !== null) {
      await send({ source: 'microphone', track, muted: !microphoneOn.value, music: local.state.music });
    } else if (microphoneOn.value) giveUp('microphone', 'problem');
  }

  async function applyCamera(): Promise<void> {
    if (!cameraOn.value) {
      await call.publications.get('camera')?.setMuted(true);
      // Not before the others have been told: the light goes off when nothing is sent any more.
      if (!cameraOn.value) local.closeCamera();
      return;
    }
    if (local.state.camera === null) await local.open({ camera: true });
    await entered;
    // Switched off meanwhile: what does that is next in the queue.
    if (closed || !cameraOn.value) return;
    const track = local.state.camera;
    if (track !== null) await send({ source: 'camera', track, muted: false });
    else giveUp('camera', 'problem');
  }

  function giveUp(device: Kind, kind: Absence): void {
    switches[device].value = false;
    onNews({ kind, device });
  }

  /** After a device came, went, or did not open: what counts is what is there when this is carried out. */
  async function follow(device: Kind, absence: Absence | null): Promise<void> {
    if (local.state[device] !== null) return device === 'camera' ? applyCamera() : applyMicrophone();
    if (absence === null || !switches[device].value) return;
    giveUp(device, absence);
    await call.publications.get(device)?.setMuted(true);
  }

  function tellSwitch(device: Kind, oldId: string | null, id: string | null, all: readonly DeviceInfo[]) {
    const chosen = all.find((info) => info.id === id);
    const gone = oldId !== null && oldId !== id && !all.some((info) => info.id === oldId);
    if (gone && chosen !== undefined) onNews({ kind: 'switched', device, label: chosen.label });
  }

  /** The server, or a moderator, switched it off. */
  function switchedOff(device: Kind): void {
    if (!switches[device].value) return;
    switches[device].value = false;
    if (device === 'microphone') talking.value = false;
    else void enqueue('camera', applyCamera);
  }

  function isRefused(device: Kind): boolean {
    if (call.may(RIGHT_OF[device])) return false;
    onNews({ kind: 'no-right', device });
    return true;
  }

  let before: LocalMediaState = local.state;
  const offLocal = local.onChange((now) => {
    const old = before;
    before = now;
    if (now.microphone !== null) tellSwitch('microphone', old.microphoneId, now.microphoneId, now.microphones);
    if (now.camera !== null) tellSwitch('camera', old.cameraId, now.cameraId, now.cameras);
    for (const device of ['microphone', 'camera'] as const) {
      const came = now[device] !== null && now[device] !== old[device];
      const absence = switches[device].value ? absenceOf(device, old, now) : null;
      if (came || absence !== null) void enqueue(device, () => follow(device, absence));
    }
  });
  const offs = [
    offLocal,
    call.on('muted', ({ sources }) => {
      for (const device of ['microphone', 'camera'] as const) if (sources.includes(device)) switchedOff(device);
    }),
    call.on('publication', ({ source, closed: isOver }) => {
      // Of a join that was refused, nothing was switched off: it may be tried again.
      if (isOver && call.end === null && call.state !== 'joining' && (source === 'microphone' || source === 'camera'))
        switchedOff(source);
    }),
    call.on('self', () => {
      for (const device of ['microphone', 'camera'] as const) if (!call.may(RIGHT_OF[device])) switchedOff(device);
      // The light of the device goes off with the right; the camera's does so with the switch.
      if (!call.may('publish.audio') && local.state.microphone !== null) local.closeMicrophone();
    }),
  ];
  // Opened to be looked at before the call, and not wanted in it.
  if (!initial.camera && local.state.camera !== null) void enqueue('camera', applyCamera);

  return {
    microphoneOn,
    cameraOn,
    /** Whether the push-to-talk key is held. */
    talking,
    setMicrophone(on: boolean): Promise<void> {
      if (on && isRefused('microphone')) return Promise.resolve();
      microphoneOn.value = on;
      return enqueue('microphone', applyMicrophone);
    },
    setCamera(on: boolean): Promise<void> {
      if (on && isRefused('camera')) return Promise.resolve();
      cameraOn.value = on;
      return enqueue('camera', applyCamera);
    },
    /** Push-to-talk: opens the microphone while `held`, and only when it was closed. */
    talk(held: boolean): Promise<void> {
      if (held === talking.value || (held && microphoneOn.value)) return Promise.resolve();
      if (held && isRefused('microphone')) return Promise.resolve();
      talking.value = held;
      microphoneOn.value = held;
      return enqueue('microphone', applyMicrophone);
    },
    /** What to join the call with, as things are now. */
    tracks: () =>
      initialTracks(local.state, { microphone: microphoneOn.value, camera: cameraOn.value }, (device) =>
        call.may(RIGHT_OF[device]),
      ),
    close(): void {
      closed = true;
      for (const off of offs) off();
    },
  };
}

/** Why a device is not there that was there, or was waited for, until now. */
function absenceOf(device: Kind, old: LocalMediaState, now: LocalMediaState): Absence | null {
  if (now[device] !== null) return null;
  if (old[device] !== null) return 'unplugged';
  const problem = device === 'camera' ? now.cameraProblem : now.microphoneProblem;
  const before = device === 'camera' ? old.cameraProblem : old.microphoneProblem;
  return problem !== null && problem !== before ? 'problem' : null;
}

/** Settles when the join is under way: from then on the call takes publications. */
function untilJoining(call: Call): Promise<void> {
  const isUnderWay = () => call.state === 'joining' || call.state === 'joined';
  if (isUnderWay()) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const off = call.on('state', () => {
    if (!isUnderWay()) return;
    off();
    resolve();
  });
  return promise;
}
