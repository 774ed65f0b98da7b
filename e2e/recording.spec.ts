import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Manifest } from '@amphi/egress';
import { expect, test } from './harness/fixtures.ts';
import type { Person } from './harness/person.ts';
import { bitrateAt } from './harness/rtc.ts';
import type { Room, Server } from './harness/server.ts';

// A server of the test's own: it does not survive unharmed, and its recordings are looked at.
test.use({ serverForTest: async ({ ownServer }, use) => use(ownServer) });

const run = promisify(execFile);

async function joinAsHost(person: Person, room: Room): Promise<Person> {
  await person.goTo(room.hostPath);
  await person.join();
  return person;
}

async function startRecording(host: Person): Promise<void> {
  await host.press('Recording');
  await host.page.getByRole('button', { name: 'Start recording' }).click();
}

const mark = (person: Person) => person.page.getByText('Recording, started by Ada').first();

/** The only recording of a server, as it is on the disk now. */
async function onDisk({ dataDir }: Server): Promise<Manifest & { folder: string }> {
  const recordings = join(dataDir, 'recordings');
  const [id = ''] = await readdir(recordings);
  const folder = join(recordings, id);
  return { ...(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest), folder };
}

type Probe = { frames: number; seconds: number; errors: string };

/** Decodes a whole file. */
async function decode(file: string): Promise<Probe> {
  const { stderr } = await run('ffmpeg', ['-v', 'error', '-i', file, '-f', 'null', '-']);
  const entries = ['-count_packets', '-show_entries', 'stream=nb_read_packets:packet=pts_time', '-of', 'json'];
  const { stdout } = await run('ffprobe', ['-v', 'error', ...entries, file], { maxBuffer: 64 * 1024 * 1024 });
  const { packets = [] } = JSON.parse(stdout) as { packets?: { pts_time: string }[] };
  const times = packets.map(({ pts_time }) => Number(pts_time));
  return { frames: packets.length, seconds: Math.max(0, ...times), errors: stderr };
}

const isRecorded = async (server: Server, seconds: number): Promise<boolean> => {
  const { tracks } = await onDisk(server);
  const sent = tracks.filter(({ source }) => source === 'camera');
  return sent.length > 0 && sent.every(({ parts }) => (parts.at(-1)?.durationMs ?? 0) >= seconds * 1000);
};

test('a direct call is recorded from its start to its stop: every track, and nobody misses a moment', async ({
  people,
  room,
  serverForTest: server,
  measured,
}) => {
  test.setTimeout(240_000);
  const ada = await joinAsHost(await people.open('Ada'), room);
  const ben = await people.join('Ben', room);
  // On a busy machine the first attempt may fail; the next is made after half a minute.
  await ada.expectPath('Ben', 'direct', 50_000);
  // Until nothing goes through the server any more, as in any call that has been direct for some seconds.
  for (const person of [ada, ben]) {
    await expect.poll(() => bitrateAt(person, server.mediaPorts, 2000), { timeout: 30_000 }).toBeLessThan(20_000);
  }
  await expect(readdir(join(server.dataDir, 'recordings'))).rejects.toThrow();

  const picture = await ben.watch('Ada');
  await startRecording(ada);
  await expect(mark(ada)).toBeVisible();
  await expect(mark(ben)).toBeVisible();
  await ben.expectPath('Ada', 'sfu');
  await expect.poll(() => isRecorded(server, 3), { timeout: 30_000 }).toBe(true);
  measured(
    'longest freeze while the recording took the call to the server',
    `${Math.round((await picture.read()).longestGapMs)} ms`,
  );
  await ben.press('Share screen');
  await ada.seeing('Ben', { source: 'screen' });
  await expect.poll(() => isRecorded(server, 6), { timeout: 30_000 }).toBe(true);
  await ada.page.screenshot({ path: 'test-results/recording.png' });
  await ada.page.getByRole('button', { name: 'Stop recording' }).click();
  await expect(mark(ben)).toBeHidden();

  const made = await onDisk(server);
  expect(made).toMatchObject({ state: 'complete', startedBy: 'Ada', policy: 'tell' });
  expect(made.people.map(({ name }) => name).toSorted()).toEqual(['Ada', 'Ben']);
  const kinds = made.tracks.filter(({ parts }) => parts.length > 0).map(({ source }) => source);
  expect(kinds.toSorted()).toEqual(
    ['camera', 'camera', 'microphone', 'microphone', 'screen', 'screen-audio'].toSorted(),
  );
  const took = ((made.endedAt ?? 0) - made.startedAt) / 1000;
  for (const { source, parts } of made.tracks) {
    expect(parts, source).toHaveLength(1);
    for (const part of parts) {
      const probe = await decode(join(made.folder, part.file));
      expect(probe.errors, part.file).toBe('');
      expect(Math.abs(probe.seconds - part.durationMs / 1000)).toBeLessThan(0.2);
      expect(part.startedAt).toBeGreaterThan(made.startedAt - 1000);
      expect(part.startedAt + part.durationMs).toBeLessThan((made.endedAt ?? 0) + 500);
      if (source === 'camera' || source === 'microphone') expect(probe.seconds).toBeGreaterThan(took - 3);
      measured(
        `${source} ${part.codec}`,
        `${probe.seconds.toFixed(1)} of ${took.toFixed(1)} s, ${probe.frames} frames`,
      );
    }
  }
  await ada.expectPath('Ben', 'direct', 50_000);
});

