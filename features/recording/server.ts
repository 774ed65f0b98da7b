import { AmphiError } from '@amphi/protocol';
import { defineFeature, type Member, type ServerFeature } from '@amphi/rooms';
import {
  type Consent,
  type RecordingEntry,
  recordingEvents,
  recordingMethods,
  type RecordingState,
} from './protocol.ts';

/** What the feature needs of whatever records. */
export interface RoomRecorder {
  /** Rejects with what the person is to be told; then nothing was begun. */
  start(options: {
    roomId: string;
    startedBy: { name: string };
    policy: 'tell' | 'ask';
    /** Whether somebody is recorded from the moment of joining. */
    consentOf(memberId: string): Consent;
    onEnd(end: RecordingEnd): void;
  }): Promise<RunningRecording>;
}

export interface RunningRecording {
  readonly manifest: { readonly id: string; readonly startedAt: number };
  consent(memberId: string, given: boolean): void;
  /** Resolves when all is on the disk. */
  stop(): Promise<void>;
}

export type RecordingEnd = {
  id: string;
  state: 'recording' | 'complete' | 'interrupted';
  reason?: string | undefined;
};

/** What the feature needs of wherever recordings are kept. Rejections are what the person is told. */
export interface RoomLibrary {
  list(roomId: string): Promise<RecordingEntry[]>;
  link(roomId: string, id: string, file: string): Promise<{ path: string; expiresAt: number }>;
  film(roomId: string, id: string, choice: Pick<RecordingEntry['jobs'][number], 'layout' | 'height'>): Promise<void>;
  remove(roomId: string, id: string): Promise<void>;
}

type Active = { recording: RunningRecording; by: string; policy: 'tell' | 'ask' };

/** Recording: started and stopped by those who may, seen by all, consented to by each. */
export function createRecordingFeature(recorder: RoomRecorder, library: RoomLibrary): ServerFeature {
  return defineFeature({
    name: 'recording',
    methods: recordingMethods,
    events: recordingEvents,
    open(room) {
      let active: Active | undefined;
      let starting: Promise<void> | undefined;
      let last: RecordingState['last'] = null;
      /** By identity, so that whoever comes back is not asked again in the same recording. */
      const answers = new Map<string, Consent>();

      const stateFor = (member: Member): RecordingState => ({
        active: active
          ? {
              id: active.recording.manifest.id,
              startedAt: active.recording.manifest.startedAt,
              by: active.by,
              policy: active.policy,
            }
          : null,
        consent: active ? consentOf(member, active.policy) : null,
        last,
      });

      function consentOf({ identity }: Member, policy: 'tell' | 'ask'): Consent {
        return answers.get(identity) ?? (policy === 'tell' ? 'given' : 'asked');
      }

      function tell(member: Member): void {
        member.deliver({ name: 'recording.changed', data: stateFor(member) });
      }

      function tellAll(): void {
        for (const member of room.members()) tell(member);
      }

      async function start(member: Member): Promise<void> {
        const { recording: policy } = room.policy();
        if (policy === 'never') throw new AmphiError('forbidden', 'this room is never recorded');
        answers.clear();
        answers.set(member.identity, 'given');
        const by = member.info().name;
        let ended = false;
        const recording = await recorder.start({
          roomId: room.id,
          startedBy: { name: by },
          policy,
          consentOf(memberId) {
            const other = [...room.members()].find(({ id }) => id === memberId);
            return other ? consentOf(other, policy) : 'asked';
          },
          onEnd({ id, state, reason }) {
            ended = true;
            active = undefined;
            last = { id, state: state === 'complete' ? state : 'interrupted', ...(reason ? { reason } : {}) };
            tellAll();
          },
        });
        if (ended) return;
        active = { recording, by, policy };
        tellAll();
      }

      return {
        handlers: {
          async 'recording.start'(member) {
            if (active || starting) throw new AmphiError('wrong-state', 'the room is being recorded already');
            starting = start(member);
            try {
              await starting;
            } finally {
              starting = undefined;
            }
            return stateFor(member);
          },
          async 'recording.stop'(member) {
            if (!active) throw new AmphiError('wrong-state', 'nothing is being recorded');
            await active.recording.stop();
            return stateFor(member);
          },
          'recording.consent'(member, { accept }) {
            if (!active) throw new AmphiError('wrong-state', 'nothing is being recorded');
            answers.set(member.identity, accept ? 'given' : 'refused');
            for (const other of room.members()) {
              if (other.identity !== member.identity) continue;
              active.recording.consent(other.id, accept);
              if (other.id !== member.id) tell(other);
            }
            return stateFor(member);
          },
          'recording.state': (member) => stateFor(member),
          'recording.list': async () => ({ recordings: await library.list(room.id) }),
          'recording.link': (_member, { id, file }) => library.link(room.id, id, file),
          async 'recording.film'(_member, { id, layout, height }) {
            await library.film(room.id, id, { layout, height });
            return {};
          },
          async 'recording.remove'(_member, { id }) {
            await library.remove(room.id, id);
            return {};
          },
        },
      };
    },
  });
}
