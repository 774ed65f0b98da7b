import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { startTapLab } from '@amphi/media/testing';
import type { RtpParameters, Source } from '@amphi/protocol';
import { startRoom } from '@amphi/rooms/testing';

type Picture = {
  codec: 'h264' | 'vp8';
  color?: string;
  size?: string;
  layers?: readonly string[];
  /** Noise, which is large. */
  noisy?: boolean;
  /** A camera, where it is not said. */
  source?: 'camera' | 'screen';
};

/** A track that ffmpeg sends into the stage. */
export type Sent = { producerId: string; mute(): Promise<void>; unmute(): Promise<void>; stop(): void };

/**
 * A room of which the members and their tracks are the real ones, but for the way in: ffmpeg sends its media as plain RTP to
 * a real worker, from which real taps read it.
 */
export async function startStage() {
  const { room, media, join, logger, clock } = await startRoom();
  const lab = await startTapLab(['vp8', 'h264']);
  media.tap = lab.tap as typeof media.tap;
  const senders = new Set<ChildProcess>();
  const relays = new Set<Socket>();

  /** Makes a track of the member; answers where its RTP is to be sent. */
  async function open(memberId: string, source: Source, kind: 'audio' | 'video', tracks: readonly Track[], id: string) {
    const parameters = rtpParameters(kind, tracks);
    const { port } = await lab.produce(id, kind, parameters);
    const relay = await openRelay(port);
    relays.add(relay);
    const transportId = media.sendId(memberId);
    media.alive.add(memberId);
    // One who comes again has kept the place.
    if (!room.tracks.of(memberId).some((track) => track.id === id)) {
      await room.tracks.create(memberId, {
        ...{ transportId, producerId: id, source, kind, rtpParameters: parameters, muted: false },
      });
    }
    return `rtp://127.0.0.1:${relay.address().port}?rtcpport=${relay.address().port}&pkt_size=1200`;
  }

  function run(args: readonly string[]): ChildProcess {
    const child = spawn('ffmpeg', ['-v', 'error', '-nostdin', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    senders.add(child);
    return child;
  }

  async function send(memberId: string, source: Source, kind: 'audio' | 'video', tracks: Track[], id: string) {
    const url = await open(memberId, source, kind, tracks, id);
    const children = tracks.map((track) => run(['-re', ...track.arguments, ...rtpOutput(track, url)]));
    const sent: Sent = {
      producerId: id,
      async mute() {
        await lab.pause(id);
        await room.tracks.update(memberId, { producerId: id, muted: true });
      },
      async unmute() {
        await lab.resume(id);
        await room.tracks.update(memberId, { producerId: id, muted: false });
      },
      stop() {
        for (const child of children) child.kill('SIGKILL');
        lab.stop(id);
      },
    };
    return sent;
  }

  return {
    ...{ room, join, logger, clock },

    /** A picture of one colour, or the test picture, at 15 frames a second with a key frame each second: nothing here answers who asks for one. */
    sendPicture(
      memberId: string,
      { codec, color, size = '320x180', layers, source = 'camera', noisy = false }: Picture,
      id: string = randomUUID(),
    ) {
      const firstSsrc = randomInt(1, 2 ** 30);
      const tracks = (layers ?? [size]).map((layer, index): Track => {
        // A megabyte a second in pictures of the same size, none of which is more than a socket's buffer holds.
        const [rate, bitrate] = noisy ? [30, ['8M', '-maxrate', '8M', '-bufsize', '400k']] : [15, ['500k']];
        const picture = color ? `color=c=${color}:s=${layer}:r=${rate}` : `testsrc2=s=${layer}:r=${rate}`;
        const input = noisy ? `${picture},noise=alls=100:allf=t` : picture;
        const args = ['-f', 'lavfi', '-i', input, ...ENCODERS[codec], '-g', '15', '-b:v', ...bitrate];
        return { arguments: args, ssrc: firstSsrc + index, payloadType: 96, codec };
      });
      return send(memberId, source, 'video', tracks, id);
    },

    /** A tone, in stereo. */
    sendTone(memberId: string, hertz: number, id: string = randomUUID()) {
      const args = ['-f', 'lavfi', '-i', `sine=frequency=${hertz}:sample_rate=48000`, '-ac', '2', '-c:a', 'libopus'];
      const track: Track = { arguments: args, ssrc: randomInt(1, 2 ** 30), payloadType: 111, codec: 'opus' };
      return send(memberId, 'microphone', 'audio', [track], id);
    },

    /** A black picture that is white, and silence that is a tone, for the first tenth of each second. */
    async sendBeat(memberId: string) {
      const video: Track = { arguments: [], ssrc: randomInt(1, 2 ** 30), payloadType: 96, codec: 'h264' };
      const audio: Track = { arguments: [], ssrc: randomInt(1, 2 ** 30), payloadType: 111, codec: 'opus' };
      const pictureUrl = await open(memberId, 'camera', 'video', [video], randomUUID());
      const soundUrl = await open(memberId, 'microphone', 'audio', [audio], randomUUID());
      const flash = `color=c=black:s=160x90:r=25,drawbox=t=fill:c=white:enable='lt(mod(t,1),0.1)'`;
      const beep = `aevalsrc='0.5*lt(mod(t,1),0.1)*sin(2*PI*1000*t)':s=48000`;
      run([
        ...['-re', '-f', 'lavfi', '-i', flash, '-re', '-f', 'lavfi', '-i', beep],
        ...['-map', '0:v', ...ENCODERS.h264, '-g', '25', '-b:v', '500k', ...rtpOutput(video, pictureUrl)],
        ...['-map', '1:a', '-ac', '2', '-c:a', 'libopus', ...rtpOutput(audio, soundUrl)],
      ]);
    },

    close() {
      for (const child of senders) child.kill('SIGKILL');
      for (const relay of relays) relay.close();
      room.close();
      lab.close();
    },
  };
}

/** All that comes to its port goes on from one address: a worker takes a track's packets from one only. */
async function openRelay(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (packet) => socket.send(packet, port, '127.0.0.1'));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.setRecvBufferSize(1 << 21);
  return socket;
}

type Track = { arguments: string[]; ssrc: number; payloadType: number; codec: 'h264' | 'vp8' | 'opus' };

const ENCODERS = {
  h264: [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-tune',
    'zerolatency',
    '-profile:v',
    'baseline',
    '-pix_fmt',
    'yuv420p',
  ],
  vp8: ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-threads', '1'],
};

function rtpOutput({ ssrc, payloadType }: Track, url: string): string[] {
  return ['-f', 'rtp', '-ssrc', `${ssrc}`, '-payload_type', `${payloadType}`, url];
}

function rtpParameters(kind: 'audio' | 'video', tracks: readonly Track[]): RtpParameters {
  const [first] = tracks;
  const payloadType = first?.payloadType ?? 0;
  const codec: RtpParameters['codecs'][number] =
    kind === 'audio'
      ? { mimeType: 'audio/opus', payloadType, clockRate: 48_000, channels: 2, parameters: {} }
      : first?.codec === 'vp8'
        ? { mimeType: 'video/VP8', payloadType, clockRate: 90_000, parameters: {} }
        : {
            mimeType: 'video/H264',
            payloadType,
            clockRate: 90_000,
            parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
          };
  return {
    mid: `${first?.ssrc}`,
    codecs: [
      { ...codec, rtcpFeedback: kind === 'video' ? [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }] : [] },
    ],
    headerExtensions: [],
    encodings: tracks.map(({ ssrc }) => ({ ssrc })),
    rtcp: { cname: 'lab' },
  };
}
