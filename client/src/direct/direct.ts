import type { DirectInfo, DirectSignal } from '@amphi/protocol';
import type { VideoCodec } from '../media/encodings.ts';
import type { IceServers } from '../media/ice-servers.ts';
import type { Publications } from '../media/publications.ts';
import type { Subscriptions } from '../media/subscriptions.ts';
import type { Members } from '../room/members.ts';
import type { RemoteTrackModel } from '../room/remote-track.ts';
import type { Request } from '../signaling/signaling.ts';
import { asReport, type Report } from '../stats/report.ts';
import type { MediaPath } from '../types.ts';
import { MediaWatch } from './media-watch.ts';
import { Peer } from './peer.ts';

/**
 * How long a direct connection may take from the start of ICE, and the descriptions before it, in milliseconds; together
 * less than the server waits. Over a relay on either side it takes several round trips more than without.
 */
const CONNECT_MS = 5000;
const NEGOTIATE_MS = 4500;
/** The SFU's first picture comes sooner when the browser is not busy with both connections at once. */
const BEGIN_AFTER_MS = 400;
/** A live connection that is silent or disconnected for so long is given up: the SFU takes over. */
const STALL_MS = 2000;
const CHECK_MS = 50;
const LIVE_CHECK_MS = 150;

export type DirectOptions = {
  request: Request;
  members: Members;
  publications: Publications;
  subscriptions: Subscriptions;
  iceServers: IceServers;
  videoCodec(): VideoCodec;
  sfuStats(): Promise<RTCStatsReport> | undefined;
  /** Whether all of the other person's media comes directly may have changed. */
  pathChanged(): void;
  /** A report of the live connection, a few times a second. */
  report(report: Report, tracks: ReadonlyMap<string, MediaStreamTrack>, peerId: string): void;
};

type Phase = 'connecting' | 'connected' | 'live' | 'ending' | 'released';

/** The direct connection to the other person, from the server's word to start it to the way back to the SFU. */
export class Direct {
  #options: DirectOptions;
  #info: DirectInfo | null = null;
  #peer: Peer | null = null;
  #phase: Phase = 'connecting';
  #watch = new MediaWatch(true);
  #sfuWatch: MediaWatch | null = null;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #tick: ReturnType<typeof setTimeout> | undefined;

