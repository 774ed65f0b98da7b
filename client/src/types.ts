import type {
  Admission,
  ErrorCode,
  Exceptions,
  IceServer,
  LeaveReason,
  MediaSettings,
  MemberInfo,
  Permission,
  PersonRole,
  Presence,
  Quality,
  RoomPolicy,
  SelfInfo,
  Source,
  Waiting,
} from '@amphi/protocol';
import type { Moderation } from './types-moderation.ts';

/** How media travels between this browser and a member: browser to browser, or through the server's SFU. */
export type MediaPath = 'direct' | 'sfu';

/**
 * Where the call stands. `connected`: the socket is open and the room known, but nobody sees this person yet (prejoin).
 * `reconnecting`: the socket dropped and is being resumed; media goes on where the network allows.
 */
export type CallState = 'idle' | 'connecting' | 'connected' | 'joining' | 'joined' | 'reconnecting' | 'ended';

/** What the prejoin page can say about the network: how media reached the server, or that it did not. */
export type NetworkCheck =
  | { state: 'unknown' | 'checking' }
  | { state: 'ok'; protocol: 'udp' | 'tcp'; rttMs: number | null }
  | { state: 'blocked' };

export type CallOptions = {
  /** The room's name as in its link. */
  room: string;
  /** Origin of the server; the page's own by default. */
  server?: string;
  /** A token of the server's API: says who this is and which role that person has. */
  token?: string;
  /** The key in the room's host link. */
  hostKey?: string;
  /** A UUID by which the server knows this guest again; nobody else is told. */
  guest?: string;
  /**
   * The pass of an earlier stay (`call.self.pass`): brings this person back as what it was, past lock, lobby and password.
   * Left aside where it is void by now.
   */
  pass?: string;
  /** Comes by the watch link: to look on, as one of the audience. */
  audience?: boolean;
  /** Whether to accept direct connections; true by default. The room's policy has the last word. */
  direct?: boolean;
  /** For tests outside a browser: mediasoup-client's FakeHandler factory. */
  handlerFactory?: unknown;
};

export type ConnectOptions = {
  /** Whether it shall be known what this browser can receive (the default); without WebRTC that rejects. */
  media?: boolean;
};

export type JoinOptions = {
  name: string;
  /** The room's password, where it asks for one. */
  password?: string;
  /** Of the audience: whether to be given tracks (the default), or to look on some other way. */
  media?: boolean;
  /** Tracks to send from the start. A muted one is announced and not sent. */
  publish?: PublishOptions[];
};

export type PublishOptions = {
  source: Source;
  track: MediaStreamTrack;
  muted?: boolean;
  /** Stereo, no DTX, a higher bitrate: for a microphone that carries music. */
  music?: boolean;
};

/** A track that this person sends. */
export interface LocalPublication {
  /** The producer's id. */
  readonly id: string;
  readonly source: Source;
  readonly kind: 'audio' | 'video';
  readonly muted: boolean;
  readonly track: MediaStreamTrack;
  readonly closed: boolean;
  /** Muting stops the sending, at once and for everybody; the track itself is the caller's to stop. */
  setMuted(muted: boolean): Promise<void>;
  /** Swaps the device without anybody noticing more than another picture. */
  replaceTrack(track: MediaStreamTrack): Promise<void>;
  close(): Promise<void>;
}

/** What a tile needs, in CSS pixels times the device's pixel ratio. */
export type View = { visible: boolean; width: number; height: number; pinned?: boolean };

/** A track that somebody else sends. */
export interface RemoteTrack {
  /** The producer's id: the same over a change of path, a resume, a worker move. */
  readonly id: string;
  readonly memberId: string;
  readonly source: Source;
  readonly kind: 'audio' | 'video';
  readonly muted: boolean;
  /** The track to render now; it changes (event `track`) when the path does, after the new one has frames. Null until there is one. */
  readonly mediaTrack: MediaStreamTrack | null;
  readonly path: MediaPath;
  /** Pixels of the sender's picture where known. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** The spatial layer forwarded now (0 the smallest), null when none or not layered. */
  readonly layer: number | null;
  /**
   * Says how large the track is looked at, or that it is not. Until the first call a video counts as visible at 320x180.
   * Cheap: calls are gathered and sent together.
   */
  setView(view: View): void;
}

export interface RemoteMember {
  readonly id: string;
  readonly name: string;
  readonly role: MemberInfo['role'];
  readonly joinedAt: number;
  readonly presence: Presence;
  readonly quality: Quality | undefined;
  /** Rights that this member has, or lacks, beside those of the role. */
  readonly exceptions: Exceptions;
  readonly tracks: ReadonlyMap<string, RemoteTrack>;
  /** The track with this source, if there is one. */
  trackOf(source: Source): RemoteTrack | undefined;
}

