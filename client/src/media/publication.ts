import type { MediaSettings, RtpParameters, Source } from '@amphi/protocol';
import { AmphiError } from '@amphi/protocol/amphi-error';
import { KIND_OF_SOURCE } from '@amphi/protocol/constants';
import type { Device, types } from 'mediasoup-client';
import type { Request } from '../signaling/signaling.ts';
import type { LocalPublication, PublishOptions } from '../types.ts';
import { pickVideoCodec } from './device.ts';
import {
  type Encoding,
  opusOptions,
  type SoundProfile,
  spatialLayersOf,
  svcFor,
  type VideoInput,
  videoEncodings,
} from './encodings.ts';

/** What a publication needs to know of the call that it belongs to. */
export type PublicationContext = {
  request: Request;
  device(): Device;
  settings(): MediaSettings;
  /** Something that others show or mirror changed. */
  changed(publication: Publication): void;
};

/** What a screen plays is rarely only speech, unless whoever publishes it knows better. */
function soundOf({ source, music }: PublishOptions): SoundProfile {
  if (music !== undefined) return music ? 'music' : 'voice';
  return source === 'screen-audio' ? 'screen' : 'voice';
}

/** A track that this person sends, to the SFU and, mirrored by the direct connection, to the other person. */
export class Publication implements LocalPublication {
  readonly source: Source;
  readonly kind: 'audio' | 'video';
  /** What to tune Opus for; of audio only. */
  readonly sound: SoundProfile;
  /** The producer's id; a new session makes a new one. */
  id: string = crypto.randomUUID();
  muted: boolean;
  closed = false;
  /** The highest spatial layer that anybody looks at, as the server says; null before it said anything. */
  demand: number | null = null;
  /** Whether the server knows of the producer. */
  isAnnounced = false;
  /** Settles with the server's answer to the announcement. */
  announced: Promise<void> = Promise.resolve();

  #context: PublicationContext;
  #track: MediaStreamTrack;
  #producer: types.Producer | null = null;
  #encodings: Encoding[] = [];
  #standby = false;
  #applying: Promise<void> = Promise.resolve();

  constructor(options: PublishOptions, context: PublicationContext) {
    this.source = options.source;
    this.kind = KIND_OF_SOURCE[options.source];
    this.sound = soundOf(options);
    this.muted = options.muted === true;
    this.#context = context;
    this.#track = options.track;
    this.#adopt(options.track);
  }

  get track(): MediaStreamTrack {
    return this.#track;
  }

  get producer(): types.Producer | null {
    return this.#producer;
  }

