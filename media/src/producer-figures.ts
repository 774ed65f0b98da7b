import type { ProducerFigures } from '@amphi/rooms';
import type { types } from 'mediasoup';

/** What the worker says of how a producer's packets arrive; undefined when it is gone by then. */
export async function producerFigures(producer: types.Producer): Promise<ProducerFigures | undefined> {
  const [codec] = producer.rtpParameters.codecs;
  let streams: types.ProducerStat[];
  try {
    streams = await producer.getStats();
  } catch {
    return undefined;
  }
  const roundTrips = streams.flatMap(({ roundTripTime = 0 }) => (roundTripTime > 0 ? [roundTripTime] : []));
  return {
    codec: (codec?.mimeType ?? '').replace(/^.*\//, '').toLowerCase(),
    channels: codec?.channels ?? null,
    bitrate: streams.reduce((sum, { bitrate }) => sum + bitrate, 0),
    // As in receiver reports (RFC 3550, 6.4.1): in 256ths.
    loss: Math.max(0, ...streams.map(({ fractionLost }) => fractionLost / 256)),
    roundTrip: roundTrips.length === 0 ? null : Math.min(...roundTrips),
  };
}