test('a killed worker and a killed server leave what was recorded, but for the last two seconds', async ({
  people,
  room,
  serverForTest: server,
  measured,
}) => {
  test.setTimeout(120_000);
  const ada = await joinAsHost(await people.open('Ada'), room);
  await people.join('Ben', room);
  await startRecording(ada);
  await expect.poll(() => isRecorded(server, 2), { timeout: 30_000 }).toBe(true);
  for (const pid of server.workerPids()) process.kill(pid, 'SIGKILL');
  const hasSecondParts = async () =>
    (await onDisk(server)).tracks.every(({ parts }) => parts.length === 2 && (parts[1]?.durationMs ?? 0) > 3000);
  await expect.poll(hasSecondParts, { timeout: 40_000 }).toBe(true);
  await server.kill();
  const killedAt = Date.now();
  await server.start();

  const made = await onDisk(server);
  expect(made).toMatchObject({ state: 'interrupted', reason: 'server-stopped' });
  for (const { source, parts } of made.tracks) {
    for (const part of parts) {
      const probe = await decode(join(made.folder, part.file));
      expect(probe.frames, part.file).toBeGreaterThan(10);
      if (part === parts[1]) {
        const lost = killedAt - (part.startedAt + probe.seconds * 1000);
        measured(`${source}: lost by the kill`, `${Math.round(lost)} ms`);
        expect(lost).toBeLessThan(2000);
      }
    }
  }
});

test('whoever is asked is recorded after agreeing only, and whoever refuses is left out', async ({
  people,
  serverForTest: server,
}) => {
  test.setTimeout(120_000);
  const room = await server.createRoom({ policy: { recording: 'ask' } });
  const ada = await joinAsHost(await people.open('Ada'), room);
  const ben = await people.join('Ben', room);
  const cleo = await people.join('Cleo', room);
  await startRecording(ada);
  await ben.page.getByRole('button', { name: 'Record me' }).click();
  await cleo.page.getByRole('button', { name: 'Leave me out' }).click();
  await expect(cleo.page.getByText('You are left out of the recording.').first()).toBeVisible();
  await expect.poll(async () => (await onDisk(server)).tracks.filter(({ parts }) => parts.length > 0).length).toBe(4);
  await expect.poll(() => isRecorded(server, 2), { timeout: 30_000 }).toBe(true);
  await ada.page.getByRole('button', { name: 'Stop recording' }).click();
  await expect(mark(ben)).toBeHidden();
  const made = await onDisk(server);
  const consents = made.people.map(({ name, consent }) => `${name} ${consent}`);
  expect(consents.toSorted()).toEqual(['Ada given', 'Ben given', 'Cleo refused']);
  const names = new Map(made.people.map(({ id, name }) => [id, name]));
  expect([...new Set(made.tracks.map(({ personId }) => names.get(personId)))].toSorted()).toEqual(['Ada', 'Ben']);
});
