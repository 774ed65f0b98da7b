// Publishes a film with FFmpeg 8: node ffmpeg8.ts whip|flv <film> <url> [<key>]. Ends with the film, or when killed.
import { setTimeout as sleep } from 'node:timers/promises';
import { Demuxer, Muxer } from 'node-av/api';

const [, , format = '', path = '', url = '', key] = process.argv;
const input = await Demuxer.open(path);
const output = await Muxer.open(url, {
  format,
  input,
  ...(key === undefined ? {} : { options: { authorization: key } }),
});
const indexes = new Map<number, number>();
for (const stream of [input.video(), input.audio()]) if (stream) indexes.set(stream.index, output.addStream(stream));

let startedAt: number | undefined;
for await (const packet of input.packets()) {
  if (!packet) break;
  const index = indexes.get(packet.streamIndex);
  if (index === undefined) continue;
  const { num, den } = packet.timeBase;
  const at = (Number(packet.dts) * num * 1000) / den;
  if (startedAt === undefined) {
    startedAt = performance.now() - at;
    console.log('publishing');
  }
  await sleep(Math.max(0, startedAt + at - performance.now()));
  await output.writePacket(packet, index);
}
await output.close();
