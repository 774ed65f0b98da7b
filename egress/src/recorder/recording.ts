import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MemberInfo, ProducerInfo } from '@amphi/protocol';
import type { Logger, Room } from '@amphi/rooms';
import { type RoomWatcher, ServerMember } from '../member/server-member.ts';
import type { FilmChoice } from '../compose/layout.ts';
import { LiveComposer, type NotLive, type OpenFilmProgram } from './live-composer.ts';
import type { Manifest, Person, Track } from './manifest.ts';
import { ManifestFile } from './manifest-file.ts';
import { TrackRecorder } from './track-recorder.ts';

/** Room on the disk that is held for the last manifest, so that a full disk does not keep it from being written. */
export const RESERVE_FILE = '.reserve';
const RESERVE_BYTES = 64 * 1024;
/** So long the tracks that are there are waited for, in milliseconds: a call that was direct has to come to the server. */
const GATHER_MS = 5000;
const GATHER_EVERY_MS = 20;

export type RecordingOptions = {
  id: string;
  /** Exists, and is empty. */
  folder: string;
  room: Room;
  startedBy: { name: string };
  policy: 'tell' | 'ask';
  /** Whether a person is recorded from the moment it is in the room. */
  consentOf(memberId: string): Person['consent'];
  /** The disk takes it; nothing of what people send is read yet. */
  onBegin(recording: Recording): void;
  /** What everybody sends has arrived. */
  onArrived(): void;
  /** Which film is made of it. */
  film: FilmChoice;
  /** Where it is to be made while the recording goes on. */
  live?: OpenFilmProgram | undefined;
  /** It is made when the recording is over, for this reason. */
  onNotLive?(reason: NotLive): void;
  /** The recording is over, whoever ended it. `reason` as in the manifest. */
  onEnd(manifest: Manifest): void;
  logger: Logger;
  now?: () => number;
};

/** A recording under way: a member of the room that writes down what the others send. */
export class Recording {
  readonly manifest: Manifest;
  readonly folder: string;
  readonly #options: RecordingOptions;
  readonly #file: ManifestFile;
  readonly #recorders = new Map<string, TrackRecorder>();
  readonly #closing = new Set<Promise<void>>();
  readonly #now: () => number;
  readonly #live: LiveComposer | undefined;
  #member: ServerMember | undefined;
  #begun: Promise<void> = Promise.resolve();
  #ended: Promise<void> | undefined;
  #files = 0;

  /** Rejects as a join does, or when the disk does not take the first file; nothing is left of it then but the folder. */
  static async start(options: RecordingOptions): Promise<Recording> {
    const recording = new Recording(options);
    recording.#begun = recording.#begin();
    await recording.#begun;
    return recording;
  }