export type Speakers = {
  dominantId: string | null;
  /** Loudness by member id, 0 to 1; members that do not speak are absent. */
  levels: ReadonlyMap<string, number>;
};

/** What stands between this person and the room, and what the person would be in it. */
export type Standing = { admission: Admission; role: PersonRole; name: string | undefined };

/** Where this person is with the lobby, and the names of the hosts who could open. */
export type LobbyState = { state: 'outside' | 'waiting' | 'admitted' | 'denied'; hosts: readonly string[] };

export type AccessEvents = {
  /** What stands between this person and the room changed. */
  standing: [standing: Standing];
  /** The own role or rights changed. */
  self: [self: SelfInfo];
  /** Who waits in the lobby, to those who may let them in. */
  waiting: [people: readonly Waiting[]];
  /** Where this person is with the lobby. */
  lobby: [state: LobbyState];
  /** A host wrote to those who wait. */
  lobbyMessage: [message: { name: string; text: string }];
  /** A moderator, or without `by` the room, switched these off. */
  muted: [muted: { sources: readonly Source[]; by: string | undefined }];
  /** A moderator asks to switch this on. */
  asked: [asked: { source: 'microphone' | 'camera'; by: string }];
};

export type CallEvents = AccessEvents & {
  state: [state: CallState];
  /** Somebody came or went. */
  members: [];
  /** Something about a member other than its tracks changed; also the own id, for own name or quality. */
  member: [memberId: string];
  /** A remote track came, went or changed (muted, mediaTrack, path, layer). */
  track: [track: RemoteTrack];
  /** An own publication came, went, or changed. */
  publication: [publication: LocalPublication];
  speakers: [speakers: Speakers];
  /** The path to the other person, or to everybody, changed. */
  path: [path: MediaPath];
  network: [check: NetworkCheck];
  room: [policy: RoomPolicy];
  /** The session is over and will not come back by itself. */
  ended: [end: CallEnd];
};

export type CallEnd = { reason: LeaveReason | ErrorCode | 'unreachable'; message: string };

/** One direction of one track in the stats panel. Absent numbers are not known (yet). */
export type TrackStats = {
  /** Producer id. */
  trackId: string;
  memberId: string;
  source: Source;
  direction: 'send' | 'receive';
  path: MediaPath;
  bitrateBps: number | null;
  /** 0 to 1 over the last interval. */
  loss: number | null;
  jitterMs: number | null;
  width: number | null;
  height: number | null;
  framesPerSecond: number | null;
  codec: string | null;
  /** Receiving: layer forwarded. Sending: active layers, as in `3/3`. */
  layer: string | null;
  /** Total frames decoded or encoded; null for audio. */
  frames: number | null;
  freezeCount: number | null;
  /** Concealed samples over all samples of the last interval, 0 to 1; audio only. */
  concealed: number | null;
};

export type ConnectionStats = {
  path: MediaPath;
  role: 'send' | 'recv' | 'direct';
  state: string;
  protocol: 'udp' | 'tcp' | null;
  localCandidate: 'host' | 'srflx' | 'prflx' | 'relay' | null;
  remoteCandidate: 'host' | 'srflx' | 'prflx' | 'relay' | null;
  rttMs: number | null;
  availableOutgoingBps: number | null;
  bytesSent: number;
  bytesReceived: number;
};

export type CallStats = {
  at: number;
  tracks: TrackStats[];
  connections: ConnectionStats[];
  signalingRttMs: number | null;
};

export type { Admission, MemberInfo, Permission, PersonRole, SelfInfo, Waiting };
export type * from './types-moderation.ts';
export type { ErrorCode, IceServer, LeaveReason, MediaSettings, Presence, Quality, RoomPolicy, Source };

/** A call in a room: what `createCall()` answers. */
export interface Call {
  readonly state: CallState;
  readonly room: { id: string; policy: RoomPolicy } | null;
  /** Known from `connected` on. */
  readonly media: MediaSettings | null;
  readonly selfId: string | null;
  readonly selfName: string | null;
  readonly selfQuality: Quality;
  readonly members: ReadonlyMap<string, RemoteMember>;
  readonly publications: ReadonlyMap<Source, LocalPublication>;
  readonly speakers: Speakers;
  /** `direct` when every remote track comes browser to browser. */
  readonly path: MediaPath;
  readonly network: NetworkCheck;
  /** What stands between this person and the room; known from `connected` on. */
  readonly standing: Standing | null;
  /** Role and rights in the room; null before the join. */
  readonly self: SelfInfo | null;
  readonly waiting: readonly Waiting[];
  readonly lobby: LobbyState;
  /** What moderators and hosts do. */
  readonly moderation: Moderation;
  readonly end: CallEnd | null;

