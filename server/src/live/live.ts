import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createHlsShelf, makeThumbnail, type TranscodeBudget } from '@amphi/egress';
import type { Logger, RoomDirectory, RoomStore } from '@amphi/rooms';
import type { Config } from '../config/schema.ts';
import { createHls, type HlsRoutes } from '../http/hls.ts';
import { createThumbnailRoutes } from '../http/thumbnails.ts';
import { createLiveOutputs, type ServerOutputs } from './outputs.ts';
import { createPrograms, type Programs } from './programs.ts';
import { Thumbnails } from './thumbnails.ts';
import { HlsViewers } from './viewers.ts';

export type LiveOptions = {
  config: Config;
  store: Pick<RoomStore, 'get'>;
  /** Signs the paths of private events. */
  key: Buffer;
  /** Asked only when a room is live. */
  directory(): RoomDirectory;
  addressOf(request: IncomingMessage): string;
  /** What all transcodes of this server together may use. */
  budget: TranscodeBudget;
  logger: Logger;
};

/** What an audience is given beside WebRTC: the streams, and how they are had. */
export type Live = {
  outputs: ServerOutputs;
  /** For what else takes what is on stage. */
  programs: Programs;
  routes: HlsRoutes['routes'];
  figures(): LiveFigures;
  close(): Promise<void>;
};
export type LiveFigures = ReturnType<HlsRoutes['figures']> & { viewers: number; streams: number };

export async function createLive(options: LiveOptions): Promise<Live> {
  const { config, logger, directory } = options;
  const { rewindMinutes, replayDays, replayGigabytes } = config.live;
  const shelf = createHlsShelf({
    folder: join(config.dataDir, 'live'),
    windowSeconds: rewindMinutes * 60,
    replayDays,
    maxBytes: replayGigabytes * 1e9,
    isGone: (roomId) => options.store.get(roomId) === undefined,
    onChange: (roomId) => outputs.changed(roomId),
    logger,
  });
  const programs = createPrograms({
    room: (id) => directory().liveRoom(id),
    budget: options.budget,
    logger,
  });
  const outputs: ServerOutputs = createLiveOutputs({
    shelf,
    programs: config.live.hls === 'on' ? programs : undefined,
    isPrivate: (id) => isPrivate(directory(), id),
    key: options.key,
    logger,
  });
  await shelf.recover();
  const viewers = new HlsViewers();
  const { routes: hls, figures } = createHls({ find: outputs.find, viewers, addressOf: options.addressOf });
  const thumbnails = new Thumbnails({ make: (start) => makeThumbnail(start), logger });
  const routes = createThumbnailRoutes({ find: outputs.find, thumbnails }).route('/', hls);
  return {
    outputs,
    programs,
    routes,
    figures: () => ({ ...figures(), viewers: viewers.count(), streams: shelf.live() }),
    async close() {
      await programs.close();
      await shelf.close();
    },
  };
}

/** A room with a password has an audience that knows it. */
function isPrivate(directory: RoomDirectory, id: string): boolean | undefined {
  try {
    return directory.lookup(id).passwordHash !== null;
  } catch {
    return undefined;
  }
}
