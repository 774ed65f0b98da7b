import type { Call } from '@amphi/client';
import type { ErrorBody, InputOf, OutputOf } from '@amphi/protocol';
import { AmphiError } from '@amphi/protocol/amphi-error';
import type {
  Audience,
  Hand,
  HlsStream,
  LiveEvent,
  LiveMethods,
  Reaction,
  IngestPorts,
  StageLayout,
  StreamKey,
} from './protocol.ts';

export type { Audience, Hand, HlsStream, LiveEvent, LiveState, Reaction, StageLayout, StreamKey } from './protocol.ts';
export type { IngestPorts } from './protocol.ts';

/** What can be thrown in, in the order in which it is offered. The compiler sees to it that none is missing. */
export const REACTIONS = Object.keys({
  '👏': true,
  '❤️': true,
  '😂': true,
  '🎉': true,
  '👍': true,
  '😮': true,
} satisfies Record<Reaction, true>) as readonly Reaction[];

/** How the audience may see the stage, in the order in which it is offered. The compiler sees to it that none is missing. */
export const LAYOUTS = Object.keys({
  speaker: true,
  grid: true,
  beside: true,
  solo: true,
} satisfies Record<StageLayout, true>) as readonly StageLayout[];

/** A room's event as one client knows it. */
export type LiveSnapshot = {
  /** Null until the server has told it. */
  event: LiveEvent | null;
  /** Where it is to be had as a stream; null where it is not. */
  hls: HlsStream | null;
  audience: Audience;
  /** Who wants on stage, was asked or is there; empty but for those who may go live. */
  hands: readonly Hand[];
  /** Where this person is on the way from the audience to the stage. */
  self: Hand['state'] | null;
  /** Who asks this person on stage. */
  invitedBy: string | null;
};

/** Going live, watching, and the way between the seats and the stage. Methods reject with the server's AmphiError. */
export interface Live {
  readonly state: LiveSnapshot;
  /** What the server's clock says now, in milliseconds since the epoch; to within half a round trip. */
  serverNow(): number;
  prepare(words: { title: string; description?: string }): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Deletes for good what was kept of events that are over. */
  deleteReplay(): Promise<void>;
  /** What the audience reads of it; what is left out stays. `cover: null` takes the picture away. */
  update(words: { title?: string; description?: string; cover?: null }): Promise<void>;
  /** @param picture PNG, JPEG or WebP of at most 200 KB */
  putCover(picture: Blob): Promise<void>;
  setLayout(layout: StageLayout): Promise<void>;
  react(reaction: Reaction): Promise<void>;
  raiseHand(raised: boolean): Promise<void>;
  /** Answers an invitation. After `true` the call may publish. */
  answer(accept: boolean): Promise<void>;
  leaveStage(): Promise<void>;
  invite(memberId: string): Promise<void>;
  offStage(memberId: string): Promise<void>;
  /** The stream keys, and the ports of RTMP and SRT. */
  keys(): Promise<{ keys: StreamKey[] } & IngestPorts>;
  /** The key itself is in the answer and never told again, nor is the passphrase for SRT, with its id as the stream id. */
  createKey(name: string): Promise<{ id: string; key: string; passphrase: string }>;
  rotateKey(id: string): Promise<{ key: string; passphrase: string }>;
  revokeKey(id: string): Promise<void>;
  onChange(listener: (state: LiveSnapshot) => void): () => void;
  /** The reactions of a moment, counted. */
  onReactions(listener: (counts: Partial<Record<Reaction, number>>) => void): () => void;
  close(): void;
}

const NOTHING: LiveSnapshot = {
  event: null,
  hls: null,
  audience: { viewers: 0, peak: 0 },
  hands: [],
  self: null,
  invitedBy: null,
};

