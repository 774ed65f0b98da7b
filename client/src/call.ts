import type {
  LeaveReason,
  MediaSettings,
  Permission,
  Quality,
  RoomPolicy,
  SelfInfo,
  Snapshot,
  Source,
  TransportPair,
  Waiting,
} from '@amphi/protocol';
import { AmphiError } from '@amphi/protocol/amphi-error';
import { PUBLISH_PERMISSION } from '@amphi/protocol/constants';
import { endOfError, endOfReason } from './call-end.ts';
import { Direct } from './direct/direct.ts';
import { createEmitter } from './emitter.ts';
import { Entry, holdsDirect } from './entry.ts';
import { Sfu } from './media/sfu.ts';
import { watchPage } from './page.ts';
import { QualityMonitor } from './quality/monitor.ts';
import { Access } from './room/access.ts';
import { type CoreHandlers, coreHandlers } from './room/handlers.ts';
import { Members } from './room/members.ts';
import { createModeration } from './room/moderation.ts';
import type { RemoteTrackModel } from './room/remote-track.ts';
import { SpeakerBoard } from './room/speakers.ts';
import { Signaling, type Welcome } from './signaling/signaling.ts';
import type { SocketFactory } from './signaling/socket.ts';
import { StatsCollector } from './stats/collector.ts';
import type {
  Call,
  CallEnd,
  CallEvents,
  CallOptions,
  CallState,
  CallStats,
  ConnectOptions,
  JoinOptions,
  LobbyState,
  LocalPublication,
  MediaPath,
  Moderation,
  NetworkCheck,
  PublishOptions,
  RemoteMember,
  Speakers,
  Standing,
} from './types.ts';

const GOODBYE_MS = 500;

/** The call: puts the parts together and keeps its state. What each part does is in its own file. */
export class RoomCall implements Call {
  state: CallState = 'idle';
  room: { id: string; policy: RoomPolicy } | null = null;
  selfId: string | null = null;
  selfName: string | null = null;
  path: MediaPath = 'sfu';
  end: CallEnd | null = null;
  readonly members: ReadonlyMap<string, RemoteMember>;
  readonly publications: ReadonlyMap<Source, LocalPublication>;
  readonly moderation: Moderation;

  #events = createEmitter<CallEvents>();
  #serverEvents = createEmitter<Record<string, [data: never]>>();
  #signaling: Signaling;
  #members: Members;
  #sfu: Sfu;
  #direct: Direct;
  #monitor: QualityMonitor;
  #stats: StatsCollector;
  #handlers: CoreHandlers;
  #entry: Entry;
  #board: SpeakerBoard;
  #access: Access;
  #unwatchPage: () => void;

