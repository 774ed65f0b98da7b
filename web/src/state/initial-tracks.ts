import type { LocalMediaState, PublishOptions } from '@amphi/client';

type Switches = { microphone: boolean; camera: boolean };

/** The tracks to come in with: what is open, a microphone that is switched off announced as muted. */
export function initialTracks(state: LocalMediaState, { microphone, camera }: Switches): PublishOptions[] {
  const tracks: PublishOptions[] = [];
  if (state.microphone !== null) {
    tracks.push({ source: 'microphone', track: state.microphone, muted: !microphone, music: state.music });
  }
  if (state.camera !== null && camera) tracks.push({ source: 'camera', track: state.camera });
  return tracks;
}

/** What is switched on in a call that begins: what is wanted, unless it is known already that it does not open. */
export function initialSwitches(state: LocalMediaState, wanted: Switches): Switches {
  return {
    microphone: wanted.microphone && (state.microphone !== null || state.microphoneProblem === null),
    camera: wanted.camera && (state.camera !== null || state.cameraProblem === null),
  };
}
