import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Manifest } from '@amphi/egress';
import type { TestServer } from './server.ts';

/** A recording that ended: half a second of one microphone. */
export type KeptRecording = { id: string; file: string };

const FILE = '1-microphone-1.webm';
const LENGTH_MS = 500;
/** Half a second of a tone, by data folder: made once for each server. */
const tones = new Map<string, Promise<string>>();

/** Puts a recording of a room on the server's disk, as if it had been made there. */
export async function keepRecording(
  { dataDir }: TestServer,
  roomId: string,
  // The room was made a moment ago, and what was recorded before that is none of its recordings.
  { startedAt = Date.now() }: { startedAt?: number } = {},
): Promise<KeptRecording> {
  const id = randomUUID();
  const folder = join(dataDir, 'recordings', id);
  await mkdir(folder, { recursive: true });
  const tone = tones.get(dataDir) ?? makeTone(dataDir);
  tones.set(dataDir, tone);
  await copyFile(await tone, join(folder, FILE));
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifestOf(id, roomId, startedAt)));
  return { id, file: FILE };
}

async function makeTone(folder: string): Promise<string> {
  const file = join(folder, 'tone.webm');
  const input = ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${LENGTH_MS / 1000}`];
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...input, '-c:a', 'libopus', file]);
  return file;
}

function manifestOf(id: string, roomId: string, startedAt: number): Manifest {
  const endedAt = startedAt + LENGTH_MS;
  const codec = { codec: 'opus', clockRate: 48_000, rtpStart: 0, clock: [], sizes: [] };
  const part = { ...codec, file: FILE, startedAt, durationMs: LENGTH_MS, bytes: 1000 };
  const person = { id: 'ada', name: 'Ada', role: 'host', joinedAt: startedAt, leftAt: endedAt };
  return {
    ...{ version: 1, id, roomId, state: 'complete', startedAt, endedAt, startedBy: 'Ada', policy: 'tell' },
    film: { layout: 'grid', height: 720 },
    people: [{ ...person, consent: 'given' }],
    tracks: [{ id: 'tone', personId: 'ada', source: 'microphone', kind: 'audio', parts: [part], mutes: [] }],
    speakers: [],
  };
}
