import type { Call, Permission } from '@amphi/client';
import { batch, signal } from '@preact/signals';
import { holdDominant, withSpeaker, type Dominant } from './dominant.ts';
import { peopleOf, type Person } from './people.ts';

/** Loudness from which somebody counts as speaking, of 0 to 1. */
const SPEAKING = 0.05;

export type CallStore = ReturnType<typeof createCallStore>;

/** A call's state as signals, brought up to date by its events. */
export function createCallStore(call: Call) {
  const state = signal(call.state);
  const people = signal<Person[]>(peopleOf(call));
  const path = signal(call.path);
  const network = signal(call.network);
  const end = signal(call.end);
  /** What the room allows, and what this person may do in it. */
  const policy = signal(call.room?.policy ?? null);
  const self = signal(call.self);
  /** Who waits in the lobby, for those who may let people in. */
  const waiting = signal(call.waiting);
  const speaking = signal<ReadonlySet<string>>(new Set());
  const dominantId = signal<string | null>(null);
  /** Who spoke last, newest first. */
  const recentSpeakers = signal<string[]>([]);

  let dominant: Dominant = { id: null, since: 0 };
  let holdTimer: ReturnType<typeof setTimeout> | undefined;
  let queued = false;

  // Events come in bursts (a join brings a member and two tracks): one new list for all of them.
  const refresh = () => {
    if (queued) return;
    queued = true;
    queueMicrotask(() => {
      queued = false;
      batch(() => {
        state.value = call.state;
        path.value = call.path;
        people.value = peopleOf(call);
      });
    });
  };

  const applyDominant = () => {
    clearTimeout(holdTimer);
    const { next, retryInMs } = holdDominant(dominant, call.speakers.dominantId, performance.now());
    dominant = next;
    dominantId.value = next.id;
    if (next.id !== null) recentSpeakers.value = withSpeaker(recentSpeakers.value, next.id);
    if (retryInMs !== null) holdTimer = setTimeout(applyDominant, retryInMs);
  };

  const offs = [
    call.on('state', refresh),
    call.on('members', refresh),
    call.on('member', refresh),
    call.on('track', refresh),
    call.on('publication', refresh),
    call.on('path', refresh),
    call.on('network', (next) => (network.value = next)),
    call.on('ended', (next) => (end.value = next)),
    call.on('room', (next) => (policy.value = next)),
    call.on('self', (next) => {
      self.value = next;
      refresh();
    }),
    call.on('waiting', (next) => (waiting.value = next)),
    call.on('speakers', ({ levels }) => {
      const loud = [...levels].filter(([, level]) => level >= SPEAKING).map(([id]) => id);
      if (loud.length !== speaking.value.size || loud.some((id) => !speaking.value.has(id)))
        speaking.value = new Set(loud);
      applyDominant();
    }),
  ];

  return {
    state,
    people,
    path,
    network,
    end,
    policy,
    self,
    waiting,
    /** Whether this person may do this; what renders with it renders again when that changes. */
    may(permission: Permission): boolean {
      // Read for what they stand for: `call.may` looks at both.
      void self.value;
      void policy.value;
      return call.may(permission);
    },
    speaking,
    dominantId,
    recentSpeakers,
    close(): void {
      clearTimeout(holdTimer);
      for (const off of offs) off();
    },
  };
}
