import type { Source } from '@amphi/protocol';
import type { types } from 'mediasoup';

/** What flows between one room and its members now. */
export type RoomTraffic = {
  roomId: string;
  /** How many transports there are, by what carries them; `none` is not connected yet, or no longer. */
  transports: { udp: number; tcp: number; none: number };
  producers: Record<Source, number>;
  consumers: Record<Source, number>;
  /** From the members and to them, in bits per second, all overhead of RTP included. */
  received: number;
  sent: number;
  /** The share of the RTP packets that get lost on the way here and from here, 0 to 1. */
  lossReceived: number;
  lossSent: number;
};

/** What a room holds, for as long as it takes to ask about it. */
export type Census = {
  roomId: string;
  transports: types.WebRtcTransport[];
  producers: Source[];
  consumers: Source[];
};

type Reading = { protocol: 'udp' | 'tcp' | 'none'; received: number; sent: number; lossIn: number; lossOut: number };

/** A reading is a message to the worker and back; more than so many at once would hold up those that rooms send. */
const AT_ONCE = 32;

/** Asks the workers about all transports of these rooms. Those that close meanwhile are passed over. */
export async function readTraffic(rooms: readonly Census[]): Promise<RoomTraffic[]> {
  const jobs = rooms.flatMap(({ transports }, room) => transports.map((transport) => ({ room, transport })));
  const readings: Reading[][] = rooms.map(() => []);
  for (let start = 0; start < jobs.length; start += AT_ONCE) {
    await Promise.all(
      jobs.slice(start, start + AT_ONCE).map(async ({ room, transport }) => {
        const reading = await read(transport);
        if (reading) readings[room]?.push(reading);
      }),
    );
  }
  return rooms.map((census, room) => summarize(census, readings[room] ?? []));
}

async function read(transport: types.WebRtcTransport): Promise<Reading | undefined> {
  try {
    const [stats] = await transport.getStats();
    if (stats === undefined) return undefined;
    return {
      protocol: stats.iceSelectedTuple?.protocol ?? 'none',
      received: stats.recvBitrate,
      sent: stats.sendBitrate,
      lossIn: stats.rtpPacketLossReceived ?? 0,
      lossOut: stats.rtpPacketLossSent ?? 0,
    };
  } catch {
    return undefined;
  }
}

/** The figures of a room from those of its transports; loss counts by how much each of them carries. */
export function summarize(
  census: Pick<Census, 'roomId' | 'producers' | 'consumers'>,
  readings: readonly Reading[],
): RoomTraffic {
  const transports = { udp: 0, tcp: 0, none: 0 };
  let [received, sent, lostIn, lostOut] = [0, 0, 0, 0];
  for (const reading of readings) {
    transports[reading.protocol] += 1;
    received += reading.received;
    sent += reading.sent;
    lostIn += reading.received * reading.lossIn;
    lostOut += reading.sent * reading.lossOut;
  }
  return {
    roomId: census.roomId,
    transports,
    producers: tally(census.producers),
    consumers: tally(census.consumers),
    received,
    sent,
    lossReceived: received > 0 ? lostIn / received : 0,
    lossSent: sent > 0 ? lostOut / sent : 0,
  };
}

function tally(sources: readonly Source[]): Record<Source, number> {
  const counts: Record<Source, number> = { camera: 0, microphone: 0, screen: 0, 'screen-audio': 0 };
  for (const source of sources) counts[source] += 1;
  return counts;
}
