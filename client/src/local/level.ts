import { loudnessOfAmplitude } from '../loudness.ts';

/** Measures how loud a microphone is. One audio context serves all the tracks it is given. */
export class LevelMeter {
  #context: AudioContext | null = null;
  #analyser: AnalyserNode | null = null;
  #source: MediaStreamAudioSourceNode | null = null;
  #samples = new Float32Array(1024);

  /** Listens to this track from now on, or to nothing. */
  attach(track: MediaStreamTrack | null): void {
    this.#source?.disconnect();
    this.#source = null;
    if (!track || typeof AudioContext === 'undefined') return;
    this.#context ??= new AudioContext();
    this.#analyser ??= new AnalyserNode(this.#context, { fftSize: this.#samples.length });
    this.#source = new MediaStreamAudioSourceNode(this.#context, { mediaStream: new MediaStream([track]) });
    this.#source.connect(this.#analyser);
  }

  /** Loudness now, 0 to 1. */
  level(): number {
    if (!this.#source || !this.#analyser || !this.#context) return 0;
    // Browsers start contexts suspended until the person has touched the page.
    if (this.#context.state === 'suspended') this.#context.resume().catch(() => undefined);
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    return loudnessOfAmplitude(Math.sqrt(sum / this.#samples.length));
  }

  close(): void {
    this.attach(null);
    this.#context?.close().catch(() => undefined);
    this.#context = null;
    this.#analyser = null;
  }
}
