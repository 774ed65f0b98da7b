import type { Call, LocalMedia, RemoteTrack, Source } from '@amphi/client';

/** What a meter saw since it was started or last reset; times in milliseconds. */
export type MeterReading = {
  /** Longest time without a frame (or without sound), the time since the last one included. */
  longestGapMs: number;
  /** Frames presented, or blocks of sound heard. */
  count: number;
};

export type Meter = { read(): MeterReading; reset(): void; stop(): void };

export type Instruments = {
  /** Every RTCPeerConnection that the page has made, closed ones too. */
  connections: RTCPeerConnection[];
  /** Every STUN or TURN address that the page wanted to use. */
  iceUrls: string[];
  watchVideo(memberId: string, source: Source): Meter;
  watchAudio(memberId: string): Meter;
  /** Resolves when the element, whatever video is the active one in it, has put so many frames on the screen. */
  frames(tile: Element, count: number, timeoutMs: number): Promise<void>;
  /** Meters under the names that a test gave them. */
  meters: Map<string, Meter>;
  /** Size and spread of brightness of what a video element shows now; a black or empty picture has no spread. */
  look(video: HTMLVideoElement): { width: number; height: number; spread: number };
};

declare global {
  interface Window {
    amphiTest: Instruments;
  }
}

/** What the web app puts on `window` for tests and support. */
export type AppHandle = { call: Call; localMedia: LocalMedia };

/**
 * Runs in every page before its own scripts (Playwright sends the source of this function, so it must not use anything
 * from outside itself).
 */
export function installInstruments(options: { plainAudio: boolean }): void {
  const connections: RTCPeerConnection[] = [];
  const iceUrls: string[] = [];

  // STUN and TURN do not show up among the page's requests, so the third-party guard has to look here.
  const note = (configuration?: RTCConfiguration) => {
    for (const server of configuration?.iceServers ?? []) iceUrls.push(...[server.urls].flat());
  };
  window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
    construct(target, args: [RTCConfiguration?], newTarget) {
      note(args[0]);
      const connection = Reflect.construct(target, args, newTarget) as RTCPeerConnection;
      connections.push(connection);
      return connection;
    },
  });
  const setConfiguration = RTCPeerConnection.prototype.setConfiguration;
  RTCPeerConnection.prototype.setConfiguration = function (configuration) {
    note(configuration);
    setConfiguration.call(this, configuration);
  };

  // The browser's echo canceller would take the test sound, which comes from every loudspeaker, for an echo.
  if (options.plainAudio && navigator.mediaDevices) {
    const getUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (constraints) => {
      const audio = constraints?.audio;
      if (!audio) return getUserMedia(constraints);
      const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      return getUserMedia({ ...constraints, audio: { ...(audio === true ? {} : audio), ...plain } });
    };
  }

  function gaps(): Omit<Meter, 'stop'> & { tick(at: number): void } {
    let last = performance.now();
    let longest = 0;
    let count = 0;
    return {
      tick(at) {
        // Two elements or blocks may be reported out of order.
        if (at <= last) return;
        longest = Math.max(longest, at - last);
        last = at;
        count += 1;
      },
      read: () => ({ longestGapMs: Math.round(Math.max(longest, performance.now() - last)), count }),
      reset() {
        last = performance.now();
        longest = 0;
        count = 0;
      },
    };
  }

  function isShown(video: HTMLVideoElement): boolean {
    return video.dataset['active'] !== undefined && video.isConnected;
  }

  /** Calls back for every frame that is seen of these videos, also of ones that come later; answers how to stop. */
  function onFrames(find: () => Iterable<HTMLVideoElement>, seen: (at: number) => void): () => void {
    const watched = new WeakSet<HTMLVideoElement>();
    const scan = () => {
      for (const video of find()) {
        if (watched.has(video)) continue;
        watched.add(video);
        const onFrame: VideoFrameRequestCallback = (now) => {
          // A path change puts a second element beside the first: only frames that the person sees count.
          if (isShown(video)) seen(now);
          video.requestVideoFrameCallback(onFrame);
        };
        video.requestVideoFrameCallback(onFrame);
      }
    };
    scan();
    const timer = setInterval(scan, 50);
    return () => clearInterval(timer);
  }

  function frames(tile: Element, count: number, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let left = count;
      const finish = () => {
        clearTimeout(late);
        stop();
      };
      const late = setTimeout(() => {
        finish();
        reject(new Error(`${left} of ${count} frames did not come in ${timeoutMs} ms`));
      }, timeoutMs);
      const stop = onFrames(
        () => tile.querySelectorAll('video'),
        () => {
          left -= 1;
          if (left > 0) return;
          finish();
          resolve();
        },
      );
    });
  }

  function watchVideo(memberId: string, source: Source): Meter {
    const meter = gaps();
    const selector = `[data-testid=tile][data-member-id="${memberId}"][data-source="${source}"] video`;
    const stop = onFrames(
      () => document.querySelectorAll<HTMLVideoElement>(selector),
      (at) => meter.tick(at),
    );
    return { ...meter, stop };
  }

  function watchAudio(memberId: string): Meter {
    const meter = gaps();
    const context = new AudioContext();
    // 1024 samples are 21 ms, which is the resolution of the meter.
    const processor = context.createScriptProcessor(1024, 1, 1);
    processor.addEventListener('audioprocess', (event) => {
      const samples = event.inputBuffer.getChannelData(0);
      const rms = Math.hypot(...samples) / Math.sqrt(samples.length);
      // The quietest moments of the test voice have 0.04; what the jitter buffer makes up in a gap fades out below.
      if (rms > 0.02) meter.tick(performance.now());
    });
    processor.connect(context.destination);
    let source: MediaStreamAudioSourceNode | null = null;
    let heard: MediaStreamTrack | null = null;
    const timer = setInterval(() => {
      const app = (window as unknown as { amphi?: AppHandle }).amphi;
      const track: RemoteTrack | undefined = app?.call.members.get(memberId)?.trackOf('microphone');
      const media = track?.mediaTrack ?? null;
      if (media === heard) return;
      heard = media;
      source?.disconnect();
      source = media ? context.createMediaStreamSource(new MediaStream([media])) : null;
      source?.connect(processor);
    }, 20);
    const stop = () => {
      clearInterval(timer);
      void context.close();
    };
    return { ...meter, stop };
  }

  function look(video: HTMLVideoElement): { width: number; height: number; spread: number } {
    const size = 64;
    const canvas = new OffscreenCanvas(size, size).getContext('2d', { willReadFrequently: true });
    if (!canvas || video.videoWidth === 0) return { width: 0, height: 0, spread: 0 };
    canvas.drawImage(video, 0, 0, size, size);
    const { data } = canvas.getImageData(0, 0, size, size);
    const brightness: number[] = [];
    for (let i = 0; i + 3 < data.length; i += 4) {
      const [red = 0, green = 0, blue = 0] = data.subarray(i, i + 3);
      brightness.push(red + green + blue);
    }
    return {
      width: video.videoWidth,
      height: video.videoHeight,
      spread: (Math.max(...brightness) - Math.min(...brightness)) / 3,
    };
  }

  window.amphiTest = { connections, iceUrls, watchVideo, watchAudio, frames, meters: new Map(), look };
}
