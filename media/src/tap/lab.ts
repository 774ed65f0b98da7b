// For tests of what reads tracks: a real worker and real taps, fed by whatever sends RTP.
import type { RtpParameters } from '@amphi/protocol';
import type { MediaTap, TapOptions, TapSink } from '@amphi/rooms';
import type { types } from 'mediasoup';
import { routerCodecs, type VideoCodec } from '../codecs.ts';
import { Demand } from '../demand.ts';
import type { MediaPlaneOptions } from '../options.ts';
import type { RoomProducer } from '../room-producer.ts';
import { RouterNode } from '../router-node.ts';
import { RoomSpeakers } from '../speakers.ts';
import { planeOptions } from '../testing.ts';
import { type LiveWorker, startWorker } from '../worker-process.ts';
import { RoomTaps } from './taps.ts';

export type TapLab = {
  /** As a room's. */
  tap(producerId: string, sink: TapSink, options?: TapOptions): MediaTap;
  /**
   * A track that comes by plain RTP and RTCP to one port, from whoever is the first to send. One with the
   * same id takes the place of the one before. Tracks of the same `sender` come to the same port.
   */
  produce(
    id: string,
    kind: 'audio' | 'video',
    rtpParameters: RtpParameters,
    sender?: string,
  ): Promise<{ port: number }>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  stop(id: string): void;
  close(): void;
};

/** Its ports are found by chance; some may be taken. */
async function startAnyWorker(options: MediaPlaneOptions): Promise<LiveWorker> {
  for (let index = 0; ; index++) {
    try {
      return await startWorker(options, index, 0);
    } catch (error) {
      if (index === 5) throw error;
    }
  }
}

export async function startTapLab(codecs: readonly VideoCodec[]): Promise<TapLab> {
  const options = planeOptions();
  const worker = await startAnyWorker(options);
  const node = new RouterNode(worker, routerCodecs(codecs), new RoomSpeakers(() => {}));
  const taps = new RoomTaps(options.logger);
  const sources = new Map<string, RoomProducer>();
  const transports = new Map<string, Promise<types.PlainTransport>>();

  async function openTransport(): Promise<types.PlainTransport> {
    const router = await node.ready;
    return router.createPlainTransport({
      listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
      rtcpMux: true,
      comedia: true,
    });
  }

  function stop(id: string): void {
    const source = sources.get(id);
    if (!source) return;
    sources.delete(id);
    source.producer.close();
    taps.producerGone(source);
  }

  return {
    tap: (producerId, sink, tapOptions = {}) => taps.open(producerId, sources.get(producerId), sink, tapOptions),

    async produce(id, kind, rtpParameters, sender) {
      stop(id);
      const opening = (sender !== undefined && transports.get(sender)) || openTransport();
      if (sender !== undefined) transports.set(sender, opening);
      const transport = await opening;
      const producer = await transport.produce({ kind, rtpParameters: rtpParameters as types.RtpParameters });
      const spatialLayers = rtpParameters.encodings?.length ?? 1;
      const source: RoomProducer = {
        ...{ id, memberId: 'lab', source: kind === 'audio' ? 'microphone' : 'camera', spatialLayers, node, producer },
        demand: kind === 'video' ? new Demand(spatialLayers, () => {}) : undefined,
        consumers: new Set(),
        paused: false,
      };
      sources.set(id, source);
      taps.producerMade(source);
      return { port: transport.tuple.localPort };
    },

    pause: async (id) => void (await sources.get(id)?.producer.pause()),
    resume: async (id) => void (await sources.get(id)?.producer.resume()),
    stop,

    close() {
      taps.close();
      worker.worker.close();
    },
  };
}
