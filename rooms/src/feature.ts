import type { EventMap, MethodMap, OutputOf, ParsedInputOf, RoomPolicy } from '@amphi/protocol';
import type { Governor } from './governor.ts';
import type { AnyEvent, EventOf, Member } from './member.ts';
import type { Actor } from './rights.ts';

/** One function for each method of a map. */
export type Handlers<M extends MethodMap, Caller> = {
  [K in keyof M & string]: (caller: Caller, input: ParsedInputOf<M, K>) => OutputOf<M, K> | Promise<OutputOf<M, K>>;
};

/** Values that JSON can say, by key. */
export type KeptValues = {
  get(key: string): unknown;
  /** `undefined` takes the value away. */
  set(key: string, value: unknown): void;
};

/** What a feature sees of a room. */
export interface FeatureRoom<E extends EventMap = EventMap> {
  readonly id: string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs something later; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
  policy(): RoomPolicy;
  /** What may be done to the room's records; undefined where it has none. */
  readonly governor: Governor | undefined;
  /** What this feature keeps of the room while nobody is in it. */
  readonly kept: KeptValues;
  members(): Iterable<Member>;
  member(id: string): Member | undefined;
  /** Brings somebody of the audience on stage, or off it. @throws AmphiError as `Moderation.stage` does. */
  stage(actor: Actor, memberId: string, role: 'speaker' | 'viewer'): void;
  /** Writes down in the room's log who did what. */
  note(actor: Actor, action: string, details?: Record<string, unknown>): void;
  /** Tells every member, or all but one. */
  broadcast(event: EventOf<E>, exceptId?: string): void;
}

/** A feature at work in one room; its state lives in the closure that made this. */
export type FeatureInRoom<M extends MethodMap = MethodMap> = {
  handlers: Handlers<M, Member>;
  memberJoined?(member: Member): void;
  memberLeft?(member: Member): void;
  /** The room's policy is another now. */
  policyChanged?(): void;
  /** The room is over. */
  close?(): void;
};

type Handler = (caller: Member, input: unknown) => unknown;

/** A feature as the registry holds it. Made by {@link defineFeature}. */
export type ServerFeature = {
  readonly name: string;
  readonly methods: MethodMap;
  open(room: Omit<FeatureRoom, 'broadcast'> & { broadcast(event: AnyEvent, exceptId?: string): void }): {
    handlers: Record<string, Handler>;
    memberJoined?(member: Member): void;
    memberLeft?(member: Member): void;
    policyChanged?(): void;
    close?(): void;
  };
};

/** A feature's part in one room, as the room holds it. */
export type OpenFeature = ReturnType<ServerFeature['open']>;

/**
 * Declares the server half of a feature: `open` is called for each room that comes to life and answers what handles the
 * feature's methods there. Types come from the feature's protocol.
 */
export function defineFeature<M extends MethodMap, E extends EventMap>(feature: {
  name: string;
  methods: M;
  events: E;
  open(room: FeatureRoom<E>): FeatureInRoom<M>;
}): ServerFeature {
  return {
    name: feature.name,
    methods: feature.methods,
    // The dispatcher has validated the input against the same method's schema before a handler sees it.
    open: (room) => feature.open(room as FeatureRoom<E>) as OpenFeature,
  };
}
