/**
 * `node bench/recording.ts [seconds] [people]`: what it costs to record people who send 720p30 in VP8 with Opus, and to make
 * a film of it, beside ffmpeg doing the same by hand. The same packets come over UDP in real time to both. Prints
 * processor seconds and ratios, and judges nothing.
 *
 * `node bench/recording.ts --minutes N`: how far sound and picture are apart in recordings of that length, made in real time.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { TapSink } from '@amphi/rooms';
import { camera, startRoom } from '@amphi/rooms/testing';
import { compose } from '../egress/src/compose/compose.ts';
import { createRecorder } from '../egress/src/recorder/recorder.ts';
import { measureSync } from './recording/sync.ts';

const { values, positionals } = parseArgs({ options: { minutes: { type: 'string' } }, allowPositionals: true });
const SECONDS = Number(positionals[0] ?? 10);
/** The room of the bench has three places. */
const PEOPLE = Math.min(3, Number(positionals[1] ?? 2));
const PORT = 40_000;
const TICKS_PER_SECOND = 100;

type Kind = 'audio' | 'video';
const portOf = (person: number, kind: Kind) => PORT + person * 8 + (kind === 'video' ? 0 : 4);

/** Processor seconds of this process; or of its children that have ended (proc(5): cutime and cstime). */
function ownCpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
function childrenCpu(): number {
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

async function ended(child: ChildProcess): Promise<void> {
  const [code] = child.exitCode === null ? ((await once(child, 'exit')) as [number | null]) : [child.exitCode];
  if (code !== 0 && code !== 255) throw new Error(`ffmpeg ended with ${code}`);
}

function ffmpeg(args: readonly string[], cwd: string): ChildProcess {
  return spawn('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Sends the clip as somebody's tracks, in real time. */
function sender(folder: string, person: number): ChildProcess {
  const to = (kind: Kind) => `rtp://127.0.0.1:${portOf(person, kind)}?pkt_size=1200`;
  const video = ['-map', '0:v', '-c', 'copy', '-f', 'rtp', to('video')];
  return ffmpeg(['-re', '-i', 'clip.webm', ...video, '-map', '0:a', '-c', 'copy', '-f', 'rtp', to('audio')], folder);
}

/** Hands what comes to a port to a tap's sink. */
async function listen(person: number, kind: Kind, sink: TapSink): Promise<() => void> {
  const socket = createSocket('udp4');
  const [mimeType, clockRate] = kind === 'video' ? ['video/VP8', 90_000] : ['audio/opus', 48_000];
  socket.once('message', (packet) => {
    const codec = {
      mimeType,
      clockRate,
      payloadType: (packet[1] ?? 0) & 0x7f,
      ...(kind === 'audio' ? { channels: 2 } : {}),
    };
    const encodings = [{ ssrc: packet.readUInt32BE(8) }];
    sink.started({ kind, paused: false, rtpParameters: { codecs: [codec], encodings } });
  });
  socket.on('message', (packet) => sink.rtp(packet));
  socket.bind(portOf(person, kind), '127.0.0.1');
  await once(socket, 'listening');
  socket.setRecvBufferSize(1 << 22);
  return () => socket.close();
}

/** Records with our recorder; answers its processor seconds and the recording. */
async function record(folder: string) {
  const lab = await startRoom();
  const recorder = createRecorder({ folder, room: () => lab.room, logger: lab.logger, minFreeBytes: 0 });
  const tracks: { person: number; kind: Kind; id: string }[] = [];
  for (let person = 0; person < PEOPLE; person++) {
    const { producerId, send } = await lab.joinWithCamera(`person ${person}`);
    const microphone = { ...camera(send, randomUUID()), source: 'microphone', kind: 'audio' } as const;
    await lab.room.tracks.create(`person ${person}`, microphone);
    tracks.push({ person, kind: 'video', id: producerId }, { person, kind: 'audio', id: microphone.producerId });
  }
  const recording = await recorder.start({
    ...{ roomId: 'lab', startedBy: { name: 'Bench' }, policy: 'tell', consentOf: () => 'given', onEnd: () => {} },
  });
  const sinkOf = (id: string) => [...lab.media.taps].find((tap) => tap.producerId === id)?.sink;
  const closers = await Promise.all(
    tracks.flatMap(({ person, kind, id }) => {
      const sink = sinkOf(id);
      return sink ? [listen(person, kind, sink)] : [];
    }),
  );
  const before = ownCpu();
  await Promise.all(Array.from({ length: PEOPLE }, (_, person) => ended(sender(folder, person))));
  await recording.stop();
  const cpu = ownCpu() - before;
  for (const close of closers) close();
  return { cpu, manifest: recording.manifest, path: recorder.folderOf(recording.manifest.id) ?? '' };
}

/** Records with an ffmpeg for each person, as one would by hand; answers their processor seconds. */
async function recordByHand(folder: string): Promise<number> {
  const before = childrenCpu();
  const receivers: ChildProcess[] = [];
  for (let person = 0; person < PEOPLE; person++) {
    const media = (kind: Kind, map: string) => `m=${kind} ${portOf(person, kind)} RTP/AVP ${map}`;
    const sdp = ['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'];
    sdp.push(media('video', '96'), 'a=rtpmap:96 VP8/90000', media('audio', '97'), 'a=rtpmap:97 opus/48000/2', '');
    await writeFile(join(folder, `${person}.sdp`), sdp.join('\r\n'));
    // It says that nothing comes any more, which is how it ends.
    const input = ['-v', 'fatal', '-protocol_whitelist', 'file,udp,rtp', '-i', `${person}.sdp`];
    receivers.push(ffmpeg([...input, '-c', 'copy', `hand-${person}.webm`], folder));
  }
  await sleep(1000);
  const sending = childrenCpu();
  await Promise.all(Array.from({ length: PEOPLE }, (_, person) => ended(sender(folder, person))));
  const senders = childrenCpu() - sending;
  for (const receiver of receivers) receiver.kill('SIGINT');
  await Promise.all(receivers.map(ended));
  return childrenCpu() - before - senders;
}

async function measured(work: () => Promise<unknown>): Promise<number> {
  const before = childrenCpu();
  await work();
  return childrenCpu() - before;
}

/** One graph over all files, with the encoder's settings of our films; without names, chapters, or changes of layout. */
function composeByHand(files: readonly string[], sounds: readonly string[], folder: string): Promise<void> {
  const width = Math.floor(1280 / files.length / 2) * 2;
  const scaled = files.map((_, n) => `[${n}:v]fps=30,scale=${width}:-2,pad=${width}:720:-1:-1[v${n}]`);
  const pads = files.map((_, n) => `[v${n}]`).join('');
  const picture = files.length > 1 ? `${pads}hstack=inputs=${files.length}[v]` : `${pads}null[v]`;
  const heard = sounds.map((_, n) => `[${files.length + n}:a]`).join('');
  const mix = `${heard}amix=inputs=${sounds.length}:normalize=0[a]`;
  const inputs = [...files, ...sounds].flatMap((file) => ['-i', file]);
  const encoders = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-bf', '0', '-pix_fmt', 'yuv420p'];
  const maps = ['-map', '[v]', '-map', '[a]', ...encoders, '-c:a', 'aac', '-b:a', '128k', '-movflags', '+faststart'];
  return ended(
    ffmpeg([...inputs, '-filter_complex', [...scaled, picture, mix].join(';'), ...maps, 'hand.mp4'], folder),
  );
}

async function measureCost(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'amphi-bench-'));
  try {
    const picture = ['-f', 'lavfi', '-i', `testsrc2=s=1280x720:r=30:d=${SECONDS}`];
    const sound = ['-f', 'lavfi', '-i', `sine=f=440:r=48000:d=${SECONDS}`];
    const vp8 = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-g', '60', '-b:v', '2500k'];
    await ended(ffmpeg([...picture, ...sound, ...vp8, '-c:a', 'libopus', 'clip.webm'], folder));

    const ours = await record(folder);
    const byHand = await recordByHand(folder);
    const core = (cpu: number) => (cpu / SECONDS / PEOPLE).toFixed(4);
    console.log(`recording ${PEOPLE} people for ${SECONDS} s, 720p30 of 2.5 Mbit/s with sound`);
    console.log(`  cores for each person: ${core(ours.cpu)}; ffmpeg by hand: ${core(byHand)}`);
    console.log(`  ratio: ${(ours.cpu / byHand).toFixed(2)}`);

    const { manifest, path } = ours;
    const filesOf = (kind: Kind) =>
      manifest.tracks.flatMap((track) => (track.kind === kind ? track.parts.map(({ file }) => file) : []));
    const film = await measured(() =>
      compose({ manifest, folder: path, layout: 'grid', height: 720, output: 'film.mp4' }),
    );
    const filmByHand = await measured(() => composeByHand(filesOf('video'), filesOf('audio'), path));
    const minute = (cpu: number) => ((cpu * 60) / SECONDS).toFixed(1);
    console.log(`a film of ${PEOPLE} people, 720p30`);
    console.log(`  processor seconds for each minute: ${minute(film)}; ffmpeg by hand: ${minute(filmByHand)}`);
    console.log(`  ratio: ${(film / filmByHand).toFixed(2)}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (values.minutes === undefined) await measureCost();
else await measureSync(Number(values.minutes));