  /** Opens the socket (prejoin). Rejects with an AmphiError: `room-not-found`, `protocol-version`, `draining`, … */
  connect(options?: ConnectOptions): Promise<void>;
  /** Runs ICE and DTLS of both transports ahead of the join and checks the network. Resolves when that is known. */
  warm(): Promise<void>;
  /** Becomes a member; connects first where that was not done. */
  join(options: JoinOptions): Promise<void>;
  /** Sends a track. One publication per source. */
  publish(options: PublishOptions): Promise<LocalPublication>;
  rename(name: string): Promise<void>;
  /**
   * Whether role, policy and exceptions allow this now; before the join, whether role and policy will. Before the connection
   * stands: what guests mostly may.
   */
  may(permission: Permission): boolean;
  /** Asks the hosts to be let in; event `lobby` tells the end. Once `admitted`, `join()` works. */
  knock(name: string): Promise<void>;
  /**
   * Whether there are transports for media. An audience member may have none: by choice, or because all places in real
   * time were taken.
   */
  readonly hasMedia: boolean;
  /** Of the audience: to be given tracks from now on, or no media at all. Rejects with `room-full` where there is no place. */
  receive(on: boolean): Promise<void>;
  leave(): Promise<void>;
  /** Numbers for people and tests, from getStats over all connections; rates are over the time since the last call. */
  stats(): Promise<CallStats>;

  on<K extends keyof CallEvents>(name: K, listener: (...args: CallEvents[K]) => void): () => void;

  /** For features: calls a method that the feature's protocol declares. */
  request(method: string, data: unknown): Promise<unknown>;
  /** For features: listens to an event that the feature's protocol declares; returns the unsubscriber. */
  onEvent(name: string, listener: (data: never) => void): () => void;
}

export type MediaProblem =
  /** The person or the browser said no to this site. */
  | 'denied'
  /** The operating system says no to the browser. */
  | 'denied-by-system'
  | 'not-found'
  /** Another program holds the device. */
  | 'in-use'
  /** The page is not on HTTPS or localhost, so browsers offer no devices. */
  | 'insecure'
  | 'failed';

export type DeviceInfo = { id: string; label: string };

export type LocalMediaState = {
  readonly camera: MediaStreamTrack | null;
  readonly microphone: MediaStreamTrack | null;
  readonly cameras: readonly DeviceInfo[];
  readonly microphones: readonly DeviceInfo[];
  readonly speakers: readonly DeviceInfo[];
  readonly cameraId: string | null;
  readonly microphoneId: string | null;
  readonly speakerId: string | null;
  readonly cameraProblem: MediaProblem | null;
  readonly microphoneProblem: MediaProblem | null;
  /** Noise suppression, echo cancellation and gain control off, stereo on. */
  readonly music: boolean;
};

/** The devices of this browser: opened, switched, watched. Independent of any call. */
export interface LocalMedia {
  readonly state: LocalMediaState;
  /**
   * Opens what is asked for, both in one prompt where the browser can; problems end up in the state, never thrown.
   * `settings` are those of `call.media`, where they are known by then.
   */
  open(want: {
    camera?: boolean;
    microphone?: boolean;
    settings?: Partial<Pick<MediaSettings, 'cameraHeight' | 'cameraFrameRate' | 'screenFrameRate'>>;
  }): Promise<void>;
  closeCamera(): void;
  closeMicrophone(): void;
  /** Opens this device instead; on failure the old one stays and the problem is in the state. Remembered for next time. */
  selectCamera(id: string): Promise<void>;
  selectMicrophone(id: string): Promise<void>;
  selectSpeaker(id: string): void;
  setMusic(music: boolean): Promise<void>;
  /** Loudness of the microphone now, 0 to 1. */
  level(): number;
  /** Asks for a screen, window or tab, with its sound where the browser offers that. Null when the person cancels. */
  openScreen(): Promise<{ video: MediaStreamTrack; audio: MediaStreamTrack | null } | null>;
  /** Calls back after every change of the state; a device that was unplugged is replaced by the next one by itself. */
  onChange(listener: (state: LocalMediaState) => void): () => void;
  close(): void;
}
