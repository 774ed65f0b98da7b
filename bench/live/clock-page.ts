/** What is drawn and sent. */
export type ClockOptions = {
  url: string;
  key: string;
  codec: 'H264' | 'VP8';
  width: number;
  height: number;
  framesPerSecond: number;
  maxBitrate: number;
};

/** What a page with a viewer saw. */
export type ClockReport = {
  /** When the first picture was shown, in milliseconds from the beginning of the navigation; 0 before. */
  firstPictureAt: number;
  /** How late each picture was shown, in milliseconds. */
  delays: number[];
  /** How much of that was this browser's, from the last packet of the picture on; only over WebRTC. */
  ownDelays: number[];
  /** Of the last picture, in pixels. */
  width: number;
  /** Moments of the way to it, in milliseconds from the beginning of the navigation. */
  marks: Record<string, number>;
};

declare global {
  interface Window {
    clock: ClockReport;
    publisher: RTCPeerConnection;
  }
}

/**
 * In the page: publishes by WHIP a picture that says when it was drawn, in 32 blocks of black and white along its upper
 * edge, and once more inverted below, so that what was not decoded right is not believed. Below that something moves, for
 * the encoder to have its work. Answers the status of the server. Playwright sends its source: nothing from outside.
 */
export async function publishClock(options: ClockOptions): Promise<number> {
  const { url, key, codec, width, height, framesPerSecond, maxBitrate } = options;
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser has no canvas.');
  const noise = document.createElement('canvas');
  noise.width = width / 4;
  noise.height = height / 4;
  const noiseContext = noise.getContext('2d');
  const pixels = new ImageData(noise.width, noise.height);
  for (let at = 0; at < pixels.data.length; at += 1) pixels.data[at] = at % 4 === 3 ? 255 : Math.random() * 255;
  noiseContext?.putImageData(pixels, 0, 0);
  const stream = canvas.captureStream(0);
  const [track] = stream.getVideoTracks() as CanvasCaptureMediaStreamTrack[];
  if (!track) throw new Error('This browser captures no canvas.');
  const block = width / 32;
  const row = height / 15;
  let count = 0;
  setInterval(() => {
    count += 1;
    context.fillStyle = `hsl(${count % 360} 60% 50%)`;
    context.fillRect(0, 2 * row, width, height);
    context.drawImage(noise, (count * 7) % width, height / 2, width / 3, height / 3);
    const now = Date.now() % 2 ** 32;
    for (let bit = 0; bit < 32; bit += 1) {
      const isOn = Math.floor(now / 2 ** bit) % 2 === 1;
      context.fillStyle = isOn ? '#fff' : '#000';
      context.fillRect(bit * block, 0, block, row);
      context.fillStyle = isOn ? '#000' : '#fff';
      context.fillRect(bit * block, row, block, row);
    }
    track.requestFrame();
  }, 1000 / framesPerSecond);

  const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
  const connection = new RTCPeerConnection();
  window.publisher = connection;
  const [sound] = microphone.getAudioTracks();
  if (sound) connection.addTransceiver(sound, { direction: 'sendonly', streams: [stream] });
  const video = connection.addTransceiver(track, {
    direction: 'sendonly',
    streams: [stream],
    sendEncodings: [{ maxBitrate }],
  });
  const { codecs = [] } = RTCRtpSender.getCapabilities('video') ?? {};
  const wanted = codecs.filter(({ mimeType }) => mimeType === `video/${codec}`);
  if (wanted.length === 0) throw new Error(`This browser does not encode ${codec}.`);
  video.setCodecPreferences(wanted);
  // What the machine cannot encode is left out, rather than that the picture becomes another one.
  await video.sender.setParameters({ ...video.sender.getParameters(), degradationPreference: 'maintain-resolution' });
  await connection.setLocalDescription();
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/sdp' };
  const response = await fetch(url, { method: 'POST', headers, body: connection.localDescription?.sdp ?? '' });
  if (response.status === 201) await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
  return response.status;
}

/** In the page of the publisher: what is sent of the picture, and how long it takes to encode one, in milliseconds. */
export async function publisherStats(): Promise<{ codec: string; framesPerSecond: number; encodeMs: number }> {
  const all = [...(await window.publisher.getStats()).values()] as Record<string, unknown>[];
  const video = all.find((each) => each['type'] === 'outbound-rtp' && each['kind'] === 'video');
  const codec = all.find((each) => each['id'] === video?.['codecId']);
  return {
    codec: String(codec?.['mimeType']),
    framesPerSecond: Number(video?.['framesPerSecond'] ?? 0),
    encodeMs: (Number(video?.['totalEncodeTime'] ?? 0) * 1000) / Math.max(1, Number(video?.['framesEncoded'] ?? 0)),
  };
}

