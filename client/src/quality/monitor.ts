import type { Quality, SoundReport } from '@amphi/protocol';
import type { Direct } from '../direct/direct.ts';
import type { Sfu } from '../media/sfu.ts';
import type { Members } from '../room/members.ts';
import type { Signaling } from '../signaling/signaling.ts';
import { asReport, type Report } from '../stats/report.ts';
import { PictureWatch, type WantedVideo } from './picture-watch.ts';
import { type History, START, sameQuality, track } from './quality.ts';
import { type SampleMemory, takeSample } from './sample.ts';
import { SoundBuffer } from './sound-buffer.ts';
import { SoundWatch } from './sound-watch.ts';
import { StallWatch } from './stall.ts';

const INTERVAL_MS = 500;
/** The quality is told in whole seconds; only sound is listened to more often. */
const LOOK_EVERY = 2;
/** For so long after more is asked for, the bandwidth estimation is on its way up, which says nothing of the network. */
const SETTLE_MS = 8000;
const PING_EVERY = 10;

export type MonitorOptions = {
  signaling: Signaling;
  sfu: Sfu;
  direct: Direct;
  members: Members;
  changed(quality: Quality): void;
  /** A connection went silent. */
  stalled(): void;
  /** Sound from the SFU arrives in pieces. */
  soundBroken(broken: SoundReport): void;
  /** Of these consumers no picture came for some time. */
  blank(consumerIds: string[]): void;
};

/** Looks at the own connection every second and says when its quality changed. */
export class QualityMonitor {
  #options: MonitorOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #history: History = START;
  #memory: SampleMemory = new Map();
  #stalls = new StallWatch();
  #sound = new SoundWatch();
  #pictures = new PictureWatch();
  #buffer = new SoundBuffer();
  #wasDirect = false;
  #count = 0;
  #wantedUp = 0;
  #grewAt = 0;

  constructor(options: MonitorOptions) {
    this.#options = options;
  }

  get quality(): Quality {
    return this.#history.said;
  }

  start(): void {
    this.stop();
    this.#count = 0;
    this.#grewAt = performance.now();
    this.#timer = setInterval(() => void this.#tick(), INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #tick(): Promise<void> {
    const { sfu, signaling, changed } = this.#options;
    this.#count += 1;
    if (this.#count % LOOK_EVERY !== 0) {
      const stats = await sfu.transports?.recv?.getStats().catch(() => undefined);
      this.#listen(stats ? asReport(stats) : null);
      return;
    }
    if (this.#count % PING_EVERY === 0) void signaling.ping();
    sfu.publications.updateSizes();
    const reports = await this.#reports().catch(() => null);
    if (!reports) return;
    this.#listen(reports.receiving);
    this.#watchStalls(reports);
    this.#watchPictures(reports.receiving);
    const { sample, memory } = takeSample({ ...reports, ...this.#expectations() }, this.#memory);
    this.#memory = memory;
    if (performance.now() - this.#grewAt < SETTLE_MS && sample.limitedBy === 'bandwidth') sample.limitedBy = 'none';
    const before = this.#history.said;
    this.#history = track(this.#history, sample);
    if (!sameQuality(before, this.#history.said)) changed(this.#history.said);
  }

  async #reports(): Promise<{ sending: Report | null; receiving: Report | null }> {
    const { direct, sfu } = this.#options;
    const connection = direct.live ? direct.connection : null;
    if (connection) {
      const report = asReport(await connection.pc.getStats());
      return { sending: report, receiving: report };
    }
    const { send, recv } = sfu.transports ?? {};
    const [sending, receiving] = await Promise.all([send?.getStats(), recv?.getStats()]);
    return { sending: sending ? asReport(sending) : null, receiving: receiving ? asReport(receiving) : null };
  }

  #listen(report: Report | null): void {
    if (!report || this.#options.direct.live) {
      this.#sound.clear();
      this.#buffer.clear();
      return;
    }
    this.#options.sfu.subscriptions.holdSound(this.#buffer.add(report, performance.now()));
    const broken = this.#sound.add(report);
    if (broken) this.#options.soundBroken(broken);
  }

  #watchStalls(reports: { sending: Report | null; receiving: Report | null }): void {
    const direct = this.#options.direct.live;
    // What was not looked at meanwhile has not been silent for as long.
    if (direct !== this.#wasDirect) this.#stalls.clear();
    this.#wasDirect = direct;
    const now = performance.now();
    const sending = reports.sending !== null && this.#stalls.add('sending', reports.sending, now);
    const receiving = reports.receiving !== null && !direct && this.#stalls.add('receiving', reports.receiving, now);
    if (sending || receiving) this.#options.stalled();
  }

  #watchPictures(receiving: Report | null): void {
    const { sfu, direct, members, blank } = this.#options;
    if (!receiving || direct.live) {
      this.#pictures.clear();
      return;
    }
    const wanted = [...members.tracks()].flatMap(({ id, kind, muted, source }): WantedVideo[] => {
      const subscription = sfu.subscriptions.of(id);
      if (kind !== 'video' || muted || !subscription?.consumer || !subscription.wanted) return [];
      return [{ consumerId: subscription.consumer.id, trackId: subscription.consumer.track.id, source }];
    });
    const consumerIds = this.#pictures.add(receiving, wanted, performance.now());
    if (consumerIds.length > 0) blank(consumerIds);
  }

  #expectations(): { wantedUp: number; starved: number; watched: number } {
    const { direct, sfu, members } = this.#options;
    let wantedUp = 0;
    for (const publication of sfu.publications.bySource.values()) wantedUp += publication.wantedBps;
    if (wantedUp > this.#wantedUp) this.#grewAt = performance.now();
    this.#wantedUp = wantedUp;
    let watched = 0;
    let starved = 0;
    for (const remote of direct.live ? [] : members.tracks()) {
      const subscription = sfu.subscriptions.of(remote.id);
      if (remote.kind !== 'video' || remote.muted || subscription?.wanted !== true) continue;
      watched += 1;
      // Fewer layers may be the sender's own trouble; the sender then says so.
      const reason = members.byId.get(remote.memberId)?.quality?.reason;
      const sendersFault = reason === 'slow-up' || reason === 'cpu' || reason === 'loss-up';
      if (performance.now() - subscription.grewAt < SETTLE_MS) continue;
      if (!sendersFault && remote.layer !== null && remote.layer < subscription.layer) starved += 1;
    }
    return { wantedUp, starved, watched };
  }
}
