/**
 * `node bench/live.ts [cost | delay] [--codec vp8] [--height 720] [--viewers 10]`: what an event costs the server, for each
 * viewer and for each megabit that is forwarded; and how late its audience sees it over WebRTC, WHEP and low-latency HLS, and
 * how soon after the link. Prints figures and judges nothing. H.264 needs no transcoding, VP8 does.
 */
import { parseArgs } from 'node:util';
import { measureCost } from './live/cost.ts';
import { measureDelay } from './live/delay.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    codec: { type: 'string', default: 'h264' },
    // Two cores have to encode it, and to decode and draw it, all in software.
    height: { type: 'string', default: '360' },
    viewers: { type: 'string', default: '10' },
  },
});
const [only] = positionals;
if (only !== 'delay') await measureCost(Number(values.viewers));
if (only !== 'cost')
  await measureDelay({ codec: values.codec === 'vp8' ? 'VP8' : 'H264', height: Number(values.height) });
process.exit(0);
