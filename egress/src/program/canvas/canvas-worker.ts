// The thread of a canvas: raw pictures are too much for the one that serves everybody.
import { parentPort, workerData } from 'node:worker_threads';
import { Compositor } from './compositor.ts';
import { type CanvasSetup, type FromCanvas, threadsNowMs, type ToCanvas } from './messages.ts';

const { originUs, ...setup } = workerData as CanvasSetup;
const port = parentPort;
if (!port) throw new Error('this file is for a worker thread');
const tell = (message: FromCanvas) => port.postMessage(message);
const log = (level: 'debug' | 'info' | 'warn' | 'error') => (details: object, message: string) =>
  tell({ type: 'log', level, details, message });

const compositor = new Compositor({
  ...setup,
  nowUs: () => originUs + threadsNowMs() * 1000,
  onNeedsKeyFrame: (id) => tell({ type: 'needs-key-frame', id }),
  onConfig: (config) => tell({ type: 'config', config }),
  onFrame: (frame) => tell({ type: 'frame', ...frame }),
  onFailure: (failures) => tell({ type: 'failure', failures }),
  logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
});

port.on('message', (message: ToCanvas | 'close') => {
  if (message === 'close') {
    compositor.close();
    port.close();
  } else if (message.type === 'place') compositor.place(message.places, message.fromUs);
  else if (message.type === 'shift') compositor.shift(message.id, message.byUs);
  else if (message.type === 'begin') compositor.begin(message.atUs);
  else {
    const { data, config, ...frame } = message.frame;
    // Buffers arrive as plain byte arrays.
    compositor.push(message.id, { ...frame, data: asBuffer(data), config: config && asBuffer(config) });
  }
});

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
