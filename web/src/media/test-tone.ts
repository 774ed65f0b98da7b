import { setSink } from './audio-out.ts';

const TONES_HZ = [523, 659, 784];
const EACH_S = 0.22;

/** Plays three short rising tones through this speaker (null: the system's) and resolves when they are over. */
export async function playTestTone(speakerId: string | null): Promise<void> {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  for (const [index, frequency] of TONES_HZ.entries()) {
    const start = context.currentTime + 0.05 + index * EACH_S;
    const oscillator = new OscillatorNode(context, { frequency, type: 'sine' });
    const volume = new GainNode(context, { gain: 0 });
    // Ramps, because a tone that starts at full loudness clicks.
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.25, start + 0.03);
    volume.gain.linearRampToValueAtTime(0, start + EACH_S * 1.6);
    oscillator.connect(volume).connect(out);
    oscillator.start(start);
    oscillator.stop(start + EACH_S * 2);
  }
  const element = new Audio();
  element.srcObject = out.stream;
  if (speakerId !== null) setSink(element, speakerId);
  try {
    await context.resume();
    await element.play();
    await new Promise((resolve) => setTimeout(resolve, EACH_S * (TONES_HZ.length + 1.5) * 1000));
  } finally {
    element.srcObject = null;
    await context.close();
  }
}
