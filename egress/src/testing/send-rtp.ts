import { execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';

/** Encodes into a file with ffmpeg, then has ffmpeg's RTP muxer send what is in it; answers the packets. */
export async function sendRtp(media: { input: string[]; encoder: string[] }, file: string): Promise<Buffer[]> {
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...media.input, ...media.encoder, '-bitexact', file]);
  const socket = createSocket('udp4');
  const packets: Buffer[] = [];
  // RTCP comes to the next port, where nobody listens.
  socket.on('message', (packet) => packets.push(packet));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.setRecvBufferSize(1 << 20);
  const { port } = socket.address() as AddressInfo;
  // VP9 over RTP is experimental in ffmpeg 5.
  const output = ['-c', 'copy', '-strict', 'experimental', '-f', 'rtp', `rtp://127.0.0.1:${port}?pkt_size=1200`];
  const sender = spawn('ffmpeg', ['-v', 'error', '-re', '-i', file, ...output], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(sender, 'exit')) as [number];
  socket.close();
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
  return packets;
}
