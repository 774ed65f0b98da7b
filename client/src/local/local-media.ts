import { createEmitter } from '../emitter.ts';
import type { LocalMedia, LocalMediaState } from '../types.ts';
import { capture } from './capture.ts';
import {
  cameraConstraints,
  type CaptureSettings,
  DEFAULT_CAPTURE,
  type DeviceWish,
  microphoneConstraints,
  screenConstraints,
} from './constraints.ts';
import { listDevices } from './devices.ts';
import { LevelMeter } from './level.ts';
import { recall, remember } from './remembered.ts';

export type LocalMediaOptions = Partial<CaptureSettings>;

type Kind = 'camera' | 'microphone';

const EMPTY: LocalMediaState = {
  camera: null,
  microphone: null,
  cameras: [],
  microphones: [],
  speakers: [],
  cameraId: null,
  microphoneId: null,
  speakerId: null,
  cameraProblem: null,
  microphoneProblem: null,
  music: false,
};

/** The devices of this browser; see the interface. Nothing is opened, and nobody asked, before `open`. */
class BrowserMedia implements LocalMedia {
  state: LocalMediaState = { ...EMPTY, speakerId: recall().speaker ?? null };
  #capture: CaptureSettings;
  #events = createEmitter<{ change: [state: LocalMediaState] }>();
  #meter = new LevelMeter();
  /** One operation after the other: a device can't be opened twice at once everywhere. */
  #chain: Promise<unknown> = Promise.resolve();
  /** Asked for and not closed since: what opens only after it was closed goes off again at once. */
  #wanted = new Set<Kind>();
  #closed = false;

