import type { MediaProblem } from '../types.ts';
import { problemOf } from './problems.ts';

/** What was opened, and what was not for which reason. */
export type Captured = {
  camera: MediaStreamTrack | null;
  microphone: MediaStreamTrack | null;
  cameraProblem: MediaProblem | null;
  microphoneProblem: MediaProblem | null;
};

export type Wanted = { video?: MediaTrackConstraints; audio?: MediaTrackConstraints };

/** Whether this page may use devices at all: browsers offer them on HTTPS and localhost only. */
function isSecure(): boolean {
  return globalThis.isSecureContext && navigator.mediaDevices?.getUserMedia !== undefined;
}

/**
 * Opens a camera and a microphone, in one prompt where both are asked for. Where that fails for one of them, the other
 * is opened alone. Never rejects.
 */
export async function capture(wanted: Wanted): Promise<Captured> {
  const none: Captured = { camera: null, microphone: null, cameraProblem: null, microphoneProblem: null };
  if (!wanted.video && !wanted.audio) return none;
  try {
    if (!isSecure()) throw new TypeError('No devices here.');
    const stream = await navigator.mediaDevices.getUserMedia(wanted);
    return { ...none, camera: stream.getVideoTracks()[0] ?? null, microphone: stream.getAudioTracks()[0] ?? null };
  } catch (error) {
    const problem = problemOf(error, isSecure());
    if (wanted.video && wanted.audio && (await isWorthSplitting(problem))) return captureEach(wanted);
    return {
      ...none,
      cameraProblem: wanted.video ? problem : null,
      microphoneProblem: wanted.audio ? problem : null,
    };
  }
}

async function captureEach({ video, audio }: Wanted): Promise<Captured> {
  const microphone = await capture(audio ? { audio } : {});
  const camera = await capture(video ? { video } : {});
  return {
    camera: camera.camera,
    cameraProblem: camera.cameraProblem,
    microphone: microphone.microphone,
    microphoneProblem: microphone.microphoneProblem,
  };
}

/** One missing device makes the request for both fail. After a refusal, asking again would only nag, unless one is granted. */
async function isWorthSplitting(problem: MediaProblem): Promise<boolean> {
  if (problem === 'insecure') return false;
  if (problem !== 'denied') return true;
  const states = await Promise.all((['camera', 'microphone'] as const).map(permissionOf));
  return states.includes('granted');
}

async function permissionOf(name: 'camera' | 'microphone'): Promise<PermissionState | undefined> {
  try {
    return (await navigator.permissions.query({ name: name as PermissionName })).state;
  } catch {
    return undefined;
  }
}
