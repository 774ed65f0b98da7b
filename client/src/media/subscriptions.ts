import type { ConsumerInfo } from '@amphi/protocol';
import type { types } from 'mediasoup-client';
import type { Members } from '../room/members.ts';
import type { RemoteTrackModel } from '../room/remote-track.ts';
import type { Request } from '../signaling/signaling.ts';
import { grows, rememberSpeaker, sameWant, UNKNOWN_VIEW, type Want, wantFor } from './layers.ts';

/** How many of the last speakers keep their video, at its lowest layer, while they are not on the page. */
const LAST_SPEAKERS = 3;
/** How long to gather what is asked for: more of a picture at once, less of it later. In milliseconds. */
const GROW_MS = 10;
const SHRINK_MS = 100;
const READY_MS = 5;

type Subscription = {
  info: ConsumerInfo;
  consumer: types.Consumer | null;
  sent: Want | undefined;
  /** When more than before was last asked for: until that comes takes a few seconds. */
  grewAt: number;
};

/** What the SFU sends to this browser: consumers, and for each how much of it is wanted. */
export class Subscriptions {
  #request: Request;
  #members: Members;
  #transport: types.Transport | null = null;
  #byId = new Map<string, Subscription>();
  #byProducer = new Map<string, Subscription>();
  #ready: string[] = [];
  #readyTimer: ReturnType<typeof setTimeout> | undefined;
  #updateTimer: ReturnType<typeof setTimeout> | undefined;
  #updateAt = Infinity;
  #lastSpeakers: string[] = [];
  #soundHold: number | null = null;

  constructor(request: Request, members: Members) {
    this.#request = request;
    this.#members = members;
  }

  /** Starts anew on this transport with these consumers. */
  reset(transport: types.Transport, infos: readonly ConsumerInfo[]): void {
    this.clear();
    this.#transport = transport;
    for (const info of infos) this.add(info);
  }

