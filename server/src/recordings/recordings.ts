import { join } from 'node:path';
import { createLibrary, createRecorder, type Library, type Recorder, type RecorderOptions } from '@amphi/egress';
import type { GuessLimit, Logger, Room, RoomStore } from '@amphi/rooms';
import type { Config } from '../config/schema.ts';
import type { ShareTable } from '../store/shares.ts';
import { createShares, type Shares } from './shares.ts';
import { openStorage } from './storage.ts';

export type RecordingsOptions = {
  config: Pick<Config, 'dataDir' | 'recordings' | 's3'>;
  store: RoomStore;
  shareTable: ShareTable;
  guessLimit: GuessLimit;
  /** Signs links. */
  key: Buffer;
  /** The room, if somebody is in it. */
  liveRoom(id: string): Room | undefined;
  /** Begins what films are made of while it is recorded. */
  filmProgram: NonNullable<RecorderOptions['filmProgram']>;
  logger: Logger;
};

/** All that has to do with what is recorded on this server. */
export type Recordings = { recorder: Recorder; library: Library; shares: Shares };

/** Opens it, and goes on with what a server that ended left: recordings that were cut off, films that waited. */
export async function openRecordings(options: RecordingsOptions): Promise<Recordings> {
  const { config, store, logger } = options;
  const serverDays = config.recordings.retentionDays;
  const shares = createShares(options.shareTable, options.guessLimit);
  const folder = join(config.dataDir, 'recordings');
  const recorder = createRecorder({
    folder,
    onBegin: (manifest) => library.began(manifest),
    room: options.liveRoom,
    filmProgram: options.filmProgram,
    onEnd: (manifest) => library.ended(manifest),
    logger,
  });
  await recorder.recover();
  const archive = openStorage(config, {
    ...{ folder, logger, manifestOf: recorder.get },
    isNeeded: (id) => library.isMaking(id),
  });
  const library = createLibrary({
    recorder,
    archive,
    key: options.key,
    retentionDays: (roomId) => Math.min(store.get(roomId)?.policy.recordingDays ?? serverDays, serverDays),
    // A name can be taken again by somebody else after its room was deleted.
    since: (roomId) => store.get(roomId)?.createdAt ?? Infinity,
    isShared: shares.isGood,
    onRemoved: shares.forget,
    logger,
  });
  await library.prune();
  await library.resume();
  return { recorder, library, shares };
}