  private constructor(options: RecordingOptions) {
    this.#options = options;
    this.folder = options.folder;
    this.#now = options.now ?? Date.now;
    this.manifest = {
      version: 1,
      id: options.id,
      roomId: options.room.id,
      state: 'recording',
      startedAt: this.#now(),
      endedAt: null,
      startedBy: options.startedBy.name,
      policy: options.policy,
      film: options.film,
      people: [],
      tracks: [],
      speakers: [],
    };
    this.#live = options.live && this.#composer(options.live);
    this.#file = new ManifestFile(
      options.folder,
      () => this.manifest,
      (error) => this.#failed(error),
    );
  }

  /** Somebody agreed, or refused: then what was written of the person before is deleted, or kept. */
  consent(memberId: string, given: boolean, keep = false): void {
    const person = this.manifest.people.find(({ id }) => id === memberId);
    if (!person || this.#ended) return;
    const isKept = !given && keep && person.consent === 'given';
    // What was put together live cannot be taken apart again.
    if (!given && !isKept && person.consent === 'given') this.#live?.giveUp('refused');
    person.consent = given || isKept ? 'given' : 'refused';
    const member = this.#member?.others.find(({ id }) => id === memberId);
    if (isKept) {
      person.withdrawnAt ??= this.#now();
      const own = this.manifest.tracks.filter(({ personId }) => personId === memberId);
      for (const { id } of own) this.#finish(id);
    } else {
      delete person.withdrawnAt;
      if (!given) this.#forget(memberId);
      else for (const track of member?.producers ?? []) this.#record(memberId, track);
    }
    this.#live?.refresh();
    this.#file.changed();
  }

  /** Resolves when all files are complete. Repeating it waits for the same end. */
  stop(state: 'complete' | 'interrupted' = 'complete', reason?: string): Promise<void> {
    // Ending has the member leave, which ends the recording too: by then this is set.
    // What could not begin has no end either: its start was refused.
    this.#ended ??= this.#begun.then(
      () => this.#end(state, reason),
      () => undefined,
    );
    return this.#ended;
  }

  async #begin(): Promise<void> {
    const { room, logger, onBegin } = this.#options;
    let failure: Error | undefined;
    const first = new ManifestFile(
      this.folder,
      () => this.manifest,
      (error) => (failure = error),
    );
    await first.save();
    if (failure) throw failure;
    await writeFile(join(this.folder, RESERVE_FILE), Buffer.alloc(RESERVE_BYTES), { mode: 0o600 });
    onBegin(this);
    this.#member = await ServerMember.join({
      room,
      role: 'recorder',
      name: 'Recording',
      watcher: this.#watcher(),
      now: this.#now,
    });
    this.#live?.open();
    void this.#gather();
    logger.info({ roomId: room.id, recordingId: this.manifest.id }, 'recording');
  }

  /** The start by the manifest is when all that is sent arrives; what comes before is there to begin with a picture. */
  async #gather(): Promise<void> {
    const until = performance.now() + GATHER_MS;
    while (!this.#ended && performance.now() < until) {
      const isAwaited = (id: string, { parts }: TrackRecorder) => parts.length === 0 || this.#live?.awaits(id);
      if (![...this.#recorders].some(([id, track]) => isAwaited(id, track) && this.#isExpected(id))) break;
      await sleep(GATHER_EVERY_MS);
    }
    if (this.#ended) return;
    this.manifest.startedAt = this.#now();
    this.#file.changed();
    this.#options.onArrived();
    void this.#live?.start(this.manifest.startedAt);
  }

  #composer(open: OpenFilmProgram): LiveComposer {
    const { logger, film, onNotLive } = this.#options;
    return new LiveComposer({
      ...{
        folder: this.folder,
        choice: film,
        open,
        logger,
        now: this.#now,
        onNotLive: (reason) => onNotLive?.(reason),
      },
      includes: (memberId) => {
        const person = this.manifest.people.find(({ id }) => id === memberId);
        return person?.consent === 'given' && person.withdrawnAt === undefined;
      },
    });
  }

  /** Whether anything is to come of a track: it is on, and its person connected. */
  #isExpected(trackId: string): boolean {
    const track = this.manifest.tracks.find(({ id }) => id === trackId);
    if (!track || track.mutes.at(-1)?.muted === true) return false;
    return this.#options.room.media.isAlive(track.personId);
  }

  #watcher(): RoomWatcher {
    return {
      memberJoined: (member) => this.#joined(member),
      memberLeft: ({ id }) => {
        const person = this.manifest.people.find((known) => known.id === id);
        if (person) person.leftAt = this.#now();
        this.#file.changed();
      },
      memberUpdated: ({ id, name, role }) => {
        const person = this.manifest.people.find((known) => known.id === id);
        if (person) Object.assign(person, { name, role });
        this.#file.changed();
      },
      trackAdded: (member, track) => this.#record(member.id, track),
      trackUpdated: (_member, track) => this.#muted(track),
      trackRemoved: (_member, { id }) => this.#finish(id),
      speakers: (dominantId) => {
        if ((this.manifest.speakers.at(-1)?.personId ?? null) === dominantId) return;
        this.manifest.speakers.push({ at: this.#now(), personId: dominantId });
        this.#file.changed();
      },
      ended: (reason) => {
        if (reason === 'server-stopping') void this.stop('interrupted', 'server-stopped');
        else void this.stop();
      },
    };
  }

  #joined({ id, name, role }: MemberInfo): void {
    if (role === 'recorder') return;
    const consent = this.#options.consentOf(id);
    this.manifest.people.push({ id, name, role, joinedAt: this.#now(), leftAt: null, consent });
    this.#file.changed();
  }

  #record(personId: string, { id, source, kind, muted }: ProducerInfo): void {
    const person = this.manifest.people.find((known) => known.id === personId);
    if (person?.consent !== 'given' || person.withdrawnAt !== undefined) return;
    if (this.#recorders.has(id) || this.#ended) return;
    const known = this.manifest.tracks.find((track) => track.id === id);
    const track: Track = known ?? { id, personId, source, kind, parts: [], mutes: [] };
    if (!known) this.manifest.tracks.push(track);
    if (muted) track.mutes.push({ at: this.#now(), muted });
    const recorder = new TrackRecorder({
      folder: this.folder,
      name: `${++this.#files}-${source}`,
      open: (sink) => this.#options.room.media.tap(id, sink),
      onError: (error) => this.#failed(error),
      onChange: () => {
        for (const part of recorder.parts) if (!track.parts.includes(part)) track.parts.push(part);
        this.#file.changed();
      },
      now: this.#now,
    });
    this.#recorders.set(id, recorder);
  }

  #muted({ id, muted }: ProducerInfo): void {
    const track = this.manifest.tracks.find((known) => known.id === id);
    if (!track || (track.mutes.at(-1)?.muted ?? false) === muted) return;
    track.mutes.push({ at: this.#now(), muted });
    this.#file.changed();
  }

  #finish(id: string): void {
    const recorder = this.#recorders.get(id);
    this.#recorders.delete(id);
    if (!recorder) return;
    const closing = recorder.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  #forget(personId: string): void {
    const gone = this.manifest.tracks.filter((track) => track.personId === personId);
    this.manifest.tracks = this.manifest.tracks.filter((track) => track.personId !== personId);
    for (const { id, parts } of gone) {
      const closed = this.#recorders.get(id)?.close() ?? Promise.resolve();
      this.#recorders.delete(id);
      const deleting = closed
        .then(() => Promise.all(parts.map(({ file }) => rm(join(this.folder, file), { force: true }))))
        .then(() => undefined)
        .finally(() => this.#closing.delete(deleting));
      this.#closing.add(deleting);
    }
  }

  async #end(state: 'complete' | 'interrupted', reason: string | undefined): Promise<void> {
    const { logger, onEnd } = this.#options;
    const member = this.#member;
    this.#member = undefined;
    const endedAt = this.#now();
    for (const id of [...this.#recorders.keys()]) this.#finish(id);
    member?.leave();
    await Promise.all([...this.#closing, this.#live?.finish(endedAt)]);
    await rm(join(this.folder, RESERVE_FILE), { force: true });
    Object.assign(this.manifest, { state, endedAt, ...(reason === undefined ? {} : { reason }) });
    for (const person of this.manifest.people) person.leftAt ??= endedAt;
    await this.#file.save();
    logger.info({ roomId: this.manifest.roomId, recordingId: this.manifest.id, state, reason }, 'recording ended');
    onEnd(this.manifest);
  }

  /** The disk does not take it any more: what is there stays, and the people are told. */
  #failed(error: Error): void {
    const { code } = error as NodeJS.ErrnoException;
    this.#options.logger.error({ err: error, recordingId: this.manifest.id }, 'a recording cannot be written');
    void this.stop('interrupted', code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'disk-failed');
  }
}