  constructor(options: DirectOptions) {
    this.#options = options;
    options.iceServers.events.on('changed', (iceServers) => this.#peer?.setIceServers(iceServers));
  }

  /** Whether the other person's media comes, or may come, over the direct connection. */
  get live(): boolean {
    return this.#peer !== null && (this.#phase === 'live' || this.#phase === 'ending');
  }

  /** The way that the other person's media takes: while live, what has not come yet is about to come directly too. */
  get path(): MediaPath {
    if (!this.live) return 'sfu';
    if (this.#phase === 'live') return 'direct';
    return this.#peerTracks().every((track) => track.muted || track.path === 'direct') ? 'direct' : 'sfu';
  }

  get peerId(): string | null {
    return this.#info?.peerId ?? null;
  }

  /** The connection with what comes over it (by producer id) and the mids of what goes (by producer id). */
  get connection(): {
    pc: RTCPeerConnection;
    tracks: ReadonlyMap<string, MediaStreamTrack>;
    mids: ReadonlyMap<string, string>;
  } | null {
    return this.#peer ? { pc: this.#peer.pc, tracks: this.#peer.remote, mids: this.#peer.mids() } : null;
  }

  /** The server wants this connection: at once, or as a snapshot tells it after a resume. */
  start(info: DirectInfo): void {
    if (this.#info?.epoch === info.epoch) return;
    this.end();
    this.#info = info;
    this.#phase = 'connecting';
    this.#watch = new MediaWatch(true);
    const { epoch } = info;
    const peer = new Peer({
      offerer: info.offerer,
      iceServers: this.#options.iceServers.current,
      videoCodec: this.#options.videoCodec(),
      publications: () => [...this.#options.publications.bySource.values()],
      send: (signal) => void this.#options.request('direct.signal', { epoch, signal }).catch(() => undefined),
    });
    this.#peer = peer;
    this.#setDeadline(NEGOTIATE_MS);
    peer.events.on('started', () => this.#setDeadline(CONNECT_MS));
    peer.events.on('tracks', () => this.#adopt());
    peer.events.on('state', (state) => this.#onState(state));
    setTimeout(() => peer.begin(), BEGIN_AFTER_MS);
    this.#schedule();
  }

  signal(epoch: number, signal: DirectSignal): void {
    if (this.#info?.epoch === epoch) this.#peer?.receive(signal);
  }

  state(epoch: number, state: 'live' | 'ending' | 'closed'): void {
    if (this.#info?.epoch !== epoch) return;
    if (state === 'closed') this.end();
    else if (state === 'live') this.#goLive();
    else this.#return();
  }

  /** What this person sends changed. */
  publicationsChanged(): void {
    this.#peer?.sync();
  }

  /** A track of the other person came: it may be known to the connection already. */
  tracksChanged(): void {
    this.#adopt();
  }

  networkChanged(): void {
    void this.#restartIce();
  }

  /** Back to the SFU without waiting for anything; keeps nothing of the connection. */
  end(): void {
    const peer = this.#peer;
    this.#info = null;
    if (!peer) return;
    this.#peer = null;
    clearTimeout(this.#deadline);
    clearTimeout(this.#tick);
    this.#options.publications.setStandby(false);
    for (const track of this.#options.members.tracks()) {
      track.usePath('sfu');
      track.setSource('direct', null);
    }
    peer.close();
    this.#options.pathChanged();
  }

  #report(state: 'connected' | 'failed' | 'released'): void {
    if (this.#info) this.#options.request('direct.report', { epoch: this.#info.epoch, state }).catch(() => undefined);
  }

  #setDeadline(ms: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#fail(), ms);
  }

  #fail(): void {
    if (!this.#peer || this.#phase === 'ending' || this.#phase === 'released') return;
    this.#report('failed');
    // Before it was live nothing depends on it; afterwards the server says when both are back on the SFU.
    if (this.live) this.#return();
    else this.end();
  }

  #onState(state: RTCPeerConnectionState): void {
    if (state === 'failed') this.#fail();
    if (state !== 'disconnected') return;
    void this.#restartIce();
    if (this.#phase === 'live') this.#setDeadline(STALL_MS);
  }

  async #restartIce(): Promise<void> {
    const peer = this.#peer;
    await this.#options.iceServers.fresh();
    // It does nothing when it was closed meanwhile.
    peer?.restartIce();
  }

  #goLive(): void {
    if (this.#phase !== 'connected' && this.#phase !== 'connecting') return;
    clearTimeout(this.#deadline);
    this.#phase = 'live';
    this.#options.publications.setStandby(true);
    this.#switchToDirect();
    this.#options.pathChanged();
  }

  #return(): void {
    if (!this.#peer || this.#phase === 'ending' || this.#phase === 'released') return;
    const wasLive = this.live;
    clearTimeout(this.#deadline);
    this.#phase = 'ending';
    this.#sfuWatch = new MediaWatch(false);
    this.#options.publications.setStandby(false);
    if (!wasLive) this.#released();
    else this.#schedule(0);
  }

  #released(): void {
    this.#phase = 'released';
    for (const track of this.#peerTracks()) track.usePath('sfu');
    this.#report('released');
    this.#options.pathChanged();
  }

  #peerTracks(): RemoteTrackModel[] {
    const member = this.#info ? this.#options.members.byId.get(this.#info.peerId) : undefined;
    return member ? [...member.tracks.values()] : [];
  }

  #adopt(): void {
    for (const track of this.#peerTracks()) track.setSource('direct', this.#peer?.remote.get(track.id) ?? null);
  }

  /** Whether anything is to come of it: what is muted, or looked at by nobody, is not sent. */
  #isExpected(track: RemoteTrackModel): boolean {
    return !track.muted && this.#options.subscriptions.of(track.id)?.wanted !== false;
  }

  #arrivedDirectly(track: RemoteTrackModel): boolean {
    const received = this.#peer?.remote.get(track.id);
    return received !== undefined && this.#watch.arrived(received.id);
  }

  #switchToDirect(): void {
    for (const track of this.#peerTracks()) {
      const received = this.#peer?.remote.has(track.id) === true;
      if (received && (track.muted || this.#arrivedDirectly(track))) track.usePath('direct');
    }
  }

  #schedule(delay: number = this.#phase === 'live' ? LIVE_CHECK_MS : CHECK_MS): void {
    clearTimeout(this.#tick);
    this.#tick = setTimeout(() => void this.#check(), delay);
  }

  async #check(): Promise<void> {
    const peer = this.#peer;
    if (!peer || this.#phase === 'released') return;
    try {
      if (this.#phase === 'ending') await this.#checkReturn();
      else await this.#checkDirect(peer);
    } catch {
      // The connection or transport closed while it was asked; whoever closed it has said so.
    }
    if (this.#peer === peer) this.#schedule();
  }

  async #checkDirect(peer: Peer): Promise<void> {
    const report = asReport(await peer.pc.getStats());
    if (this.#peer !== peer) return;
    const now = performance.now();
    this.#watch.add(report, now);
    const expected = this.#peerTracks().filter((track) => this.#isExpected(track));
    if (this.#phase === 'connecting') {
      const all = expected.every((track) => this.#arrivedDirectly(track));
      if (!all || peer.pc.connectionState !== 'connected') return;
      clearTimeout(this.#deadline);
      this.#phase = 'connected';
      this.#report('connected');
    } else if (this.#phase === 'live') {
      this.#switchToDirect();
      this.#options.pathChanged();
      if (this.#info) this.#options.report(report, peer.remote, this.#info.peerId);
      if (peer.pc.connectionState === 'connected') clearTimeout(this.#deadline);
      const coming = expected.filter((track) => track.path === 'direct');
      if (coming.length > 0 && this.#watch.silentFor(now) > STALL_MS) this.#fail();
    }
  }

  async #checkReturn(): Promise<void> {
    const stats = this.#options.sfuStats();
    const watch = this.#sfuWatch;
    if (!stats || !watch) return;
    watch.add(asReport(await stats), performance.now());
    if (this.#phase !== 'ending') return;
    let all = true;
    for (const track of this.#peerTracks()) {
      const subscription = this.#options.subscriptions.of(track.id);
      const arrived = subscription?.consumer ? watch.arrived(subscription.consumer.track.id) : false;
      if (arrived || !this.#isExpected(track)) track.usePath('sfu');
      else all = false;
    }
    if (all) this.#released();
  }
}
