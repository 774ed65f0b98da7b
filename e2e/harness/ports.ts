import { createServer } from 'node:net';

/** Below the range from which the kernel takes ports for outgoing connections. */
const FIRST = 20_000;
const LAST = 32_000;

/** The first of `count` neighbouring TCP ports that nobody uses at the moment, at a random place. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    const checks = Array.from({ length: count }, (_, index) => isFree(first + index));
    if ((await Promise.all(checks)).every(Boolean)) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
