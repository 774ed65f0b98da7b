import { type Call, type CallStats, createCall } from '@amphi/client';
import { createTestPicture } from './test-picture.ts';

export type Loopback = {
  sentBps: number;
  receivedBps: number;
  /** 0 to 1, over the way there and back. */
  loss: number;
  rttMs: number | null;
  /** What the browser takes the way up to carry; null where it does not say. */
  estimateBps: number | null;
};

const MEASURE_MS = 5000;
const SAMPLE_MS = 1000;
const ARRIVE_WITHIN_MS = 8000;

/**
 * Sends a test picture to the media server, as one member of the room, and takes it back as another. Rejects with an
 * AmphiError of the join; answers null when no picture came. `shown` gets the picture that came back.
 */
export async function measureLoopback(
  room: string,
  hostKey: string,
  shown: (track: MediaStreamTrack | null) => void,
): Promise<Loopback | null> {
  const picture = createTestPicture();
  const sender = createCall({ room, hostKey, direct: false });
  const receiver = createCall({ room, hostKey, direct: false });
  try {
    await receiver.join({ name: 'Connection check' });
    await sender.join({ name: 'Connection check', publish: [{ source: 'camera', track: picture.track }] });
    const arrived = await firstPicture(receiver);
    if (!arrived) return null;
    shown(arrived);
    await Promise.all([sender.stats(), receiver.stats()]);
    const samples: [CallStats, CallStats][] = [];
    while (samples.length * SAMPLE_MS < MEASURE_MS) {
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
      samples.push(await Promise.all([sender.stats(), receiver.stats()]));
    }
    return summary(samples);
  } finally {
    shown(null);
    picture.stop();
    await Promise.all([sender.leave(), receiver.leave()]);
  }
}

function firstPicture(call: Call): Promise<MediaStreamTrack | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), ARRIVE_WITHIN_MS);
    const look = () => {
      for (const member of call.members.values()) {
        const camera = member.trackOf('camera');
        camera?.setView({ visible: true, width: 1280, height: 720 });
        if (!camera?.mediaTrack) continue;
        clearTimeout(timer);
        stop();
        resolve(camera.mediaTrack);
      }
    };
    const stop = call.on('track', look);
    look();
  });
}

function summary(samples: readonly [CallStats, CallStats][]): Loopback | null {
  const sending = samples.flatMap(([sent]) => sent.tracks.filter(({ direction }) => direction === 'send'));
  const receiving = samples.flatMap(([, got]) => got.tracks.filter(({ direction }) => direction === 'receive'));
  const receivedBps = mean(receiving.map(({ bitrateBps }) => bitrateBps));
  if (receivedBps === null || receivedBps === 0) return null;
  const up = samples.flatMap(([sent]) => sent.connections.filter(({ role }) => role === 'send'));
  const [lostUp, lostDown] = [mean(sending.map(({ loss }) => loss)) ?? 0, mean(receiving.map(({ loss }) => loss)) ?? 0];
  return {
    sentBps: mean(sending.map(({ bitrateBps }) => bitrateBps)) ?? 0,
    receivedBps,
    loss: 1 - (1 - lostUp) * (1 - lostDown),
    rttMs: mean(up.map(({ rttMs }) => rttMs)),
    estimateBps: up.at(-1)?.availableOutgoingBps ?? null,
  };
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
