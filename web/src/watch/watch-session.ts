import { type Call, type CallEnd, createCall } from '@amphi/client';
import { createLive, type Live, type LiveSnapshot } from '@amphi/features/live/client.ts';
import { effect, signal } from '@preact/signals';
import { codeOf } from '../errors.ts';
import { tw } from '../i18n/watch.ts';
import { takeWatchKey } from '../credentials.ts';
import { displayName, watchFor } from '../prefs.ts';
import { hasWebRtc, prepare } from './prepare.ts';

/** An address where nothing is on yet is looked at again this often, give or take a half, in milliseconds. */
const LOOK_AGAIN_MS = 5000;

export type WatchSession = ReturnType<typeof createWatchSession>;

export type WatchPhase =
  | { name: 'connecting' }
  /** There is no such event (yet). */
  | { name: 'nothing' }
  | { name: 'password'; wrong: boolean }
  | { name: 'in'; call: Call; live: Live }
  | { name: 'over'; end: CallEnd };

/** Begun before there was a page to show it. */
let begun: { room: string; session: WatchSession } | undefined;

/** Comes into the audience ahead of the page, which takes what was begun by {@link watchSession}. */
export function beginWatching(room: string): void {
  begun ??= { room, session: createWatchSession(room) };
}

/** What was begun for this room, once, or a new one. */
export function watchSession(room: string): WatchSession {
  const early = begun;
  begun = undefined;
  if (early?.room === room) return early.session;
  early?.session.close();
  return createWatchSession(room);
}

/** One person's place in the audience of a room: comes in by itself as soon as there is something to come into. */
function createWatchSession(room: string) {
  const phase = signal<WatchPhase>({ name: 'connecting' });
  const live = signal<LiveSnapshot | null>(null);
  const role = signal<string>('viewer');
  let call: Call | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;
  let closeLive: (() => void) | undefined;

  /** The key of a private event is its room's password, brought along by the link. */
  let key = takeWatchKey(room);

  async function enter(typed?: string): Promise<void> {
    const password = typed ?? key;
    clearTimeout(timer);
    const current = call ?? createCall({ room, audience: true, direct: false });
    call = current;
    try {
      const connecting = current.connect({ media: hasWebRtc() });
      prepare();
      await connecting;
      if (closed) return;
      if (current.standing?.admission === 'password' && password === undefined) {
        phase.value = { name: 'password', wrong: false };
        return;
      }
      await current.join({
        name: displayName.value || tw('guest'),
        ...(watchFor.value === 'quality' || !hasWebRtc() ? { media: false } : {}),
        ...(password === undefined ? {} : { password }),
      });
      if (!closed) come(current);
    } catch (error) {
      if (!closed) refused(error, password !== undefined);
    }
  }

  function come(current: Call): void {
    const feature = createLive(current);
    const offs = [
      feature.onChange((state) => (live.value = state)),
      current.on('self', (self) => (role.value = self.role)),
      current.on('ended', (end) => leave(end)),
    ];
    closeLive = () => {
      for (const off of offs) off();
      feature.close();
    };
    live.value = feature.state;
    role.value = current.self?.role ?? 'viewer';
    phase.value = { name: 'in', call: current, live: feature };
  }

  function refused(reason: unknown, withPassword: boolean): void {
    if (withPassword && codeOf(reason) === 'password') {
      key = undefined;
      phase.value = { name: 'password', wrong: true };
      return;
    }
    void call?.leave().catch(() => undefined);
    call = undefined;
    phase.value = { name: 'nothing' };
    // Not all at the same moment: a thousand may wait.
    timer = setTimeout(() => void enter(), LOOK_AGAIN_MS * (0.5 + Math.random()));
  }

  function leave(end: CallEnd): void {
    closeLive?.();
    call = undefined;
    // The event was taken back, or the room closed: what comes next is waited for.
    if (end.reason === 'room-closed') refused(null, false);
    else phase.value = { name: 'over', end };
  }

  void enter();
  const stopName = effect(() => {
    const name = displayName.value;
    if (name !== '' && phase.value.name === 'in' && call?.selfName !== name) call?.rename(name).catch(() => undefined);
  });

  return {
    phase,
    live,
    role,
    enter: (password?: string) => void enter(password),
    again(): void {
      phase.value = { name: 'connecting' };
      void enter();
    },
    close(): void {
      closed = true;
      clearTimeout(timer);
      stopName();
      closeLive?.();
      void call?.leave().catch(() => undefined);
    },
  };
}
