import { type ProgramLease, PushProblem, PushTarget } from '@amphi/egress';
import type { LiveOutputs } from '@amphi/features/live/server.ts';
import type { PushOutputs } from '@amphi/features/push/server.ts';
import { AmphiError } from '@amphi/protocol';
import { type Logger, systemClock } from '@amphi/rooms';
import type { Programs } from '../live/programs.ts';
import { createHostCheck } from '../net/outbound.ts';
import { readPushAddress } from './address.ts';
import { createDial } from './dial.ts';
import { createKeySeal } from './seal.ts';

export type PushOptions = {
  programs: Pick<Programs, 'use' | 'setLayout'>;
  /** Internal hosts, addresses and ranges that may be reached. */
  allowed: readonly string[];
  /** What keys are encrypted with. */
  secret: Buffer;
  logger: Logger;
};

/** What pushes to RTMP servers: the part of live events that goes to other services. */
export interface ServerPush extends PushOutputs {
  /** The outputs of a live event, with this one beside them. */
  beside(outputs: LiveOutputs): LiveOutputs;
}

export function createPush({ programs, allowed, secret, logger }: PushOptions): ServerPush {
  const seal = createKeySeal(secret);
  const dial = createDial({ check: createHostCheck({ allowed, setting: 'push.allowed' }) });
  const live = new Set<string>();
  const followers = new Map<string, Set<(isLive: boolean) => void>>();

  function become(roomId: string, isLive: boolean): void {
    if (live.has(roomId) === isLive) return;
    if (isLive) live.add(roomId);
    else live.delete(roomId);
    for (const changed of followers.get(roomId) ?? []) changed(isLive);
  }

  return {
    check(url) {
      try {
        readPushAddress(url);
      } catch (error) {
        if (!(error instanceof PushProblem)) throw error;
        throw new AmphiError('bad-request', 'it has to look like rtmps://example.org/app, without the key', {
          path: 'url',
        });
      }
    },

    seal: (roomId, key) => seal.close(roomId, key),

    follow(roomId, changed) {
      const all = followers.get(roomId) ?? new Set();
      followers.set(roomId, all.add(changed));
      if (live.has(roomId)) changed(true);
      return () => {
        all.delete(changed);
        if (all.size === 0) followers.delete(roomId);
      };
    },

    start(roomId, { url, sealed }, onStatus) {
      const key = seal.open(roomId, sealed);
      if (key === undefined) {
        // The secrets of this installation are new ones.
        onStatus({ state: 'failed', reason: 'key', detail: null, since: systemClock.now(), retryAt: null });
        return () => {};
      }
      const { host } = readPushAddress(url);
      // Taken when the other side has taken the stream: a wrong key costs no program.
      let lease: Promise<ProgramLease> | undefined;
      const program = async () => {
        lease ??= programs.use(roomId);
        return (await lease.catch(lost)).program;
      };
      const lost = (error: unknown) => {
        lease = undefined;
        logger.warn({ roomId, err: error }, 'a push has no program');
        throw error;
      };
      const release = () => {
        void lease?.then(
          (held) => held.release(),
          () => undefined,
        );
        lease = undefined;
      };
      const target = new PushTarget({
        dial: (signal) => dial(url, signal),
        key,
        program,
        clock: systemClock,
        onStatus(status) {
          const { state, reason, detail } = status;
          logger.info({ roomId, host, state, reason, detail }, 'a push changed');
          if (state === 'failed' || state === 'idle') release();
          onStatus(status);
        },
      });
      target.start();
      return () => target.stop();
    },

    beside: (outputs) => ({
      open(roomId, options) {
        // Where there is no HLS, nobody else says it.
        programs.setLayout(roomId, options.layout);
        outputs.open(roomId, options);
        become(roomId, true);
      },
      setLayout(roomId, layout) {
        programs.setLayout(roomId, layout);
        outputs.setLayout(roomId, layout);
      },
      close(roomId) {
        become(roomId, false);
        outputs.close(roomId);
      },
      hls: (roomId) => outputs.hls(roomId),
      deleteReplays: (roomId) => outputs.deleteReplays(roomId),
    }),
  };
}
