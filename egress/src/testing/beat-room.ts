import { randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TapLab } from '@amphi/media/testing';
import type { RtpParameters } from '@amphi/protocol';
import { camera, startRoom } from '@amphi/rooms/testing';
import { type Beat, type BeatClock, BeatTrack } from './beat.ts';
import { RtpSource } from './rtp-source.ts';

/** How the way from a device to the server is. */
export type Way = {
  clock: BeatClock;
  /** From the capture to the sending, in milliseconds. */
  delay(at: number): number;
  /** How fast the sender's clock on the wall is, in milliseconds. */
  wallOff: number;
  reportEveryMs: number;
};

/** A room whose members send beats through the worker of the lab, in real time. */
export async function startBeatRoom(lab: TapLab) {
  const { room, media, join, logger } = await startRoom();
  media.tap = lab.tap as typeof media.tap;
  const senders: { stop(): Promise<void> }[] = [];
  const sockets = new Map<string, Socket>();

  /** All that somebody sends comes from one port, and goes to one. */
  async function socketOf(memberId: string, port: number): Promise<Socket> {
    const known = sockets.get(memberId);
    if (known) return known;
    const socket = createSocket('udp4');
    sockets.set(memberId, socket);
    // A test that failed closed the worker before the senders.
    socket.on('error', () => {});
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  }

  return {
    ...{ room, join, logger },

    /** The member sends from the time `from` on. */
    async add(memberId: string, beat: Beat, kind: 'audio' | 'video', way: Way, from: number) {
      const id = randomUUID();
      const ssrc = 1000 + senders.length;
      const source = kind === 'audio' ? ('microphone' as const) : ('camera' as const);
      const rtpParameters = parametersOf(kind, ssrc, memberId);
      const { port } = await lab.produce(id, kind, rtpParameters, memberId);
      media.alive.add(memberId);
      const track = new BeatTrack(kind, beat, way.clock, from);
      await room.tracks.create(memberId, { ...camera(media.sendId(memberId), id), source, kind, rtpParameters });
      senders.push(sendTrack(track, await socketOf(memberId, port), ssrc, way));
      return { id, track };
    },

    async stop() {
      await Promise.all(senders.map((sender) => sender.stop()));
      for (const socket of sockets.values()) socket.close();
    },
  };
}

function parametersOf(kind: 'audio' | 'video', ssrc: number, cname: string): RtpParameters {
  const codec: RtpParameters['codecs'][number] =
    kind === 'audio'
      ? { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2, parameters: {}, rtcpFeedback: [] }
      : { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000, parameters: {}, rtcpFeedback: [{ type: 'nack' }] };
  return { mid: `${ssrc}`, codecs: [codec], headerExtensions: [], encodings: [{ ssrc }], rtcp: { cname } };
}

/** Sends a track in real time, until it is stopped. */
function sendTrack(track: BeatTrack, socket: Socket, ssrc: number, way: Way) {
  const writer = new RtpSource({ ssrc, payloadType: track.kind === 'audio' ? 111 : 96 });
  let isStopped = false;
  const done = (async () => {
    for (let reportedAt = -Infinity; ;) {
      const { at, rtp, payload } = track.next();
      const wait = at + way.delay(at) - Date.now();
      if (wait > 0) await sleep(wait);
      if (isStopped) return;
      socket.send(writer.packet(rtp, payload));
      if (at - reportedAt < way.reportEveryMs) continue;
      reportedAt = at;
      const now = Date.now();
      socket.send(writer.report(now + way.wallOff, track.rtpAt(now)));
    }
  })();
  return {
    async stop() {
      isStopped = true;
      await done;
    },
  };
}