  /** How many spatial layers go to the SFU. */
  get layers(): number {
    return spatialLayersOf(this.#encodings);
  }

  /** Bits per second that the SFU is meant to get now: of the layers that somebody looks at. */
  get wantedBps(): number {
    if (this.kind === 'audio' || this.muted || this.#standby) return 0;
    const top = this.demand ?? this.layers - 1;
    const rates = this.#encodings.map((encoding) => encoding.maxBitrate ?? 0);
    if (rates.length === 1) return top < 0 ? 0 : (rates[0] ?? 0) / 2 ** (1.5 * Math.max(0, this.layers - 1 - top));
    return rates.slice(0, top + 1).reduce((sum, rate) => sum + rate, 0);
  }

  /** How the video is meant to be encoded. */
  videoInput(): VideoInput {
    const settings = this.#context.settings();
    const codec = pickVideoCodec(this.#context.device().sendRtpCapabilities, settings.videoCodec)?.name ?? 'vp8';
    const { width = 1280, height = 720 } = this.#track.getSettings();
    return { source: this.source, codec, width, height, settings };
  }

  /** Sends the track over this transport from now on; an earlier producer is void. */
  async attach(transport: types.Transport): Promise<void> {
    this.#producer = null;
    this.demand = null;
    const producer = await transport.produce({
      track: this.#track,
      stopTracks: false,
      disableTrackOnPause: false,
      zeroRtpOnPause: false,
      appData: { id: this.id, announce: this.#announce },
      ...this.#codec(),
    });
    if (this.closed) {
      producer.close();
      return;
    }
    this.#producer = producer;
    await this.#apply();
  }

  async setMuted(muted: boolean): Promise<void> {
    if (this.closed || muted === this.muted) return;
    this.muted = muted;
    // Silences or blackens the track itself at once, on all paths; stopping the senders takes a moment longer.
    this.#track.enabled = !muted;
    this.#context.changed(this);
    const told = this.#context.request('producer.update', { producerId: this.id, muted });
    await Promise.all([this.#apply(), told]);
  }

  async replaceTrack(track: MediaStreamTrack): Promise<void> {
    if (this.closed) throw new AmphiError('wrong-state', 'The publication is closed: publish the track instead.');
    if (track === this.#track) return;
    this.#track.removeEventListener('ended', this.#onEnded);
    this.#track = track;
    this.#adopt(track);
    this.#context.changed(this);
    await this.#apply();
    await this.updateSize();
  }

  /** Sends nothing to the SFU while the other person gets the track directly. */
  async setStandby(standby: boolean): Promise<void> {
    if (this.closed || standby === this.#standby) return;
    this.#standby = standby;
    const told = this.#context.request('producer.update', { producerId: this.id, standby });
    await Promise.all([this.#apply(), told]);
  }

  /** What the standby is for a producer that is about to be made. */
  startOnStandby(standby: boolean): void {
    this.#standby = standby;
  }

  /** Stops encoding the layers that nobody looks at. */
  async setDemand(top: number): Promise<void> {
    if (this.kind !== 'video' || top === this.demand) return;
    this.demand = top;
    this.#context.changed(this);
    await this.#enqueue(async (producer) => {
      const single = this.#encodings.length === 1 ? this.#encodings[0] : undefined;
      if (single && this.layers > 1) {
        await producer.setRtpEncodingParameters(svcFor(single, top) as RTCRtpEncodingParameters);
      } else {
        await producer.setMaxSpatialLayer(top);
      }
    });
  }

  /** Tells the server when the picture changed its size: another device, a turned phone, a resized window. */
  async updateSize(): Promise<void> {
    const size = this.#size();
    if (this.closed || size.width === undefined) return;
    if (size.width === this.#told.width && size.height === this.#told.height) return;
    this.#told = size;
    await this.#context.request('producer.update', { producerId: this.id, ...size });
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.abandon();
    await this.#context.request('producer.close', { producerId: this.id });
  }

  /** Closes without telling the server, which has ended the producer or the session. */
  abandon(): void {
    if (this.closed) return;
    this.closed = true;
    this.#track.removeEventListener('ended', this.#onEnded);
    this.#producer?.close();
    this.#context.changed(this);
  }

  /** Takes another id for a new session: the old one may still be known to the server. */
  renew(): void {
    this.id = crypto.randomUUID();
    this.#producer = null;
    this.#standby = false;
    this.isAnnounced = false;
  }

  #told: { width?: number | undefined; height?: number | undefined } = {};

  #size(): { width?: number; height?: number } {
    if (this.kind === 'audio') return {};
    const { width, height } = this.#track.getSettings();
    return width && height ? { width: Math.round(width), height: Math.round(height) } : {};
  }

  #adopt(track: MediaStreamTrack): void {
    track.enabled = !this.muted;
    if (this.source === 'screen' && track.contentHint === '') track.contentHint = 'detail';
    track.addEventListener('ended', this.#onEnded);
  }

  /** The browser's own «stop sharing» ends a screen; a camera or microphone may get another device. */
  #onEnded = (): void => {
    if (this.source === 'screen' || this.source === 'screen-audio') void this.close().catch(() => undefined);
  };

  #codec(): Pick<types.ProducerOptions, 'encodings' | 'codecOptions' | 'codec'> {
    if (this.kind === 'audio') {
      return { encodings: [{ priority: 'high' }], codecOptions: opusOptions(this.sound) };
    }
    const input = this.videoInput();
    this.#encodings = videoEncodings(input);
    const codec = pickVideoCodec(this.#context.device().sendRtpCapabilities, input.settings.videoCodec)?.capability;
    return {
      encodings: this.#encodings.map((encoding) => ({ ...encoding })),
      // The default first guess of 300 kbit/s takes seconds to grow to the upper layers.
      codecOptions: { videoGoogleStartBitrate: 1000 },
      ...(codec ? { codec } : {}),
    };
  }

  #announce = (transportId: string, rtpParameters: RtpParameters): void => {
    const { id: producerId, source, kind, muted } = this;
    const size = this.#size();
    this.#told = size;
    const { request } = this.#context;
    this.announced = request('producer.create', {
      transportId,
      producerId,
      source,
      kind,
      rtpParameters,
      muted,
      ...size,
    }).then(() => void (this.isAnnounced = this.id === producerId));
    this.announced.catch(() => undefined);
    if (this.#standby) request('producer.update', { producerId, standby: true }).catch(() => undefined);
  };

  /** Brings what the SFU's sender sends in line with what is wanted. */
  #apply(): Promise<void> {
    return this.#enqueue(async (producer) => {
      const track = this.muted || this.#standby ? null : this.#track;
      if (producer.track !== track && track?.readyState !== 'ended') await producer.replaceTrack({ track });
    });
  }

  /** One change after the other: mediasoup-client compares with the state before the changes under way. */
  #enqueue(change: (producer: types.Producer) => Promise<void>): Promise<void> {
    this.#applying = this.#applying.then(async () => {
      const producer = this.#producer;
      if (!producer || producer.closed) return;
      try {
        await change(producer);
      } catch (error) {
        // Closed while the change was waiting: nothing is sent any more.
        if (!producer.closed) throw error;
      }
    });
    const result = this.#applying;
    this.#applying = result.catch(() => undefined);
    return result;
  }
}
