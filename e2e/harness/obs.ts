import { setTimeout as sleep } from 'node:timers/promises';
import type { Clip } from './clip.ts';

/** What publishes as OBS does: with libdatachannel, H.264 as 42e01f, Opus, and no answer to key frame requests. */
export type Obs = {
  /** Of its connection: `connected` once media flows. */
  state(): string;
  /** How often it was asked for a key frame. */
  keyFrameRequests(): number;
  /** Stops in order: ends the connection and tells the server. */
  stop(): Promise<void>;
  /** Stops as a program that is killed. */
  kill(): void;
};

export type ObsOptions = {
  url: string;
  key: string;
  clip: Clip;
  /** Sends the film in so many layers, the best one first; all of them have its size. */
  layers?: number;
};

/** A 20 ms frame of silence. */
const SILENCE = Buffer.from([0xf8, 0xff, 0xfe]);

/** Begins to publish. Rejects when the server refuses. Undefined where libdatachannel cannot be loaded. */
export async function startObs({ url, key, clip, layers = 1 }: ObsOptions): Promise<Obs | undefined> {
  const rtc = await import('node-datachannel').then(
    (module) => module.default,
    () => undefined,
  );
  if (!rtc) return undefined;
  const connection = new rtc.PeerConnection('obs', { iceServers: [] });
  let requests = 0;

  const audio = new rtc.Audio('0', 'SendOnly');
  audio.addOpusCodec(111);
  audio.addSSRC(1001, 'obs', 'stream', 'stream-audio');
  const video = new rtc.Video('1', 'SendOnly');
  video.addH264Codec(96);
  const rids = layers > 1 ? Array.from({ length: layers }, (_, index) => `${index}`) : [];
  if (rids.length > 0) {
    video.parseSdpLine('a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid');
    video.parseSdpLine('a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id');
    for (const rid of rids) video.parseSdpLine(`a=rid:${rid} send`);
    video.parseSdpLine(`a=simulcast:send ${rids.join(';')}`);
  } else {
    video.addSSRC(1002, 'obs', 'stream', 'stream-video');
  }
  const sound = connection.addTrack(audio);
  const pictures = connection.addTrack(video);
  const soundConfig = new rtc.RtpPacketizationConfig(1001, 'obs', 111, 48_000);
  const soundHandler = new rtc.RtpPacketizer(soundConfig);
  soundHandler.addToChain(new rtc.RtcpSrReporter(soundConfig));
  sound.setMediaHandler(soundHandler);
  const pictureConfig = new rtc.RtpPacketizationConfig(1002, 'obs', 96, 90_000);
  const pictureHandler = new rtc.H264RtpPacketizer('StartSequence', pictureConfig, 1200);
  pictureHandler.addToChain(new rtc.RtcpSrReporter(pictureConfig));
  pictureHandler.addToChain(new rtc.RtcpNackResponder());
  pictures.setMediaHandler(pictureHandler);
  pictures.onMessage((packet: Buffer) => {
    // RTCP payload-specific feedback: picture loss (1) or full intra (4).
    if (packet[1] === 206 && [1, 4].includes((packet[0] ?? 0) & 31)) requests += 1;
  });

  const offered = new Promise<string>((resolve) => {
    connection.onGatheringStateChange((state: string) => {
      if (state === 'complete') resolve(connection.localDescription()?.sdp ?? '');
    });
  });
  connection.setLocalDescription('offer');
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/sdp' };
  const response = await fetch(url, { method: 'POST', headers, body: await offered });
  const answer = await response.text();
  if (response.status !== 201) {
    connection.close();
    throw new Error(`The server refused: ${response.status} ${answer}`);
  }
  connection.setRemoteDescription(answer, 'answer');
  const location = new URL(response.headers.get('location') ?? '', url).href;

  const stop = new AbortController();
  const play = async () => {
    const startedAt = performance.now();
    for (let n = 0; !stop.signal.aborted; n++) {
      const at = (n * 1000) / clip.framesPerSecond;
      await sleep(Math.max(0, startedAt + at - performance.now()));
      if (stop.signal.aborted || !pictures.isOpen()) continue;
      pictureConfig.timestamp = Math.round(at * 90) >>> 0;
      const picture = clip.pictures[n % clip.pictures.length];
      if (picture) pictures.sendMessageBinary(picture);
      if (sound.isOpen()) {
        soundConfig.timestamp = Math.round(at * 48) >>> 0;
        sound.sendMessageBinary(SILENCE);
      }
    }
  };
  void play();

  const kill = () => {
    stop.abort();
    connection.close();
  };
  return {
    state: () => connection.state(),
    keyFrameRequests: () => requests,
    kill,
    async stop() {
      kill();
      const gone = await fetch(location, { method: 'DELETE', headers: { authorization: `Bearer ${key}` } });
      if (gone.status !== 200) throw new Error(`DELETE was answered with ${gone.status}`);
    },
  };
}
