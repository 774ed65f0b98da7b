const RATE = 48_000;
const SECONDS = 5;
const HARMONICS = 12;

/**
 * Five seconds of something that noise suppression takes for a voice: a hum of 100 to 180 Hz that wavers, with syllables
 * four times a second, and never silent, so that every gap that a listener notices was made on the way.
 */
export function voiceWav(): Buffer {
  const samples = RATE * SECONDS;
  const wav = Buffer.alloc(44 + samples * 2);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20); // PCM
  wav.writeUInt16LE(1, 22); // mono
  wav.writeUInt32LE(RATE, 24);
  wav.writeUInt32LE(RATE * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(samples * 2, 40);
  let phase = 0;
  for (let i = 0; i < samples; i += 1) {
    const t = i / RATE;
    // Whole numbers of waves in the file, so that its end joins its beginning.
    phase += (2 * Math.PI * (140 + 40 * Math.sin(2 * Math.PI * 0.4 * t))) / RATE;
    const loudness = 0.6 + 0.4 * Math.sin(2 * Math.PI * 4 * t);
    let sum = 0;
    for (let n = 1; n <= HARMONICS; n += 1) sum += Math.sin(n * phase) / n;
    wav.writeInt16LE(Math.round(sum * loudness * 9000), 44 + i * 2);
  }
  return wav;
}
