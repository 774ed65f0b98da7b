import { createLocalMedia } from '@amphi/client';
import { helpSteps } from '../device-help.ts';
import { d } from '../i18n/diag/index.ts';
import type { Hop } from './hops.ts';

/** Opens microphone and camera once, and closes them at once. */
export async function checkDevices(): Promise<{ microphone: Hop; camera: Hop }> {
  const local = createLocalMedia();
  try {
    await local.open({ microphone: true, camera: true });
    const { state } = local;
    return {
      microphone: hop(state.microphone, state.microphoneProblem),
      camera: hop(state.camera, state.cameraProblem),
    };
  } finally {
    local.close();
  }
}

function hop(track: MediaStreamTrack | null, problem: Parameters<typeof helpSteps>[0] | null): Hop {
  if (track) return { state: 'ok', found: d('device.ok', { label: track.label }) };
  return { state: 'failed', found: d('device.failed'), cure: helpSteps(problem ?? 'failed').join(' ') };
}
