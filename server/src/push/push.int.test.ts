import { type AddressInfo, connect } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { once } from 'node:events';
import { type PushStatus, PushTarget } from '@amphi/egress';
import { systemClock } from '@amphi/rooms';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createHostCheck } from '../net/outbound.ts';
import { look } from '../../test/support/rtmp/look.ts';
import { freePort, hasNginxRtmp, NginxRtmp } from '../../test/support/rtmp/nginx.ts';
import { type Clip, makeClip, ReplayProgram } from '../../test/support/rtmp/replay.ts';
import { createDial } from './dial.ts';

const GOOD = new Set(['first-key-1234', 'second-key-5678']);
const local = createHostCheck({ allowed: ['127.0.0.0/8', 'localhost'], setting: 'push.allowed' });

if (!hasNginxRtmp) console.warn('SKIP: pushing to a real RTMP server. Cure: apt-get install nginx libnginx-mod-rtmp');

describe.skipIf(!hasNginxRtmp)('a program that is pushed to RTMP servers', () => {
  let clip: Clip;
  let server: NginxRtmp;
  let program: ReplayProgram;
  const targets: PushTarget[] = [];
  const closers: (() => void)[] = [];

  beforeAll(async () => {
    clip = await makeClip('320x180');
    server = await NginxRtmp.start(GOOD);
  });
  afterAll(() => server.close());
  afterEach(async () => {
    for (const target of targets.splice(0)) target.stop();
    for (const close of closers.splice(0)) close();
    await program.close();
  });

  function push(url: string, key: string, options: { ca?: string; check?: typeof local } = {}) {
    const seen: PushStatus[] = [];
    const dial = createDial({ check: options.check ?? local, ...(options.ca ? { ca: options.ca } : {}) });
    const target = new PushTarget({
      dial: (signal) => dial(url, signal),
      key,
      program: async () => program,
      clock: systemClock,
      onStatus: (status) => seen.push(status),
    });
    targets.push(target);
    target.start();
    const becomes = (state: PushStatus['state'], timeout = 10_000) =>
      vi.waitFor(() => expect(target.status.state).toBe(state), { timeout, interval: 20 });
    return { target, seen, becomes };
  }

  test('two targets at once get the picture and the sound', async () => {
    program = new ReplayProgram(clip);
    const [first, second] = [push(server.url(), 'first-key-1234'), push(server.url(), 'second-key-5678')];
    await Promise.all([first.becomes('live'), second.becomes('live')]);
    const looks = await Promise.all([...GOOD].map((key) => look(`${server.url()}/${key}`, 2)));
    for (const seen of looks) {
      expect(seen.size).toBe('320x180');
      expect(seen.pictures).toBeGreaterThan(40);
      expect(seen.soundMs).toBeGreaterThan(1500);
    }
    first.target.stop();
    expect(first.target.status.state).toBe('idle');
    expect(program.takers).toBe(1);
  });

  test('an RTMP server of another make takes it as well', async () => {
    program = new ReplayProgram(clip);
    const port = await freePort();
    const url = `rtmp://127.0.0.1:${port}/live/app`;
    const far = look(`${url}/any-key`, 2, ['-listen', '1']);
    const { becomes } = push(url, 'any-key');
    await becomes('live');
    const seen = await far;
    expect(seen.size).toBe('320x180');
    expect(seen.pictures).toBeGreaterThan(40);
    expect(seen.soundMs).toBeGreaterThan(1500);
  });

  test('a wrong key is told within seconds, and not tried for ever', async () => {
    program = new ReplayProgram(clip);
    const begun = performance.now();
    const { target, becomes } = push(server.url(), 'wrong-key-0000');
    await becomes('failed');
    expect(performance.now() - begun).toBeLessThan(5000);
    expect(target.status).toMatchObject({ reason: 'key', retryAt: null });
    const asked = server.asked.length;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(server.asked).toHaveLength(asked);
    expect(program.takers).toBe(0);
  });

  test('a path that the server does not know is told', async () => {
    program = new ReplayProgram(clip);
    const { target, becomes } = push(server.url('nowhere'), 'first-key-1234');
    await becomes('failed');
    expect(target.status.reason).toBe('app');
  });

  test('a key with which somebody publishes already is tried again, and is no wrong key', async () => {
    program = new ReplayProgram(clip);
    const first = push(server.url(), 'first-key-1234');
    await first.becomes('live');
    const second = push(server.url(), 'first-key-1234');
    await second.becomes('retrying');
    expect(second.target.status.reason).toBe('busy');
    first.target.stop();
    await second.becomes('live');
  });

  test('a server that is killed is tried again until it is back', async () => {
    program = new ReplayProgram(clip);
    const { target, becomes } = push(server.url(), 'first-key-1234');
    await becomes('live');
    await server.kill();
    await becomes('retrying');
    expect(target.status.reason).toBe('dropped');
    await vi.waitFor(() => expect(target.status.reason).toBe('unreachable'), { timeout: 5000 });
    await server.up();
    await becomes('live', 15_000);
    expect((await look(`${server.url()}/first-key-1234`, 1)).pictures).toBeGreaterThanOrEqual(15);
  });

  test('another size of the picture is another stream to the same target, without a failure', async () => {
    program = new ReplayProgram(clip);
    const { seen, becomes } = push(server.url(), 'first-key-1234');
    await becomes('live');
    program.change(await makeClip('160x90'));
    await vi.waitFor(() => expect(seen.filter(({ state }) => state === 'live')).toHaveLength(2), { timeout: 8000 });
    expect((await look(`${server.url()}/first-key-1234`, 1)).size).toBe('160x90');
    const states = seen.map(({ state }) => state);
    expect(states).not.toContain('failed');
  });

  describe('over TLS', () => {
    let tls: { port: number; cert: string };

    beforeAll(async () => {
      const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
        extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
      });
      const front = createTlsServer({ cert, key }, (socket) => {
        const behind = connect(server.port, '127.0.0.1');
        socket.pipe(behind).pipe(socket);
        socket.on('error', () => behind.destroy());
        behind.on('error', () => socket.destroy());
      }).listen(0, '127.0.0.1');
      await once(front, 'listening');
      tls = { port: (front.address() as AddressInfo).port, cert };
    });

    test('a certificate that nobody vouches for is refused', async () => {
      program = new ReplayProgram(clip);
      const { target, becomes } = push(`rtmps://localhost:${tls.port}/live`, 'first-key-1234');
      await becomes('failed');
      expect(target.status).toMatchObject({ reason: 'tls', detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    });

    test('one that is trusted is good for its own name only', async () => {
      program = new ReplayProgram(clip);
      const trusted = push(`rtmps://localhost:${tls.port}/live`, 'first-key-1234', { ca: tls.cert });
      await trusted.becomes('live');
      const other = push(`rtmps://127.0.0.1:${tls.port}/live`, 'second-key-5678', { ca: tls.cert });
      await other.becomes('failed');
      expect(other.target.status).toMatchObject({ reason: 'tls', detail: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    });

    test('a server without TLS is no server with TLS', async () => {
      program = new ReplayProgram(clip);
      const { target, becomes } = push(`rtmps://127.0.0.1:${server.port}/live`, 'first-key-1234');
      await becomes('retrying');
      expect(target.status).toMatchObject({ reason: 'unreachable', detail: 'ECONNRESET' });
    });
  });

  test('internal addresses, names that lead there, and names that change are not reached', async () => {
    program = new ReplayProgram(clip);
    let asked = 0;
    // A name that is a public address at first, and the loopback one a moment later.
    const rebinding = createHostCheck({
      allowed: [],
      setting: 'push.allowed',
      resolve: async () => (asked++ === 0 ? ['192.0.2.7', '127.0.0.1'] : ['127.0.0.1']),
    });
    const strict = createHostCheck({ allowed: [], setting: 'push.allowed' });
    for (const [url, check] of [
      [server.url(), strict],
      [`rtmp://localhost:${server.port}/live`, strict],
      [`rtmp://0x7f.1:${server.port}/live`, strict],
      [`rtmp://[::ffff:127.0.0.1]:${server.port}/live`, strict],
      [`rtmp://rebinding.example:${server.port}/live`, rebinding],
    ] as const) {
      const before = server.asked.length;
      const { target, becomes } = push(url, 'first-key-1234', { check });
      await becomes('failed');
      expect(target.status.reason).toBe('internal');
      expect(server.asked).toHaveLength(before);
    }
  });

  test('a port where nobody listens is tried again, and said to be unreachable', async () => {
    program = new ReplayProgram(clip);
    const { target, becomes } = push(`rtmp://127.0.0.1:${await freePort()}/live`, 'first-key-1234');
    await becomes('retrying');
    expect(target.status).toMatchObject({ reason: 'unreachable', detail: 'ECONNREFUSED' });
  });
});
