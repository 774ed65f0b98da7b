import { type Frame, FrameReader } from '@amphi/egress';

type Kind = 'audio' | 'video';

export type Receiver = {
  packets(kind: Kind): number;
  /** Of packets of both kinds, with their headers. */
  bytes(): number;
  /** Those that came. */
  payloadTypes(): Record<Kind, number[]>;
  /** The last key frame that came whole. */
  keyFrame(): Frame | undefined;
  /** Sequence numbers of the picture that were left out. */
  gaps(): number;
  stop(): Promise<void>;
};

export type ReceiverOptions = { url: string; bearer: string; payloadTypes: Record<Kind, number> };

/**
 * A native WHEP player of Opus and H.264, on libdatachannel. It decodes nothing, and puts pictures together. Undefined where
 * libdatachannel cannot be loaded; rejects when the server refuses.
 */
export async function startReceiver({ url, bearer, payloadTypes }: ReceiverOptions): Promise<Receiver | undefined> {
  const rtc = await import('node-datachannel').then(
    (module) => module.default,
    () => undefined,
  );
  if (!rtc) return undefined;
  const connection = new rtc.PeerConnection('player', { iceServers: [] });
  const audio = new rtc.Audio('0', 'RecvOnly');
  audio.addOpusCodec(payloadTypes.audio);
  const video = new rtc.Video('1', 'RecvOnly');
  video.addH264Codec(payloadTypes.video);
  const came: Record<Kind, { count: number; types: Set<number> }> = {
    audio: { count: 0, types: new Set() },
    video: { count: 0, types: new Set() },
  };
  let keyFrame: Frame | undefined;
  let last: number | undefined;
  let gaps = 0;
  let bytes = 0;
  const reader = new FrameReader({
    requestKeyFrame() {},
    sink: {
      started() {},
      paused() {},
      stopped() {},
      clock() {},
      frame(frame) {
        if (frame.keyFrame) keyFrame = frame;
      },
    },
  });
  const take = (kind: Kind) => (packet: Buffer) => {
    const type = packet[1] ?? 0;
    // RTCP shares the port (RFC 5761, 4).
    if (packet.length < 12 || (type >= 192 && type <= 223)) return;
    came[kind].count += 1;
    bytes += packet.length;
    came[kind].types.add(type & 0x7f);
    if (kind === 'audio') return;
    if (last === undefined) {
      const codecs = [{ mimeType: 'video/H264', payloadType: payloadTypes.video, clockRate: 90_000 }];
      const encodings = [{ ssrc: packet.readUInt32BE(8) }];
      reader.started({ kind, rtpParameters: { codecs, encodings }, paused: false });
    }
    const sequence = packet.readUInt16BE(2);
    if (last !== undefined && sequence !== ((last + 1) & 0xffff)) gaps += 1;
    last = sequence;
    reader.rtp(Buffer.from(packet));
  };
  const tracks = [
    { kind: 'audio' as const, track: connection.addTrack(audio) },
    { kind: 'video' as const, track: connection.addTrack(video) },
  ];
  for (const { kind, track } of tracks) track.onMessage(take(kind));

  const offered = new Promise<string>((resolve) => {
    connection.onGatheringStateChange((state: string) => {
      if (state === 'complete') resolve(connection.localDescription()?.sdp ?? '');
    });
  });
  connection.setLocalDescription('offer');
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/sdp' };
  const response = await fetch(url, { method: 'POST', headers, body: await offered });
  const answer = await response.text();
  if (response.status !== 201) {
    connection.close();
    throw new Error(`The server refused: ${response.status} ${answer}`);
  }
  connection.setRemoteDescription(answer, 'answer');
  const location = new URL(response.headers.get('location') ?? '', url).href;
  return {
    packets: (kind) => came[kind].count,
    bytes: () => bytes,
    payloadTypes: () => ({ audio: [...came.audio.types], video: [...came.video.types] }),
    keyFrame: () => keyFrame,
    gaps: () => gaps,
    async stop() {
      // A connection that is closed first may be noticed before that.
      const gone = await fetch(location, { method: 'DELETE' });
      // Here, so that they are referred to until then: one that is collected as garbage takes nothing any more.
      for (const { track } of tracks) track.close();
      connection.close();
      if (gone.status !== 200) throw new Error(`DELETE was answered with ${gone.status}`);
    },
  };
}