/** Before the scripts of a page: reads the clock out of every frame that any video of the page shows. */
export function readClocks(): void {
  const report: ClockReport = { firstPictureAt: 0, delays: [], ownDelays: [], width: 0, marks: {} };
  window.clock = report;
  const note = (name: string) => (report.marks[name] ??= performance.now());
  // The middle of each block is read: at their edges they run into one another.
  const SAMPLES = 5;
  const canvas = new OffscreenCanvas(32 * SAMPLES, 2 * SAMPLES);
  const context = canvas.getContext('2d', { willReadFrequently: true });

  const read = (video: HTMLVideoElement): number | undefined => {
    context?.drawImage(video, 0, 0, video.videoWidth, (video.videoHeight * 2) / 15, 0, 0, canvas.width, canvas.height);
    const { data } = context?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
    const middle = (SAMPLES - 1) / 2;
    const at = (bit: number, row: number) =>
      data[((row * SAMPLES + middle) * canvas.width + bit * SAMPLES + middle) * 4] ?? 0;
    let value = 0;
    for (let bit = 0; bit < 32; bit += 1) {
      const [upper, lower] = [at(bit, 0), at(bit, 1)];
      if (Math.abs(upper - lower) < 60) return undefined;
      if (upper > lower) value += 2 ** bit;
    }
    return value;
  };

  const seen = new WeakSet<Element>();
  const watch = (video: HTMLVideoElement) => {
    seen.add(video);
    note('video element');
    const next: VideoFrameRequestCallback = (now, { expectedDisplayTime, receiveTime }) => {
      if (report.firstPictureAt === 0) report.firstPictureAt = now;
      const drawn = read(video);
      if (drawn !== undefined) {
        const shown = Date.now() + expectedDisplayTime - performance.now();
        report.delays.push(shown - (Math.floor(shown / 2 ** 32) * 2 ** 32 + drawn));
        if (receiveTime !== undefined) report.ownDelays.push(expectedDisplayTime - receiveTime);
        report.width = video.videoWidth;
      }
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
  };
  new MutationObserver(() => {
    for (const video of document.querySelectorAll('video')) if (!seen.has(video)) watch(video);
  }).observe(document, { subtree: true, childList: true });

  // What the page does on its way to the first picture.
  addEventListener('DOMContentLoaded', () => {
    note('page');
    const [{ responseStart = 0 } = {}] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    report.marks['html'] = responseStart;
    for (const { name, responseEnd } of performance.getEntriesByType('resource') as PerformanceResourceTiming[]) {
      if (name.endsWith('.js')) report.marks['scripts'] = Math.max(report.marks['scripts'] ?? 0, responseEnd);
    }
  });
  const { WebSocket: Socket } = window;
  window.WebSocket = class extends Socket {
    constructor(...args: ConstructorParameters<typeof Socket>) {
      super(...args);
      note('socket asked');
      this.addEventListener('open', () => note('socket open'));
      this.addEventListener('message', ({ data }) => {
        if (typeof data !== 'string') return;
        if (data.includes('session.welcome')) note('welcome');
        if (data.includes('"transports"')) note('joined');
      });
    }
    override send(data: string): void {
      if (data.includes('"join"')) note('join asked');
      if (data.includes('consumer.ready')) note('consumers ready');
      super.send(data);
    }
  };
  const { setRemoteDescription } = RTCPeerConnection.prototype;
  const watched = new WeakSet<RTCPeerConnection>();
  RTCPeerConnection.prototype.setRemoteDescription = function (
    this: RTCPeerConnection,
    description: RTCSessionDescriptionInit,
  ) {
    if (!watched.has(this)) {
      watched.add(this);
      this.addEventListener('connectionstatechange', () => note(`media ${this.connectionState}`));
      this.addEventListener('track', ({ track }) => {
        if (track.kind !== 'video') return;
        note('track');
        track.addEventListener('unmute', () => note('packets'));
      });
    }
    return Reflect.apply(setRemoteDescription, this, [description]) as Promise<void>;
  };
}
