import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from './harness/fixtures.ts';
import { joinAsHost } from './harness/host.ts';
import { camerasOnDisk, isThere, onDisk, startRecording } from './harness/recordings.ts';
import type { Server } from './harness/server.ts';

// A server of the test's own: it is configured for one codec, and its recordings are looked at.
test.use({ serverForTest: async ({ ownServer }, use) => use(ownServer) });

const run = promisify(execFile);
/** At least so much is recorded. */
const SECONDS = 5;

async function recordedMs(server: Server): Promise<number> {
  const [parts = []] = await camerasOnDisk(server);
  return parts.reduce((sum, { durationMs }) => sum + durationMs, 0);
}

/** Decodes the pictures of a file; `packets`: as many as it should be. */
async function decode(file: string) {
  const entries = ['-count_frames', '-count_packets', '-select_streams', 'v', '-of', 'json'];
  const shown = 'stream=codec_name,nb_read_frames,nb_read_packets:frame=width,height,pts';
  const { stdout, stderr } = await run('ffprobe', ['-v', 'error', ...entries, '-show_entries', shown, file], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const { streams, frames } = JSON.parse(stdout) as {
    streams: { codec_name: string; nb_read_packets: string }[];
    frames: { width: number; height: number; pts: number }[];
  };
  return {
    errors: stderr,
    codec: streams[0]?.codec_name,
    packets: Number(streams[0]?.nb_read_packets),
    // Of a key picture of VP9 with several layers, ffmpeg shows each, at the same time.
    pictures: new Set(frames.map(({ pts }) => pts)).size,
    heights: [...new Set(frames.map(({ height }) => height))],
  };
}

for (const codec of ['vp9', 'av1', 'h264'] as const) {
  test.describe(codec, () => {
    test.use({ serverEnv: { AMPHI_MEDIA_CODECS: codec } });

    test(`pictures of ${codec} are recorded as they are sent, can be decoded, and make a film`, async ({
      people,
      room,
      serverForTest: server,
      measured,
    }) => {
      test.setTimeout(180_000);
      const ada = await joinAsHost(people, 'Ada', room);
      await startRecording(ada);
      await expect.poll(() => recordedMs(server), { timeout: 60_000 }).toBeGreaterThan(SECONDS * 1000);
      await ada.page.getByRole('button', { name: 'Stop recording' }).click();
      await expect(ada.page.getByText('Recording, started by Ada').first()).toBeHidden();

      const made = await onDisk(server);
      const cameras = made.tracks.filter(({ source }) => source === 'camera');
      expect(cameras).toHaveLength(1);
      // In AV1 and H.264 another size is another stream, and so another file.
      for (const part of cameras.flatMap(({ parts }) => parts)) {
        const probe = await decode(join(made.folder, part.file));
        measured(
          `${part.file}: packets, pictures, heights`,
          `${probe.packets}, ${probe.pictures}, ${probe.heights.join(' ')}`,
        );
        expect(probe.errors).toBe('');
        expect([part.codec, probe.codec]).toEqual([codec, codec]);
        // Each is a picture that can be shown: none depends on one that is missing.
        expect(probe.pictures).toBe(probe.packets);
        expect(part.sizes.map(({ height }) => height)).toContain(probe.heights.at(-1));
      }
      const film = join(made.folder, 'film-grid-720.mp4');
      await expect.poll(() => isThere(film), { timeout: 90_000 }).toBe(true);
      const picture = await decode(film);
      expect(picture).toMatchObject({ errors: '', codec: 'h264', heights: [720] });
      // It begins when all that is sent has arrived: some tracks began before that.
      const filmMs = (made.endedAt ?? 0) - made.startedAt;
      expect(Math.abs(picture.pictures - (filmMs * 30) / 1000)).toBeLessThan(2);
    });
  });
}
