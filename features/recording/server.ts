import { AmphiError, PERSON_ROLES } from '@amphi/protocol';
import { type Actor, defineFeature, type Member, type ServerFeature } from '@amphi/rooms';
import {
  type Consent,
  type FilmChoice,
  type FilmMaking,
  type RecordingEntry,
  recordingEvents,
  recordingMethods,
  type RecordingState,
} from './protocol.ts';

/** What the feature needs of whatever records. */
export interface RoomRecorder {
  /** Rejects with what the person is to be told; then nothing is kept. */
  start(options: {
    roomId: string;
    startedBy: { name: string };
    policy: 'tell' | 'ask';
    /** Whether somebody is recorded from the moment of joining. */
    consentOf(memberId: string): Consent;
    film: 'after' | 'live';
    choice: FilmChoice;
    /** A film that was to be live is made when the recording is over. */
    onNotLive(reason: Exclude<FilmMaking, 'after' | 'live'>): void;
    /** Called before anything of what people send is read. */
    onBegin(recording: RunningRecording): void;
    /** What everybody sends has arrived. */
    onArrived(): void;
    onEnd(end: RecordingEnd): void;
  }): Promise<RunningRecording>;
}

export interface RunningRecording {
  readonly manifest: { readonly id: string; readonly startedAt: number };
  /** With `keep` what was recorded before a refusal stays. */
  consent(memberId: string, given: boolean, keep: boolean): void;
  /** Resolves when all is on the disk, and nothing more is written. */
  stop(state?: 'complete', reason?: string): Promise<void>;
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
  film(roomId: string, id: string, choice: FilmChoice): Promise<void>;
  remove(roomId: string, id: string): Promise<void>;
}

type Active = { recording: RunningRecording; by: string; policy: 'tell' | 'ask'; running: boolean; film: FilmMaking };

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
              running: active.running,
              film: active.film,
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

      async function start(member: Member, film: 'after' | 'live', choice: FilmChoice): Promise<void> {
        const { recording: policy } = room.policy();
        if (policy === 'never') throw new AmphiError('forbidden', 'this room is never recorded');
        answers.clear();
        answers.set(member.identity, 'given');
        const by = member.info().name;
        const actor = actorOf(member);
        try {
          await recorder.start({
            roomId: room.id,
            startedBy: { name: by },
            policy,
            film,
            choice,
            consentOf(memberId) {
              const other = room.member(memberId);
              return other ? consentOf(other, policy) : 'asked';
            },
            onBegin(recording) {
              active = { recording, by, policy, running: false, film };
              room.note(actor, 'recording.start', { id: recording.manifest.id, policy });
              tellAll();
              endWhereForbidden();
            },
            onNotLive(reason) {
              if (!active) return;
              active.film = reason;
              tellAll();
            },
            onArrived() {
              if (!active) return;
              active.running = true;
              tellAll();
            },
            onEnd({ id, state, reason }) {
              active = undefined;
              last = { id, state: state === 'complete' ? state : 'interrupted', ...(reason ? { reason } : {}) };
              tellAll();
              if (reason !== undefined) room.note(SERVER, 'recording.end', { id, reason });
            },
          });
        } catch (error) {
          active = undefined;
          tellAll();
          throw error;
        }
      }

      function endWhereForbidden(): void {
        if (room.policy().recording === 'never') void active?.recording.stop('complete', 'not-allowed');
      }

      function answer(member: Member, accept: boolean, keep: boolean): void {
        if (!active) throw new AmphiError('wrong-state', 'nothing is being recorded');
        const before = consentOf(member, active.policy);
        answers.set(member.identity, accept ? 'given' : 'refused');
        const { id } = active.recording.manifest;
        if (!accept) room.note(actorOf(member), 'recording.refuse', { id, before, keep });
        for (const other of room.members()) {
          if (other.identity !== member.identity) continue;
          active.recording.consent(other.id, accept, keep);
          if (other.id !== member.id) tell(other);
        }
      }

      return {
        handlers: {
          async 'recording.start'(member, { film, layout, height }) {
            if (active || starting) throw new AmphiError('wrong-state', 'the room is being recorded already');
            starting = start(member, film, { layout, height });
            try {
              await starting;
            } finally {
              starting = undefined;
            }
            return stateFor(member);
          },
          async 'recording.stop'(member) {
            if (!active) throw new AmphiError('wrong-state', 'nothing is being recorded');
            const { id } = active.recording.manifest;
            await active.recording.stop();
            room.note(actorOf(member), 'recording.stop', { id });
            return stateFor(member);
          },
          'recording.consent'(member, { accept, keep }) {
            answer(member, accept, keep);
            return stateFor(member);
          },
          'recording.state': (member) => stateFor(member),
          'recording.list': async () => ({ recordings: await library.list(room.id) }),
          'recording.link': (_member, { id, file }) => library.link(room.id, id, file),
          async 'recording.film'(_member, { id, layout, height }) {
            await library.film(room.id, id, { layout, height });
            return {};
          },
          async 'recording.remove'(member, { id }) {
            await library.remove(room.id, id);
            room.note(actorOf(member), 'recording.remove', { id });
            return {};
          },
        },
        policyChanged: endWhereForbidden,
      };
    },
  });
}

/** Who is named in the log where nobody did it. */
const SERVER: Actor = { identity: 'server', name: 'Amphi', role: 'host', isServer: true };

function actorOf(member: Member): Actor {
  const role = PERSON_ROLES.find((name) => name === member.role) ?? 'viewer';
  return { identity: member.identity, name: member.info().name, role };
}
