import type { LocalMediaState, PublishOptions } from '@amphi/client';

type Switches = { microphone: boolean; camera: boolean };

/** The tracks to come in with: what is open, a microphone that is switched off announced as muted. */
export function initialTracks(
  state: LocalMediaState,
  { microphone, camera }: Switches,
  mayPublish: (device: 'microphone' | 'camera') => boolean = () => true,
): PublishOptions[] {
  const tracks: PublishOptions[] = [];
  if (state.microphone !== null && mayPublish('microphone')) {
    tracks.push({ source: 'microphone', track: state.microphone, muted: !microphone, music: state.music });
  }
  if (state.camera !== null && camera && mayPublish('camera')) tracks.push({ source: 'camera', track: state.camera });
  return tracks;
}

/** What is switched on in a call that begins: what is wanted and allowed, unless it is known already that it does not open. */
export function initialSwitches(
  state: LocalMediaState,
  wanted: Switches,
  allowed: Switches = { microphone: true, camera: true },
): Switches {
  return {
    microphone:
      allowed.microphone && wanted.microphone && (state.microphone !== null || state.microphoneProblem === null),
    camera: allowed.camera && wanted.camera && (state.camera !== null || state.cameraProblem === null),
  };
}
