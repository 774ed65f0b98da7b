import { randomBytes } from 'node:crypto';
import { AmphiError } from '@amphi/protocol';
import { defineFeature, type Member, type ServerFeature } from '@amphi/rooms';
import { z } from 'zod';
import { MAX_TARGETS, pushEvents, pushMethods, type PushStatus, type PushTarget } from './protocol.ts';

/** What the feature needs of whatever pushes. */
export interface PushOutputs {
  /** @throws AmphiError `bad-request` for what is no address of an RTMP server */
  check(url: string): void;
  /** Encrypts the key of a target of a room, to be kept. */
  seal(roomId: string, key: string): string;
  /** Calls back when the room's event goes live, and when that is over; at once when it is live. Answers how to stop. */
  follow(roomId: string, changed: (isLive: boolean) => void): () => void;
  /** Pushes until it is stopped; answers how. Calls back at every change, the first time before it answers. */
  start(roomId: string, target: { url: string; sealed: string }, onStatus: (status: PushStatus) => void): () => void;
}

/** A target as it is kept. */
const keptTarget = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  sealed: z.string(),
  keyEnd: z.string(),
  auto: z.boolean(),
});
type KeptTarget = z.infer<typeof keptTarget>;

type Running = { status: PushStatus; stop: () => void };

/** So much of a key is told, if it is long enough for that to be little of it. */
const SHOWN = 4;

/** Where a room's event is pushed to, for its hosts. */
export function createPushFeature(outputs: PushOutputs): ServerFeature {
  return defineFeature({
    name: 'push',
    methods: pushMethods,
    events: pushEvents,
    open(room) {
      const kept = z.array(keptTarget).safeParse(room.kept.get('targets'));
      let targets: KeptTarget[] = kept.success ? kept.data : [];
      const running = new Map<string, Running>();
      let isLive = false;
      let closed = false;

      const shown = (target: KeptTarget): PushTarget => {
        const { id, name, url, keyEnd, auto } = target;
        const idle: PushStatus = { state: 'idle', reason: null, detail: null, since: room.now(), retryAt: null };
        return { id, name, url, keyEnd, auto, status: running.get(id)?.status ?? idle };
      };

      function tell(): void {
        const data = { targets: targets.map(shown) };
        for (const member of room.members()) {
          if (isHost(member)) member.deliver({ name: 'push.changed', data });
        }
      }

      function keep(next: KeptTarget[]): void {
        targets = next;
        room.kept.set('targets', next.length === 0 ? undefined : next);
      }

      function begin({ id, url, sealed }: KeptTarget): void {
        running.get(id)?.stop();
        const run: Running = {
          status: { state: 'connecting', reason: null, detail: null, since: room.now(), retryAt: null },
          stop: () => {},
        };
        running.set(id, run);
        run.stop = outputs.start(room.id, { url, sealed }, (status) => {
          run.status = status;
          if (!closed && running.get(id) === run) tell();
        });
      }

      function end(id: string): void {
        const run = running.get(id);
        running.delete(id);
        run?.stop();
      }

      function find(id: string): KeptTarget {
        const target = targets.find((one) => one.id === id);
        if (!target) throw new AmphiError('not-found', 'this room has no such target', { path: 'id' });
        return target;
      }

      const unfollow = outputs.follow(room.id, (live) => {
        isLive = live;
        for (const target of targets) {
          if (!live) end(target.id);
          else if (target.auto && !running.has(target.id)) begin(target);
        }
        tell();
      });

      return {
        handlers: {
          'push.list'(member) {
            checkHost(member);
            return { targets: targets.map(shown) };
          },
          'push.add'(member, { name, url, key, auto }) {
            checkHost(member);
            if (targets.length >= MAX_TARGETS) {
              throw new AmphiError('wrong-state', `a room has at most ${MAX_TARGETS} targets`);
            }
            outputs.check(url);
            const id = randomBytes(9).toString('base64url');
            const target = { id, name, url, auto, sealed: outputs.seal(room.id, key), keyEnd: endOf(key) };
            keep([...targets, target]);
            if (isLive && auto) begin(target);
            tell();
            return { target: shown(target) };
          },
          'push.change'(member, { id, key, ...change }) {
            checkHost(member);
            const before = find(id);
            const isElsewhere = change.url !== undefined && change.url !== before.url;
            if (isElsewhere && key === undefined) {
              throw new AmphiError('bad-request', 'another address needs its key as well', { path: 'key' });
            }
            if (change.url !== undefined) outputs.check(change.url);
            const target = {
              ...before,
              name: change.name ?? before.name,
              url: change.url ?? before.url,
              auto: change.auto ?? before.auto,
              ...(key === undefined ? {} : { sealed: outputs.seal(room.id, key), keyEnd: endOf(key) }),
            };
            keep(targets.map((one) => (one.id === id ? target : one)));
            if (key !== undefined && running.has(id)) begin(target);
            tell();
            return { target: shown(target) };
          },
          'push.remove'(member, { id }) {
            checkHost(member);
            find(id);
            keep(targets.filter((one) => one.id !== id));
            end(id);
            tell();
            return {};
          },
          'push.start'(member, { id }) {
            checkHost(member);
            const target = find(id);
            if (!isLive) throw new AmphiError('wrong-state', 'the event is not live');
            const state = running.get(id)?.status.state ?? 'idle';
            if (state === 'idle' || state === 'failed' || state === 'retrying') begin(target);
            tell();
            return { target: shown(target) };
          },
          'push.stop'(member, { id }) {
            checkHost(member);
            const target = find(id);
            end(id);
            tell();
            return { target: shown(target) };
          },
        },
        close() {
          closed = true;
          unfollow();
          for (const { id } of targets) end(id);
        },
      };
    },
  });
}

function isHost(member: Member): boolean {
  return member.role === 'host' && member.may('live');
}

/** Whoever may go live does not get the accounts of the host for that. */
function checkHost(member: Member): void {
  if (!isHost(member)) throw new AmphiError('forbidden', 'only the host decides where the event is pushed to');
}

function endOf(key: string): string {
  return key.length >= 3 * SHOWN ? key.slice(-SHOWN) : '';
}
