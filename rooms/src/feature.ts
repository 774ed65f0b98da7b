import type { EventMap, MethodMap, OutputOf, ParsedInputOf } from '@amphi/protocol';
import type { AnyEvent, EventOf, Member } from './member.ts';

/** One function for each method of a map. */
export type Handlers<M extends MethodMap, Caller> = {
  [K in keyof M & string]: (caller: Caller, input: ParsedInputOf<M, K>) => OutputOf<M, K> | Promise<OutputOf<M, K>>;
};

/** What a feature sees of a room. */
export interface FeatureRoom<E extends EventMap = EventMap> {
  readonly id: string;
  /** Milliseconds since the epoch. */
  now(): number;
  members(): Iterable<Member>;
  /** Tells every member, or all but one. */
  broadcast(event: EventOf<E>, exceptId?: string): void;
}

/** A feature at work in one room; its state lives in the closure that made this. */
export type FeatureInRoom<M extends MethodMap = MethodMap> = {
  handlers: Handlers<M, Member>;
  memberJoined?(member: Member): void;
  memberLeft?(member: Member): void;
  /** The room is over. */
  close?(): void;
};

type Handler = (caller: Member, input: unknown) => unknown;

/** A feature as the registry holds it. Made by {@link defineFeature}. */
export type ServerFeature = {
  readonly name: string;
  readonly methods: MethodMap;
  open(room: {
    id: string;
    now(): number;
    members(): Iterable<Member>;
    broadcast(event: AnyEvent, exceptId?: string): void;
  }): {
    handlers: Record<string, Handler>;
    memberJoined?(member: Member): void;
    memberLeft?(member: Member): void;
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
