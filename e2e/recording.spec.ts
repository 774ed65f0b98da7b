import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Manifest } from '@amphi/egress';
import { expect, test } from './harness/fixtures.ts';
import { joinAsHost } from './harness/host.ts';
import type { Person } from './harness/person.ts';
import { camerasOnDisk, onDisk, startRecording } from './harness/recordings.ts';
import { bitrateAt } from './harness/rtc.ts';
import type { Server } from './harness/server.ts';

// A server of the test's own: it does not survive unharmed, and its recordings are looked at.
test.use({ serverForTest: async ({ ownServer }, use) => use(ownServer) });

const run = promisify(execFile);

const mark = (person: Person) => person.page.getByText('Recording, started by Ada').first();

/** `times`: of the frames, in seconds. */
type Probe = { frames: number; seconds: number; times: number[]; errors: string };

/** Decodes a whole file. */
async function decode(file: string): Promise<Probe> {
  // By the times in the file: rounded to the rate that ffmpeg guesses, two pictures of a screen may fall into one.
  const asTheyAre = ['-fps_mode', 'passthrough', '-enc_time_base', '-1'];
  const { stderr } = await run('ffmpeg', ['-v', 'error', '-i', file, ...asTheyAre, '-f', 'null', '-']);
  const entries = ['-count_packets', '-show_entries', 'stream=nb_read_packets:packet=pts_time', '-of', 'json'];
  const { stdout } = await run('ffprobe', ['-v', 'error', ...entries, file], { maxBuffer: 64 * 1024 * 1024 });
  const { packets = [] } = JSON.parse(stdout) as { packets?: { pts_time: string }[] };
  const times = packets.map(({ pts_time }) => Number(pts_time));
  return { frames: packets.length, seconds: Math.max(0, ...times), times, errors: stderr };
}

const personNames = ({ people }: Manifest): Map<string, string> => new Map(people.map(({ id, name }) => [id, name]));

const isRecorded = async (server: Server, seconds: number): Promise<boolean> => {
  const sent = await camerasOnDisk(server);
  return sent.length > 0 && sent.every((parts) => (parts.at(-1)?.durationMs ?? 0) >= seconds * 1000);
};

/** The seconds of sound that the microphone of somebody has given to the connections of the page so far. */
function captured(person: Person): Promise<number> {
  return person.page.evaluate(async () => {
    const open = window.amphiTest.connections.filter(({ connectionState }) => connectionState !== 'closed');
    const reports = await Promise.all(open.map((connection) => connection.getStats()));
    const sources = reports
      .flatMap((report) => [...(report.values() as Iterable<Record<string, unknown>>)])
      .filter(({ type, kind }) => type === 'media-source' && kind === 'audio')
      .map((source) => Number(source['totalSamplesDuration'] ?? 0));
    return Math.max(0, ...sources);
  });
}

test('a direct call is recorded from its start to its stop: every track, and nobody misses a moment', async ({
  people,
  room,
  serverForTest: server,
  measured,
}) => {
  test.setTimeout(240_000);
  const ada = await joinAsHost(people, 'Ada', room);
  const ben = await people.join('Ben', room);
  // On a busy machine the first attempt may fail; the next is made after half a minute.
  await ada.expectPath('Ben', 'direct', 50_000);
  // Until nothing goes through the server any more, as in any call that has been direct for some seconds.
  for (const person of [ada, ben]) {
    await expect.poll(() => bitrateAt(person, server.mediaPorts, 2000), { timeout: 30_000 }).toBeLessThan(20_000);
  }
  await expect(readdir(join(server.dataDir, 'recordings'))).rejects.toThrow();

  const picture = await ben.watch('Ada');
  const sound = await ben.listenTo('Ada');
  await startRecording(ada);
  await expect(mark(ada)).toBeVisible();
  await expect(mark(ben)).toBeVisible();
  await ben.expectPath('Ada', 'sfu');
  // All that people say from now on, by the clock of their own microphones.
  const before = await Promise.all([captured(ada), captured(ben)]);
  const since = Date.now();
  await expect.poll(() => isRecorded(server, 3), { timeout: 30_000 }).toBe(true);
  measured('longest freeze on the way to the server, ms', Math.round((await picture.read()).longestGapMs));
  measured('longest silence on the way to the server, ms', Math.round((await sound.read()).longestGapMs));
  await expect.poll(() => isRecorded(server, 12), { timeout: 30_000 }).toBe(true);
  const until = Date.now();
  const after = await Promise.all([captured(ada), captured(ben)]);
  await ben.press('Share screen');
  await ada.seeing('Ben', { source: 'screen' });
  await ada.page.waitForTimeout(3000);
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
  const endedAt = made.endedAt ?? 0;
  const took = (endedAt - made.startedAt) / 1000;
  expect(since).toBeGreaterThan(made.startedAt);
  for (const { source, personId, parts } of made.tracks) {
    const [part] = parts;
    expect(parts, source).toHaveLength(1);
    if (!part) continue;
    const probe = await decode(join(made.folder, part.file));
    expect(probe.errors, part.file).toBe('');
    expect(Math.abs(probe.seconds - part.durationMs / 1000)).toBeLessThan(0.2);
    // Nothing is of before the start, but for the picture to begin with, and nothing of after the stop.
    expect(part.startedAt).toBeGreaterThan(made.startedAt - 6000);
    expect(part.startedAt + part.durationMs).toBeLessThan(endedAt + 500);
    measured(`${source} ${part.codec}`, `${probe.seconds.toFixed(1)} of ${took.toFixed(1)} s, ${probe.frames} frames`);
    if (source === 'screen' || source === 'screen-audio') continue;
    expect(part.startedAt, `${source} is there from the start on`).toBeLessThan(made.startedAt + 100);
    expect(part.startedAt + part.durationMs, `${source} is there to the end`).toBeGreaterThan(endedAt - 2000);
    if (source !== 'microphone') continue;
    const who = personNames(made).get(personId) === 'Ada' ? 0 : 1;
    const given = (after[who] ?? 0) - (before[who] ?? 0);
    const [from, to] = [since - part.startedAt, until - part.startedAt].map((ms) => ms / 1000) as [number, number];
    // Opus in packets of 20 ms: their number is how much sound is there. Times are taken from outside of the page.
    const kept = probe.times.filter((time) => time >= from && time < to).length * 0.02;
    const hole = Math.max(...probe.times.slice(1).map((time, index) => time - (probe.times[index] ?? 0)));
    measured(
      'seconds of sound given and kept',
      `${given.toFixed(2)} and ${kept.toFixed(2)} in ${(to - from).toFixed(2)}`,
    );
    measured('longest hole in the sound, ms', Math.round(hole * 1000));
    expect(kept, 'all that the microphone gave is kept').toBeGreaterThan(given - 0.5);
    // What the microphone did not give (a machine too busy for its fake devices) is a hole, and no cut.
    expect(hole).toBeLessThan(to - from - given + 0.5);
  }
});

test('a killed worker and a killed server leave what was recorded, but for the last two seconds', async ({
  people,
  room,
  serverForTest: server,
  measured,
}) => {
  test.setTimeout(120_000);
  const ada = await joinAsHost(people, 'Ada', room);
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
  const ada = await joinAsHost(people, 'Ada', room);
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
  const names = personNames(made);
  expect([...new Set(made.tracks.map(({ personId }) => names.get(personId)))].toSorted()).toEqual(['Ada', 'Ben']);
});
