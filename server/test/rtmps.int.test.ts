import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { generate } from 'selfsigned';
import { afterAll, expect } from 'vitest';
import { hasFfmpeg } from './support/ffmpeg-publisher.ts';
import { testWithServer } from './support/fixtures.ts';
import { freePort } from './support/rtmp/nginx.ts';
import { mediaOf, publishTo } from './support/studio.ts';
import { streamKey } from './support/whip.ts';

const folder = mkdtempSync(join(tmpdir(), 'amphi-rtmps-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const made = await generate([{ name: 'commonName', value: 'rtmps test' }], {
  ...{ keyType: 'ec', curve: 'P-256', algorithm: 'sha256' },
  extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
});
const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
writeFileSync(cert, made.cert);
writeFileSync(key, made.private);
// What this process opens as people do is checked as well.
setDefaultCACertificates([...getCACertificates(), made.cert]);

const tlsPort = await freePort();
const test = testWithServer({ rtmp: { port: 0, tlsPort }, tls: { cert, key } });

test.skipIf(!hasFfmpeg)(
  'what ffmpeg publishes by RTMPS arrives, with the certificate of the web server',
  { timeout: 60_000 },
  async ({ server, cast }) => {
    const room = await server.createRoom();
    const host = await cast.host(room, { name: 'Hanna' });
    expect((await host.wire.call('live.keys', {})).rtmp).toEqual({ port: null, tlsPort });
    const address = `127.0.0.1:${tlsPort}/live/${streamKey(server, room).key}`;
    const ffmpeg = publishTo(`rtmps://${address}`);
    await host.wire.take('producer.added');
    await mediaOf(host);
    await ffmpeg.stop();
    await host.wire.take('member.left');
    // In clear, nothing is taken there.
    const clear = publishTo(`rtmp://${address}`);
    expect(await clear.ended()).not.toBe(0);
  },
);
