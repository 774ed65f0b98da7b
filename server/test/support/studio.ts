import { afterEach, expect, vi } from 'vitest';
import type { Person } from './cast.ts';
import { FfmpegPublisher } from './ffmpeg-publisher.ts';

// What tests of RTMP and SRT do alike: a program publishes with a stream key, and somebody in the room sees what comes of it.

const publishers: FfmpegPublisher[] = [];
afterEach(() => publishers.splice(0).forEach((publisher) => publisher.kill()));

/** Publishes to an address until the test ends. */
export function publishTo(url: string, encoders?: string[]): FfmpegPublisher {
  const publisher = new FfmpegPublisher(url, encoders);
  publishers.push(publisher);
  return publisher;
}

/** The program in the room, as this person has it. */
export async function studioOf(person: Person) {
  return (await person.sync()).members.find(({ role }) => role === 'publisher');
}

/** Waits until the publisher has come; answers its id. */
export async function arrival(person: Person): Promise<string> {
  const { member } = await person.wire.take('member.joined', ({ member: { role } }) => role === 'publisher');
  return member.id;
}

/** Waits until somebody's presence is another one. */
export async function becomes(person: Person, presence: string): Promise<void> {
  await person.wire.take('member.updated', ({ patch }) => patch.presence === presence);
}

/** Waits until the host is told that the program was refused, and why; `detail`: of what it sends. */
export async function refusalOf(host: Person, refusal: string, detail: string): Promise<void> {
  const look = async () => {
    const { refused } = await host.wire.call('ingest.read', {});
    expect(refused).toMatchObject([{ name: 'Studio', refusal, detail }]);
  };
  await vi.waitFor(look, { timeout: 30_000, interval: 1500 });
}

/** Waits until picture and sound of the program come. `expected`: of the picture, besides. */
export async function mediaOf(host: Person, expected: object = {}): Promise<void> {
  const look = async () => {
    const { tracks, refused } = await host.wire.call('ingest.read', {});
    expect(refused).toEqual([]);
    const [picture, sound] = ['h264', 'opus'].map((codec) => tracks.find((track) => track.codec === codec));
    const shown = { name: 'Studio', isProgram: true, width: 320, height: 180, hasBFrames: false };
    expect(picture).toMatchObject({ ...shown, ...expected });
    expect(picture?.frameRate).toBeGreaterThan(10);
    expect(sound?.bitrate).toBeGreaterThan(20_000);
  };
  await vi.waitFor(look, { timeout: 30_000, interval: 1500 });
}
