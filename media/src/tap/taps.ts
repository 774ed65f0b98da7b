import type { RtpParameters } from '@amphi/protocol';
import type { MediaTap, TapOptions, TapSink } from '@amphi/rooms';
import type { types } from 'mediasoup';
import { ignoreClosed } from '../errors.ts';
import type { MediaLogger } from '../options.ts';
import type { RoomProducer } from '../room-producer.ts';
import { Gaps } from './gaps.ts';
import { type Loopback, openLoopback } from './loopback.ts';
import { isRtcp, nack, senderReports } from './rtcp.ts';

/**
 * What code of this server reads of a room's producers, each over a PlainTransport on loopback. A DirectTransport would
 * need no socket, but sends no sender reports, without which nobody knows which sound belongs to which picture. What a full
 * socket buffer loses is asked for again, as the worker asks the publisher for what is lost before it.
 */
export class RoomTaps {
  readonly #logger: MediaLogger;
  /** By producer id. */
  readonly #taps = new Map<string, Set<Tap>>();

  constructor(logger: MediaLogger) {
    this.#logger = logger;
  }

  open(producerId: string, source: RoomProducer | undefined, sink: TapSink, options: TapOptions): MediaTap {
    const tap = new Tap(sink, options, this.#logger);
    const others = this.#taps.get(producerId) ?? new Set();
    this.#taps.set(producerId, others.add(tap));
    if (source !== undefined) tap.attach(source);
    return {
      requestKeyFrame: () => tap.requestKeyFrame(),
      close: () => {
        if (others.delete(tap) && others.size === 0) this.#taps.delete(producerId);
        tap.detach();
      },
    };
  }

  producerMade(source: RoomProducer): void {
    for (const tap of this.#taps.get(source.id) ?? []) tap.attach(source);
  }

  producerGone(source: RoomProducer): void {
    for (const tap of this.#taps.get(source.id) ?? []) tap.detach();
  }

  close(): void {
    for (const taps of this.#taps.values()) for (const tap of taps) tap.detach();
    this.#taps.clear();
  }
}

/** One reader of one producer. */
class Tap {
  readonly #sink: TapSink;
  readonly #options: TapOptions;
  readonly #logger: MediaLogger;
  /** In the map of wants, whose other keys are ids of consumers. */
  readonly #key = `tap:${crypto.randomUUID()}`;
  #source: RoomProducer | undefined;
  #loopback: Loopback | undefined;
  #consumer: types.Consumer | undefined;
  #started = false;

  constructor(sink: TapSink, options: TapOptions, logger: MediaLogger) {
    this.#sink = sink;
    this.#options = options;
    this.#logger = logger;
  }

  attach(source: RoomProducer): void {
    this.detach();
    this.#source = source;
    const { demand } = source;
    demand?.wants.set(this.#key, { paused: false, spatialLayer: undefined });
    demand?.changed();
    this.#open(source).catch((error: unknown) => {
      // Where the worker or the producer is gone, the next one brings it here again.
      if (this.#source !== source || source.producer.closed) return;
      this.#logger.error({ err: error, producerId: source.id }, 'A track cannot be read.');
    });
  }

  detach(): void {
    const demand = this.#source?.demand;
    if (demand?.wants.delete(this.#key) === true) demand.changed();
    this.#source = undefined;
    this.#loopback?.close();
    this.#loopback = undefined;
    this.#consumer = undefined;
    if (!this.#started) return;
    this.#started = false;
    this.#sink.stopped();
  }

  requestKeyFrame(): void {
    const consumer = this.#consumer;
    if (consumer?.kind === 'video') void ignoreClosed(consumer.requestKeyFrame());
  }

  async #open(source: RoomProducer): Promise<void> {
    const router = await source.node.ready;
    const loopback = await openLoopback(router);
    if (this.#source !== source) {
      loopback.close();
      return;
    }
    this.#loopback = loopback;
    const consumer = await loopback.transport.consume({
      producerId: source.producer.id,
      rtpCapabilities: tapCapabilities(router.rtpCapabilities),
      paused: true,
      // Also for audio, where mediasoup's default is no: Opus with NACK.
      enableRtx: true,
      pipe: this.#options.allLayers ?? false,
    });
    if (this.#source !== source) return;
    this.#consumer = consumer;
    consumer.on('producerpause', () => this.#sink.paused(true));
    consumer.on('producerresume', () => this.#sink.paused(false));
    this.#started = true;
    this.#sink.started({
      kind: consumer.kind,
      rtpParameters: consumer.rtpParameters as RtpParameters,
      paused: consumer.producerPaused,
    });
    this.#read(loopback, source.node.live.clockAhead);
    await consumer.resume();
  }

  #read({ socket }: Loopback, clockAhead: number): void {
    const gaps = new Map<number, Gaps>();
    socket.on('message', (packet) => {
      // What was under way when the tap was closed.
      if (this.#loopback?.socket !== socket || packet.length < 12) return;
      if (isRtcp(packet)) {
        for (const report of senderReports(packet)) {
          this.#sink.senderReport({ ...report, steadyAt: report.capturedAt - clockAhead });
        }
        return;
      }
      const ssrc = packet.readUInt32BE(8);
      let known = gaps.get(ssrc);
      if (!known) gaps.set(ssrc, (known = new Gaps()));
      const lost = known.arrived(packet.readUInt16BE(2), performance.now());
      if (lost.length > 0) socket.send(nack(ssrc, lost));
      this.#sink.rtp(packet);
    });
  }
}

/**
 * What a tap can receive. Without RTX what is sent again comes as it was, in the same stream; without bandwidth estimation
 * the worker sends the best layer there is, and no probes.
 */
function tapCapabilities({ codecs = [] }: types.RtpCapabilities): types.RtpCapabilities {
  return {
    codecs: codecs
      .filter(({ mimeType }) => !mimeType.toLowerCase().endsWith('/rtx'))
      .map((codec) => ({
        ...codec,
        rtcpFeedback: (codec.rtcpFeedback ?? []).filter(({ type }) => type === 'nack' || type === 'ccm'),
      })),
    headerExtensions: [],
  };
}