  constructor(options: CallOptions, socketFactory?: SocketFactory) {
    const signaling = new Signaling({ ...options, ...(socketFactory ? { socketFactory } : {}) });
    const { request } = signaling;
    this.#signaling = signaling;
    this.#access = new Access({ request, emit: this.#events.emit });
    this.moderation = createModeration(request);
    this.#members = new Members({
      changed: (track) => this.#onTrack(track),
      viewed: (track) => this.#sfu.subscriptions.changed(track),
      membersChanged: () => this.#events.emit('members'),
      memberChanged: (memberId) => this.#events.emit('member', memberId),
      trackAdded: () => this.#direct.tracksChanged(),
      trackRemoved: (track) => this.#sfu.subscriptions.removeProducer(track.id),
    });
    this.#sfu = new Sfu({
      request,
      members: this.#members,
      handlerFactory: options.handlerFactory,
      sends: () => options.audience !== true || Object.values(PUBLISH_PERMISSION).some((right) => this.may(right)),
      publicationChanged: (publication) => {
        this.#events.emit('publication', publication);
        this.#direct.publicationsChanged();
      },
      networkChanged: (check) => this.#events.emit('network', check),
    });
    this.#direct = new Direct({
      request,
      members: this.#members,
      publications: this.#sfu.publications,
      subscriptions: this.#sfu.subscriptions,
      iceServers: this.#sfu.iceServers,
      videoCodec: () => this.media?.videoCodec ?? 'vp8',
      sfuStats: () => this.#sfu.transports?.recv?.getStats(),
      pathChanged: () => this.#updatePath(),
      report: (report, tracks, peerId) => this.#board.hearDirect(report, tracks, peerId),
    });
    this.#board = new SpeakerBoard({
      members: this.#members,
      selfId: () => this.selfId,
      changed: (speakers) => this.#onSpeakers(speakers),
    });
    const parts = { signaling, sfu: this.#sfu, direct: this.#direct, members: this.#members };
    this.#monitor = new QualityMonitor({
      ...parts,
      changed: (quality) => this.#sayQuality(quality),
      stalled: () => this.#onNetworkChanged(),
      soundBroken: (broken) => void signaling.request('consumer.soundBroken', broken).catch(() => undefined),
      blank: (consumerIds) => void signaling.request('consumer.blank', { consumerIds }).catch(() => undefined),
    });
    this.#stats = new StatsCollector({ ...parts, selfId: () => this.selfId });
    this.#entry = new Entry({
      ...parts,
      canDirect: holdsDirect(options),
      name: () => this.selfName ?? '',
      setState: (state) => this.#setState(state),
      entered: (snapshot, transports) => this.#onEntered(snapshot, transports),
      refused: (error) => this.#finish(endOfError(error)),
    });
    this.#handlers = coreHandlers({
      members: this.#members,
      sfu: this.#sfu,
      direct: this.#direct,
      access: this.#access,
      self: { id: () => this.selfId, update: (patch) => this.#updateSelf(patch) },
      applySnapshot: (snapshot, transports) => this.#applySnapshot(snapshot, transports),
      speakers: this.#board,
      setPolicy: (policy) => this.#setPolicy(policy),
      ended: (reason) => this.#onEnded(reason),
    });
    this.members = this.#members.byId;
    this.publications = this.#sfu.publications.bySource;
    signaling.events.on('welcome', (welcome) => this.#onWelcome(welcome));
    signaling.events.on('event', (name, data) => this.#entry.inOrder(() => this.#onServerEvent(name, data)));
    signaling.events.on('down', () => this.#setState('reconnecting'));
    signaling.events.on('lost', (error) => this.#finish(endOfError(error)));
    this.#unwatchPage = watchPage({
      networkChanged: () => this.#onNetworkChanged(),
      leaving: () => this.#finish(endOfReason('left')),
    });
  }

  get speakers(): Speakers {
    return this.#board.speakers;
  }

  get media(): MediaSettings | null {
    return this.#sfu.settings;
  }

  get network(): NetworkCheck {
    return this.#sfu.network;
  }

  get standing(): Standing | null {
    return this.#access.standing;
  }

  get self(): SelfInfo | null {
    return this.#access.self;
  }

  get waiting(): readonly Waiting[] {
    return this.#access.waiting;
  }

  get lobby(): LobbyState {
    return this.#access.lobby;
  }

  get selfQuality(): Quality {
    return this.#monitor.quality;
  }

  async connect({ media = true }: ConnectOptions = {}): Promise<void> {
    if (this.end) throw new AmphiError('wrong-state', `The call is over (${this.end.message}): make a new one.`);
    if (this.state === 'idle') this.#setState('connecting');
    await this.#signaling.open();
    if (media) await this.#sfu.ready;
  }

  async warm(): Promise<void> {
    await this.connect();
    await this.#sfu.warm();
  }

  async join(options: JoinOptions): Promise<void> {
    if (this.#entry.wanted) throw new AmphiError('wrong-state', 'The call has been joined already.');
    await this.connect(options);
    this.selfName = options.name;
    try {
      await this.#entry.join(options);
    } catch (error) {
      this.#access.refused((error as AmphiError).code);
      throw error;
    }
  }

  publish(options: PublishOptions): Promise<LocalPublication> {
    if (!this.#entry.wanted || this.end) {
      return Promise.reject(new AmphiError('wrong-state', 'Join the call before publishing, or publish with join().'));
    }
    if (this.self && !this.may(PUBLISH_PERMISSION[options.source])) {
      return Promise.reject(new AmphiError('forbidden', `You may not send a ${options.source} in this room.`));
    }
    return this.#sfu.publications.publish(options);
  }

  async rename(name: string): Promise<void> {
    await this.#signaling.request('self.update', { name });
    this.#updateSelf({ name });
  }

  may(permission: Permission): boolean {
    return this.#access.may(permission);
  }

  async knock(name: string): Promise<void> {
    await this.connect();
    await this.#access.knock(name);
  }

  get hasMedia(): boolean {
    return (this.#sfu.transports?.recv ?? null) !== null;
  }

  async receive(on: boolean): Promise<void> {
    await this.#signaling.request('media.receive', { on });
    this.#entry.setMedia(on);
    if (!on) this.#sfu.withhold();
  }

  async leave(): Promise<void> {
    if (this.end) return;
    if (this.#signaling.up) {
      const late = new Promise((resolve) => setTimeout(resolve, GOODBYE_MS));
      await Promise.race([this.#signaling.request('leave', {}).catch(() => undefined), late]);
    }
    this.#finish(endOfReason('left'));
  }

  stats(): Promise<CallStats> {
    return this.#stats.collect();
  }

  on<K extends keyof CallEvents>(name: K, listener: (...args: CallEvents[K]) => void): () => void {
    return this.#events.on(name, listener);
  }

  request(method: string, data: unknown): Promise<unknown> {
    return this.#signaling.call(method, data);
  }

  onEvent(name: string, listener: (data: never) => void): () => void {
    return this.#serverEvents.on(name, listener);
  }

  #onWelcome(welcome: Welcome): void {
    this.room = welcome.room;
    this.#access.welcome(welcome);
    this.#entry.welcome(welcome);
    this.#setPolicy(welcome.room.policy);
  }

  #onEntered(snapshot: Snapshot, transports: TransportPair | undefined): void {
    if (!transports) this.#sfu.withhold();
    this.#applySnapshot(snapshot, transports);
    this.#monitor.start();
  }

  #applySnapshot(snapshot: Snapshot, transports: TransportPair | undefined): void {
    this.selfId = snapshot.selfId;
    this.room = snapshot.room;
    this.#access.snapshot(snapshot);
    this.#signaling.pass = snapshot.self.pass;
    const self = snapshot.members.find((member) => member.id === snapshot.selfId);
    if (self) this.#updateSelf({ name: self.name });
    this.#members.reset(snapshot);
    if (transports) {
      // The server gives them also unasked, to who comes on stage.
      this.#entry.setMedia(true);
      this.#sfu.enter(transports, snapshot.consumers);
    } else {
      this.#sfu.subscriptions.sync(snapshot.consumers);
    }
    if (snapshot.direct) this.#direct.start(snapshot.direct);
    else this.#direct.end();
    this.#setPolicy(snapshot.room.policy);
  }

  #onServerEvent(name: string, data: unknown): void {
    const handler = (this.#handlers as Record<string, ((data: never) => void) | undefined>)[name];
    handler?.(data as never);
    this.#serverEvents.emit(name, data as never);
  }

  #onNetworkChanged(): void {
    this.#signaling.probe();
    this.#sfu.networkChanged();
    this.#direct.networkChanged();
  }

  #onTrack(track: RemoteTrackModel): void {
    this.#sfu.subscriptions.changed(track);
    this.#events.emit('track', track);
  }

  #onEnded(reason: LeaveReason): void {
    // A server that stops is started again, or another one takes its place: the reconnection finds it.
    if (reason !== 'server-stopping') this.#finish(endOfReason(reason));
  }

  #updateSelf(patch: { name?: string | undefined }): void {
    if (patch.name === undefined || patch.name === this.selfName) return;
    this.selfName = patch.name;
    if (this.selfId !== null) this.#events.emit('member', this.selfId);
  }

  #sayQuality(quality: Quality): void {
    this.#signaling.request('self.update', { quality }).catch(() => undefined);
    if (this.selfId !== null) this.#events.emit('member', this.selfId);
  }

  #setPolicy(policy: RoomPolicy): void {
    if (this.room) this.room = { ...this.room, policy };
    this.#access.policyChanged(policy);
    this.#events.emit('room', policy);
  }

  #onSpeakers(speakers: Speakers): void {
    if (speakers.dominantId !== null) this.#sfu.subscriptions.speaker(speakers.dominantId);
    this.#events.emit('speakers', speakers);
  }

  #updatePath(): void {
    const { path } = this.#direct;
    if (path === this.path) return;
    this.path = path;
    this.#events.emit('path', path);
  }

  #setState(state: CallState): void {
    if (state === this.state || this.state === 'ended') return;
    this.state = state;
    this.#events.emit('state', state);
  }

  #finish(end: CallEnd): void {
    if (this.end) return;
    this.end = end;
    this.#unwatchPage();
    this.#monitor.stop();
    this.#direct.end();
    this.#sfu.close();
    this.#signaling.close();
    this.#members.clear();
    this.#setState('ended');
    this.#entry.close(new AmphiError('session-ended', end.message));
    this.#events.emit('ended', end);
  }
}
