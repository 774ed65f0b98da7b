import type { LocalMediaState, PublishOptions } from '@amphi/client';

/** The tracks to come in with: what is open, a microphone that is switched off announced as muted. */
export function initialTracks(state: LocalMediaState, microphone: boolean, camera: boolean): PublishOptions[] {
  const tracks: PublishOptions[] = [];
  if (state.microphone !== null) {
    tracks.push({ source: 'microphone', track: state.microphone, muted: !microphone, music: state.music });
  }
  if (state.camera !== null && camera) tracks.push({ source: 'camera', track: state.camera });
  return tracks;
}
