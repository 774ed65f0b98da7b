import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Manifest } from '@amphi/egress';
import { expect, test } from './harness/fixtures.ts';
import type { Person } from './harness/person.ts';
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