/** Makes the live side of a call; it is there from the join on. */
export function createLive(call: Call): Live {
  const listeners = new Set<(state: LiveSnapshot) => void>();
  const reactionListeners = new Set<(counts: Partial<Record<Reaction, number>>) => void>();
  let state = NOTHING;
  let clockAhead = 0;

  const request = <K extends keyof LiveMethods>(method: K, data: InputOf<LiveMethods, K>) =>
    call.request(method, data) as Promise<OutputOf<LiveMethods, K>>;

  const change = (patch: Partial<LiveSnapshot>) => {
    state = { ...state, ...patch };
    for (const listener of listeners) listener(state);
  };

  const load = async () => {
    const asked = Date.now();
    const { event, hls, now, audience, hands, self } = await request('live.get', {});
    clockAhead = now - (asked + Date.now()) / 2;
    change({ event, hls, audience, hands, self, ...(self === 'invited' ? {} : { invitedBy: null }) });
  };
  const take = async (answer: Promise<{ event: LiveEvent }>) => change(await answer);

  const unsubscribers = [
    call.onEvent('live.changed', ({ event, hls }: { event: LiveEvent; hls: HlsStream | null }) =>
      change({ event, hls }),
    ),
    call.onEvent('live.audience', (data: { audience: Audience }) => change(data)),
    call.onEvent('live.hands', (data: { hands: Hand[] }) => change(data)),
    call.onEvent('live.invited', ({ by }: { by: string | null }) =>
      change({ invitedBy: by, self: by === null ? null : 'invited' }),
    ),
    call.onEvent('live.reactions', ({ counts }: { counts: Partial<Record<Reaction, number>> }) => {
      for (const listener of reactionListeners) listener(counts);
    }),
    call.on('self', ({ role }) => {
      // Taken off stage, by whomever.
      if (role === 'viewer' && state.self === 'on-stage') change({ self: null });
    }),
    call.on('state', (next) => {
      if (next === 'joined') load().catch(() => undefined);
    }),
  ];
  if (call.state === 'joined') load().catch(() => undefined);

  return {
    get state() {
      return state;
    },
    serverNow: () => Date.now() + clockAhead,
    prepare: (words) => take(request('live.prepare', words)),
    start: () => take(request('live.start', {})),
    stop: () => take(request('live.stop', {})),
    update: (words) => take(request('live.update', words)),
    async putCover(picture) {
      const { path } = await request('live.putCover', {});
      const answer = await fetch(path, { method: 'PUT', body: picture });
      if (!answer.ok) throw await refusalOf(answer);
    },
    setLayout: (layout) => take(request('live.setLayout', { layout })),
    async deleteReplay() {
      await request('live.deleteReplay', {});
    },
    async react(reaction) {
      await request('live.react', { reaction });
    },
    async raiseHand(raised) {
      await request('live.raiseHand', { raised });
      change({ self: raised ? 'raised' : null });
    },
    async answer(accept) {
      await request('live.answer', { accept });
      change({ self: accept ? 'on-stage' : null, invitedBy: null });
    },
    async leaveStage() {
      await request('live.leaveStage', {});
      change({ self: null });
    },
    async invite(memberId) {
      await request('live.invite', { memberId });
    },
    async offStage(memberId) {
      await request('live.offStage', { memberId });
    },
    keys: () => request('live.keys', {}),
    createKey: (name) => request('live.createKey', { name }),
    rotateKey: (id) => request('live.rotateKey', { id }),
    async revokeKey(id) {
      await request('live.revokeKey', { id });
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onReactions(listener) {
      reactionListeners.add(listener);
      return () => void reactionListeners.delete(listener);
    },
    close() {
      for (const unsubscribe of unsubscribers) unsubscribe();
      listeners.clear();
      reactionListeners.clear();
    },
  };
}

/** What the server says against something that was sent by HTTP. */
async function refusalOf(answer: Response): Promise<AmphiError> {
  const body: { error?: ErrorBody } = await answer.json().catch(() => ({}));
  return body.error
    ? AmphiError.fromBody(body.error)
    : new AmphiError('internal', `The server answered ${answer.status}.`);
}