  constructor(options: LocalMediaOptions) {
    this.#capture = { ...DEFAULT_CAPTURE, ...options };
    globalThis.navigator?.mediaDevices?.addEventListener?.('devicechange', this.#onDeviceChange);
  }

  open(want: { camera?: boolean; microphone?: boolean; settings?: Partial<CaptureSettings> }): Promise<void> {
    this.#capture = { ...this.#capture, ...want.settings };
    if (want.camera === true) this.#wanted.add('camera');
    if (want.microphone === true) this.#wanted.add('microphone');
    return this.#run(async () => {
      const kinds: Kind[] = [];
      if (want.camera === true && !this.state.camera) kinds.push('camera');
      if (want.microphone === true && !this.state.microphone) kinds.push('microphone');
      await this.#open(kinds, (kind) => {
        const id = recall()[kind];
        return id === undefined ? null : { id, exact: false };
      });
    });
  }

  closeCamera(): void {
    this.#close('camera');
  }

  closeMicrophone(): void {
    this.#close('microphone');
  }

  selectCamera(id: string): Promise<void> {
    this.#wanted.add('camera');
    return this.#run(() => this.#select('camera', id));
  }

  selectMicrophone(id: string): Promise<void> {
    this.#wanted.add('microphone');
    return this.#run(() => this.#select('microphone', id));
  }

  selectSpeaker(id: string): void {
    remember({ speaker: id });
    this.#set({ speakerId: id });
  }

  setMusic(music: boolean): Promise<void> {
    return this.#run(async () => {
      if (music === this.state.music) return;
      this.#set({ music });
      const id = this.state.microphoneId;
      if (this.state.microphone) await this.#open(['microphone'], () => (id === null ? null : { id, exact: false }));
    });
  }

  level(): number {
    return this.#meter.level();
  }

  async openScreen(): Promise<{ video: MediaStreamTrack; audio: MediaStreamTrack | null } | null> {
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia(screenConstraints(this.#capture));
      const video = stream.getVideoTracks()[0];
      if (!video) return null;
      video.contentHint = 'detail';
      return { video, audio: stream.getAudioTracks()[0] ?? null };
    } catch {
      return null;
    }
  }

  onChange(listener: (state: LocalMediaState) => void): () => void {
    return this.#events.on('change', listener);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    globalThis.navigator?.mediaDevices?.removeEventListener?.('devicechange', this.#onDeviceChange);
    this.#close('camera');
    this.#close('microphone');
    this.#meter.close();
    this.#events.clear();
  }

  /** Opens devices; those that were open stay until the new ones are there, and for good where that fails. */
  async #open(asked: readonly Kind[], wish: (kind: Kind) => DeviceWish): Promise<void> {
    const kinds = asked.filter((kind) => this.#wanted.has(kind));
    if (kinds.length === 0 || this.#closed) return;
    const { music } = this.state;
    const captured = await capture({
      ...(kinds.includes('camera') ? { video: cameraConstraints(wish('camera'), this.#capture) } : {}),
      ...(kinds.includes('microphone') ? { audio: microphoneConstraints(wish('microphone'), music) } : {}),
    });
    for (const kind of kinds) {
      const track = captured[kind];
      if (track) this.#take(kind, track);
      else
        this.#set(
          kind === 'camera'
            ? { cameraProblem: captured.cameraProblem }
            : { microphoneProblem: captured.microphoneProblem },
        );
    }
    await this.#list();
  }

  async #select(kind: Kind, id: string): Promise<void> {
    const idNow = () => (kind === 'camera' ? this.state.cameraId : this.state.microphoneId);
    const before = idNow();
    if (before !== id || !this.state[kind]) await this.#replace(kind, id, before);
    if (idNow() === id) remember({ [kind]: id });
  }

  async #replace(kind: Kind, id: string, before: string | null): Promise<void> {
    await this.#open([kind], () => ({ id, exact: true }));
    const problem = kind === 'camera' ? this.state.cameraProblem : this.state.microphoneProblem;
    const old = this.state[kind];
    if (problem !== 'in-use' || !old) return;
    // Phones open one camera at a time: stop the old one first, and take it again if that was not the reason. It stays
    // in the state so long: whoever sends it would take a gap for a device that was pulled out.
    old.stop();
    await this.#open([kind], () => ({ id, exact: true }));
    if (this.state[kind] !== old) return;
    if (before !== null) await this.#open([kind], () => ({ id: before, exact: true }));
    if (this.state[kind] === old) this.#drop(kind);
    this.#set(kind === 'camera' ? { cameraProblem: problem } : { microphoneProblem: problem });
  }

  #take(kind: Kind, track: MediaStreamTrack): void {
    if (!this.#wanted.has(kind)) {
      track.stop();
      return;
    }
    const old = this.state[kind];
    const id = track.getSettings().deviceId ?? null;
    track.addEventListener('ended', () => this.#onEnded(kind, track));
    if (kind === 'camera') {
      this.#set({ camera: track, cameraId: id, cameraProblem: null });
    } else {
      this.#meter.attach(track);
      this.#set({ microphone: track, microphoneId: id, microphoneProblem: null });
    }
    // Only now: whoever sends it has swapped it for the new one when told of the change.
    old?.stop();
  }

  #close(kind: Kind): void {
    this.#wanted.delete(kind);
    this.#drop(kind);
  }

  #drop(kind: Kind): void {
    const track = this.state[kind];
    if (!track) return;
    if (kind === 'microphone') this.#meter.attach(null);
    this.#set(kind === 'camera' ? { camera: null } : { microphone: null });
    track.stop();
  }

  /** Unplugged, or taken away by the browser: the next device takes its place. */
  #onEnded(kind: Kind, track: MediaStreamTrack): void {
    void this.#run(async () => {
      // Whoever is told of the next device can see that the old one is gone.
      await this.#list();
      if (this.state[kind] !== track) return;
      // The old track stays in the state so long: the next one takes its place in one step, or it goes for good.
      await this.#open([kind], () => null);
      if (this.state[kind] === track) this.#drop(kind);
    });
  }

  #onDeviceChange = (): void => {
    void this.#run(() => this.#list());
  };

  async #list(): Promise<void> {
    const lists = await listDevices();
    if (!this.#closed) this.#set(lists);
  }

  #set(change: Partial<LocalMediaState>): void {
    this.state = { ...this.state, ...change };
    this.#events.emit('change', this.state);
  }

  #run(operation: () => Promise<void>): Promise<void> {
    const result = this.#chain.then(operation);
    this.#chain = result.catch(() => undefined);
    return result;
  }
}

/** Makes a {@link LocalMedia}. `options` say what to capture; `open` may say it later, when the server has. */
export function createLocalMedia(options: LocalMediaOptions = {}): LocalMedia {
  return new BrowserMedia(options);
}