  /** Brings the consumers in line with a snapshot on the same transport. */
  sync(infos: readonly ConsumerInfo[]): void {
    const ids = new Set(infos.map((info) => info.id));
    for (const id of [...this.#byId.keys()]) if (!ids.has(id)) this.remove(id);
    for (const info of infos) this.add(info);
  }

  /** Takes a consumer that the server made. */
  add(info: ConsumerInfo): void {
    const transport = this.#transport;
    if (!transport || this.#byId.has(info.id)) return;
    const old = this.#byProducer.get(info.producerId);
    if (old) this.remove(old.info.id);
    const subscription: Subscription = { info, consumer: null, sent: undefined, grewAt: performance.now() };
    this.#byId.set(info.id, subscription);
    this.#byProducer.set(info.producerId, subscription);
    void this.#consume(transport, subscription);
  }

  remove(consumerId: string): void {
    const subscription = this.#byId.get(consumerId);
    if (!subscription) return;
    this.#byId.delete(consumerId);
    if (this.#byProducer.get(subscription.info.producerId) === subscription) {
      this.#byProducer.delete(subscription.info.producerId);
      this.#members.track(subscription.info.producerId)?.setSource('sfu', null);
    }
    subscription.consumer?.close();
  }

  removeProducer(producerId: string): void {
    const subscription = this.#byProducer.get(producerId);
    if (subscription) this.remove(subscription.info.id);
  }

  /** The consumer of a track, and what of it was asked for. */
  of(
    producerId: string,
  ): { consumer: types.Consumer | null; wanted: boolean; layer: number; grewAt: number } | undefined {
    const subscription = this.#byProducer.get(producerId);
    if (!subscription) return undefined;
    const { consumer, sent, grewAt } = subscription;
    return { consumer, grewAt, wanted: sent?.paused !== true, layer: sent?.spatialLayer ?? 0 };
  }

  /** For how many milliseconds sound waits before it is played, at least; null leaves that to the browser. */
  holdSound(ms: number | null): void {
    if (ms === this.#soundHold) return;
    this.#soundHold = ms;
    for (const { consumer } of this.#byId.values()) this.#hold(consumer);
  }

  setLayers(consumerId: string, layer: number | null): void {
    const subscription = this.#byId.get(consumerId);
    if (subscription) this.#members.track(subscription.info.producerId)?.setLayer(layer);
  }

  /** The view of a track changed, or what its layers depend on. */
  changed(track: RemoteTrackModel): void {
    const subscription = this.#byProducer.get(track.id);
    if (!subscription?.consumer || track.kind !== 'video') return;
    const next = this.#wantOf(track);
    if (!sameWant(subscription.sent, next)) this.#scheduleUpdate(grows(subscription.sent, next) ? GROW_MS : SHRINK_MS);
  }

  /** Somebody is the dominant speaker: the videos of the last few run on even where they are not looked at. */
  speaker(memberId: string): void {
    if (this.#lastSpeakers[0] === memberId) return;
    this.#lastSpeakers = rememberSpeaker(this.#lastSpeakers, memberId, LAST_SPEAKERS);
    for (const track of this.#members.tracks()) this.changed(track);
  }

  clear(): void {
    clearTimeout(this.#readyTimer);
    clearTimeout(this.#updateTimer);
    this.#updateAt = Infinity;
    this.#ready = [];
    for (const { consumer } of this.#byId.values()) consumer?.close();
    this.#byId.clear();
    this.#byProducer.clear();
    this.#transport = null;
  }

  #hold(consumer: types.Consumer | null): void {
    // Browsers that do not know it take it for a property of our own.
    if (consumer?.kind === 'audio' && consumer.rtpReceiver) consumer.rtpReceiver.jitterBufferTarget = this.#soundHold;
  }

  #wantOf(track: RemoteTrackModel): Want {
    const { source, width, height } = track;
    const layered = { source, width, height, spatialLayers: track.info.spatialLayers };
    const warm = source === 'camera' && this.#lastSpeakers.includes(track.memberId);
    return wantFor(layered, track.view ?? UNKNOWN_VIEW, warm);
  }

  async #consume(transport: types.Transport, subscription: Subscription): Promise<void> {
    const { info } = subscription;
    const screen = this.#members.track(info.producerId)?.source.startsWith('screen') === true;
    try {
      const consumer = await transport.consume({
        id: info.id,
        producerId: info.producerId,
        kind: info.kind,
        rtpParameters: info.rtpParameters as types.RtpParameters,
        // Tracks of one stream are played in sync: the voice with the face, the sound with the screen.
        streamId: `${info.memberId}${screen ? '-screen' : ''}`,
      });
      if (this.#byId.get(info.id) !== subscription) {
        consumer.close();
        return;
      }
      subscription.consumer = consumer;
      if (this.#soundHold !== null) this.#hold(consumer);
    } catch {
      // The transport was replaced, or this browser can't decode it; the tile then shows no picture.
      return;
    }
    this.#members.track(info.producerId)?.setSource('sfu', subscription.consumer.track);
    this.#ready.push(info.id);
    clearTimeout(this.#readyTimer);
    this.#readyTimer = setTimeout(() => this.#sendReady(), READY_MS);
  }

  #sendReady(): void {
    const consumerIds = this.#ready.filter((id) => this.#byId.has(id));
    this.#ready = [];
    if (consumerIds.length === 0) return;
    // First what is wanted of them, so that the first key frame is of the layer that the tile needs.
    this.#sendUpdate();
    this.#request('consumer.ready', { consumerIds }).catch(() => undefined);
  }

  #scheduleUpdate(delay: number): void {
    const at = performance.now() + delay;
    if (at >= this.#updateAt) return;
    this.#updateAt = at;
    clearTimeout(this.#updateTimer);
    this.#updateTimer = setTimeout(() => this.#sendUpdate(), delay);
  }

  #sendUpdate(): void {
    clearTimeout(this.#updateTimer);
    this.#updateAt = Infinity;
    const consumers: ({ id: string } & Partial<Want>)[] = [];
    for (const [id, subscription] of this.#byId) {
      const track = this.#members.track(subscription.info.producerId);
      if (!track || track.kind !== 'video' || !subscription.consumer) continue;
      const want = this.#wantOf(track);
      if (sameWant(subscription.sent, want)) continue;
      if (grows(subscription.sent, want)) subscription.grewAt = performance.now();
      subscription.sent = want;
      consumers.push(want.paused ? { id, paused: true } : { id, ...want });
    }
    if (consumers.length === 0) return;
    this.#request('consumer.update', { consumers }).catch(() => {
      // Not taken (called too often): what was sent is unknown, so it is sent again with the next change.
      for (const { id } of consumers) {
        const subscription = this.#byId.get(id);
        if (subscription) subscription.sent = undefined;
      }
      this.#scheduleUpdate(1000);
    });
  }
}
