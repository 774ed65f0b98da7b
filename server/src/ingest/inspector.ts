import { FrameReader, type PictureTreatment } from '@amphi/egress';
import type { IngestInspector, RefusedProgram } from '@amphi/features/ingest/server.ts';
import type { Clock, MediaTap, Room, RoomDirectory } from '@amphi/rooms';
import { FrameMeter } from './frame-figures.ts';

export type InspectorOptions = {
  directory: () => Pick<RoomDirectory, 'liveRoom'>;
  /** What is done with the picture that a member publishes. */
  pictureOf(memberId: string): PictureTreatment;
  /** The programs that were refused lately. */
  refusedIn(roomId: string): RefusedProgram[];
  clock: Clock;
};

/** How long is measured on after somebody has looked. */
const LOOKED_AT_MS = 10_000;

type Meter = { frames: FrameMeter; tap: MediaTap };
type Looked = { meters: Map<string, Meter>; cancel: () => void };

/** Measures what arrives of a room's tracks, while somebody looks: then each picture is read by a tap. */
export function createInspector({ directory, pictureOf, refusedIn, clock }: InspectorOptions): IngestInspector {
  const rooms = new Map<string, Looked>();

  function close(roomId: string): void {
    const looked = rooms.get(roomId);
    rooms.delete(roomId);
    looked?.cancel();
    for (const { tap } of looked?.meters.values() ?? []) tap.close();
  }

  function look(roomId: string): Map<string, Meter> {
    const known = rooms.get(roomId);
    known?.cancel();
    const meters = known?.meters ?? new Map<string, Meter>();
    rooms.set(roomId, { meters, cancel: clock.after(LOOKED_AT_MS, () => close(roomId)) });
    return meters;
  }

  return {
    async read(roomId) {
      const room = directory().liveRoom(roomId);
      if (!room) return { tracks: [], refused: [] };
      const meters = look(roomId);
      const sent = room
        .members()
        .flatMap((member) => room.tracks.of(member.id).map((track) => ({ ...track, member: member.info() })));
      const here = new Set(sent.map(({ id }) => id));
      for (const [producerId, { tap }] of meters) {
        if (here.has(producerId)) continue;
        tap.close();
        meters.delete(producerId);
      }
      for (const { id, kind } of sent) if (kind === 'video' && !meters.has(id)) meters.set(id, open(room, id));
      const read = sent.map(async ({ id: producerId, kind, source, muted, member }) => {
        const figures = await room.media.figuresOf(producerId);
        if (!figures) return [];
        const { codec, channels, ...network } = figures;
        return {
          ...{ memberId: member.id, name: member.name, isProgram: member.role === 'publisher' },
          ...{ producerId, source, muted, codec, channels, ...network },
          treatment: kind === 'video' ? pictureOf(member.id) : 'as-sent',
          ...(meters.get(producerId)?.frames.read() ?? new FrameMeter().read()),
        };
      });
      return { tracks: (await Promise.all(read)).flat(), refused: refusedIn(roomId) };
    },
    close,
  };
}

function open(room: Room, producerId: string): Meter {
  const frames = new FrameMeter();
  // A key frame that is asked for would be counted: what is lost is waited for.
  const reader = new FrameReader({ sink: frames, requestKeyFrame() {} });
  return { frames, tap: room.media.tap(producerId, reader) };
}
