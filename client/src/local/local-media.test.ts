import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LocalMediaState } from '../types.ts';
import { createLocalMedia } from './local-media.ts';

class FakeTrack extends EventTarget {
  readyState = 'live';
  readonly kind: string;
  readonly deviceId: string;
  constructor(kind: string, deviceId: string) {
    super();
    this.kind = kind;
    this.deviceId = deviceId;
  }
  getSettings = () => ({ deviceId: this.deviceId });
  stop(): void {
    this.readyState = 'ended';
  }
}

type Request = { video?: { deviceId?: { exact?: string } }; audio?: unknown };

/** A browser with these cameras and one microphone. `answer` is waited for before a device opens. */
function fakeBrowser(cameras: string[]) {
  const browser = {
    cameras,
    /** A phone: a second camera does not open beside the first. */
    oneAtATime: false,
    /** The camera that another program uses. */
    taken: '',
    answer: Promise.resolve() as Promise<void>,
    opened: [] as FakeTrack[],
  };
  const open = (kind: string, id: string | undefined) => {
    if (id === undefined) throw new DOMException('', 'NotFoundError');
    const inUse = browser.oneAtATime && browser.opened.some((track) => track.readyState === 'live');
    if (inUse || id === browser.taken) {
      throw new DOMException('', 'NotReadableError');
    }
    const track = new FakeTrack(kind, id);
    browser.opened.push(track);
    return track;
  };
  const mediaDevices = Object.assign(new EventTarget(), {
    enumerateDevices: async () =>
      browser.cameras.map((id) => ({ kind: 'videoinput', deviceId: id, label: `Camera ${id}` })),
    getUserMedia: async ({ video, audio }: Request) => {
      await browser.answer;
      const exact = video?.deviceId?.exact;
      const camera = exact === undefined ? browser.cameras[0] : browser.cameras.find((id) => id === exact);
      const tracks = [...(audio ? [open('audio', 'mic')] : []), ...(video ? [open('video', camera)] : [])];
      const of = (kind: string) => tracks.filter((track) => track.kind === kind);
      return { getVideoTracks: () => of('video'), getAudioTracks: () => of('audio') };
    },
  });
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('navigator', { mediaDevices });
  return browser;
}

let cameraIds: (string | null)[];
let local: ReturnType<typeof createLocalMedia>;
const idOf = (track: LocalMediaState['camera']) => track?.getSettings().deviceId ?? null;

beforeEach(() => {
  local = createLocalMedia();
  cameraIds = [];
  local.onChange(({ camera }) => {
    if (idOf(camera) !== cameraIds.at(-1)) cameraIds.push(idOf(camera));
  });
});

afterEach(() => {
  local.close();
  vi.unstubAllGlobals();
});

it('puts the next camera in the place of one that was pulled out, in one step', async () => {
  const browser = fakeBrowser(['one', 'two']);
  await local.open({ camera: true });
  const listed: number[] = [];
  local.onChange((state) => {
    if (idOf(state.camera) === 'two') listed.push(state.cameras.length);
  });
  browser.cameras = ['two'];
  browser.opened[0]?.stop();
  browser.opened[0]?.dispatchEvent(new Event('ended'));
  await vi.waitFor(() => expect(local.state.cameraId).toBe('two'));
  expect(cameraIds).toEqual(['one', 'two']);
  // Whoever is told of the new one sees that the old one is gone.
  expect(listed[0]).toBe(1);
});

it('has no camera any more when the only one was pulled out, and says why', async () => {
  const browser = fakeBrowser(['one']);
  await local.open({ camera: true });
  browser.cameras = [];
  browser.opened[0]?.stop();
  browser.opened[0]?.dispatchEvent(new Event('ended'));
  await vi.waitFor(() => expect(local.state.camera).toBeNull());
  expect(local.state.cameraProblem).toBe('not-found');
});

it('changes cameras in one step where only one opens at a time', async () => {
  const browser = fakeBrowser(['one', 'two']);
  browser.oneAtATime = true;
  await local.open({ camera: true });
  await local.selectCamera('two');
  expect(cameraIds).toEqual(['one', 'two']);
  expect(local.state.cameraProblem).toBeNull();
});

it('takes the old camera again where the chosen one is used by another program', async () => {
  const browser = fakeBrowser(['one', 'two']);
  browser.oneAtATime = true;
  await local.open({ camera: true });
  browser.taken = 'two';
  await local.selectCamera('two');
  expect(cameraIds).toEqual(['one']);
  expect(browser.opened.map(({ readyState }) => readyState)).toEqual(['ended', 'live']);
  expect(local.state.cameraProblem).toBe('in-use');
});

it('does not keep what opens after it was closed', async () => {
  const browser = fakeBrowser(['one']);
  const { promise, resolve } = Promise.withResolvers<void>();
  browser.answer = promise;
  const opening = local.open({ camera: true, microphone: true });
  await Promise.resolve();
  local.closeCamera();
  resolve();
  await opening;
  expect(local.state.camera).toBeNull();
  expect(local.state.microphone).not.toBeNull();
  expect(browser.opened.map(({ kind, readyState }) => [kind, readyState])).toEqual([
    ['audio', 'live'],
    ['video', 'ended'],
  ]);
  await local.open({ camera: true });
  expect(local.state.cameraId).toBe('one');
});
