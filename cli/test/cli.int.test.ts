import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../src/main.ts';
import { Cast } from '../../server/test/support/cast.ts';
import { keepRecording } from '../../server/test/support/kept-recording.ts';
import { Receiver } from '../../server/test/support/receiver.ts';
import { startTestServer, type TestServer } from '../../server/test/support/server.ts';

const BIN = join(import.meta.dirname, '..', 'bin', 'amphi.mjs');

describe('amphi', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ webhooks: { allowed: ['127.0.0.1'] } });
  });
  afterAll(() => server.close());

  async function amphi(line: string[], env: Record<string, string> = { AMPHI_DATA_DIR: server.dataDir }) {
    let [out, err] = ['', ''];
    const code = await main(line, { env, out: (text) => (out += text), err: (text) => (err += text) });
    return { code, out, err };
  }
  async function json<T = Record<string, unknown>>(...line: string[]): Promise<T> {
    const { code, out, err } = await amphi([...line, '--json']);
    expect([code, err], line.join(' ')).toEqual([0, '']);
    return JSON.parse(out) as T;
  }

  test('makes, shows, changes, ends and deletes a room', async () => {
    const made = await json('rooms', 'create', 'cli-room', '--lobby', 'yes', '--capacity', '5');
    expect(made).toMatchObject({ id: 'cli-room', policy: { lobby: true, capacity: 5 } });
    expect((await amphi(['rooms', 'list'])).out).toMatch(/^cli-room +0 .* lobby$/m);
    expect((await amphi(['rooms', 'show', 'cli-room'])).out).toMatch(/^capacity +5$/m);
    const changed = await json('rooms', 'set', 'cli-room', '--lobby', 'no', '--locked', 'yes');
    expect(changed).toMatchObject({ policy: { lobby: false, locked: true, capacity: 5 } });
    expect(await amphi(['rooms', 'end', 'cli-room'])).toMatchObject({ code: 0, out: 'Ended.\n' });
    expect(await amphi(['rooms', 'delete', 'cli-room'])).toMatchObject({ code: 0, out: 'Deleted.\n' });
    const gone = await amphi(['rooms', 'show', 'cli-room']);
    expect(gone).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^Refused, room-not-found: .+\.\n$/) });
  });

  test('acts on the people of a room', async () => {
    const room = await server.createRoom();
    const cast = new Cast(server);
    const bob = await cast.join(room, { name: 'Bob' });
    await bob.publishMicrophone();
    expect((await amphi(['members', 'list', room])).out).toMatch(new RegExp(`^${bob.id} +Bob +speaker +guest:`, 'm'));
    expect((await amphi(['members', 'mute', room, bob.id])).code).toBe(0);
    expect(await bob.wire.take('self.muted')).toMatchObject({ sources: ['microphone'] });
    expect(await json('members', 'role', room, bob.id, 'viewer')).toMatchObject({ role: 'viewer' });
    expect((await amphi(['members', 'remove', room, bob.id, '--ban'])).out).toBe('Removed and banned.\n');
    const { bans } = await json<{ bans: { id: string }[] }>('bans', 'list', room);
    expect(bans).toMatchObject([{ name: 'Bob' }]);
    expect((await amphi(['bans', 'lift', room, bans[0]?.id ?? ''])).code).toBe(0);
    expect((await amphi(['bans', 'add', room, 'user:eve'])).out).toMatch(/^Banned: /);
    const log = (await amphi(['audit', '--room', room])).out;
    for (const action of ['moderate.mute', 'member.setRole', 'moderate.remove', 'moderate.unban', 'moderate.ban']) {
      expect(log).toContain(action);
    }
    const lines = (await amphi(['audit', 'export', '--room', room])).out.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { action: string }).action).at(-1)).toBe('moderate.mute');
    cast.leave();
  });

  test('shows, shares and deletes what was recorded', async () => {
    const room = await server.createRoom();
    const { id, file } = await keepRecording(server, room);
    expect((await amphi(['recordings', 'list', room])).out).toMatch(
      new RegExp(`^${id} .* 0:00:01 .* complete .* Ada$`, 'm'),
    );
    const { url } = await json<{ url: string }>('recordings', 'link', room, id, file);
    expect((await fetch(url)).status).toBe(200);
    const share = await json<{ id: string }>('recordings', 'share', room, id, '--days', '1', '--tracks');
    expect((await amphi(['recordings', 'shares', room, id])).out).toMatch(
      new RegExp(`^${share.id} +admin .* no$`, 'm'),
    );
    expect((await amphi(['recordings', 'unshare', room, id, share.id])).out).toBe('Revoked.\n');
    expect((await amphi(['recordings', 'film', room, id, 'mosaic'])).code).toBe(1);
    expect((await amphi(['recordings', 'remove', room, id])).out).toBe('Deleted.\n');
    expect((await amphi(['recordings', 'list', room])).out).toBe('Nothing was recorded.\n');
    expect(await json('rooms', 'set', room, '--recording-days', '5')).toMatchObject({ policy: { recordingDays: 5 } });
    expect(await json('rooms', 'set', room, '--recording-days', '0')).toMatchObject({
      policy: { recordingDays: null },
    });
  });

  test('makes tokens, and keys that open from elsewhere until they are revoked', async () => {
    const room = await server.createRoom();
    const token = await json(
      'tokens',
      'create',
      room,
      '--user',
      '42',
      '--role',
      'host',
      '--deny',
      'record',
      '--minutes',
      '5',
    );
    expect(token).toMatchObject({ identity: 'user:42', url: expect.stringContaining('#token=ey') });
    const key = await json<{ id: string; key: string }>('keys', 'create', 'shop', '--scope', 'rooms.read,tokens');
    expect(key).toMatchObject({ scopes: ['rooms.read', 'tokens'] });

    const elsewhere = { AMPHI_URL: server.url, AMPHI_API_KEY: key.key };
    expect(await amphi(['rooms', 'show', room], elsewhere)).toMatchObject({ code: 0 });
    const refused = await amphi(['rooms', 'end', room], elsewhere);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('a key that is good for rooms.write') });
    const folder = mkdtempSync(join(tmpdir(), 'amphi-cli-'));
    writeFileSync(join(folder, 'key'), `${key.key}\n`);
    const byFile = ['rooms', 'show', room, '--server', server.url, '--key-file', join(folder, 'key')];
    expect(await amphi(byFile, {})).toMatchObject({ code: 0 });
    rmSync(folder, { recursive: true });

    expect((await amphi(['keys', 'list'])).out).toMatch(new RegExp(`^${key.id} +shop +rooms.read,tokens`, 'm'));
    expect(await amphi(['keys', 'revoke', key.id])).toMatchObject({ code: 0, out: 'Revoked.\n' });
    expect(await amphi(byFile.slice(0, 5), elsewhere)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/unauthorized/),
    });
  });

  test('manages webhooks', async () => {
    const made = await json<{ id: string }>('webhooks', 'create', 'http://127.0.0.1:9/', '--event', 'room.opened');
    expect(made).toMatchObject({ events: ['room.opened'], secret: expect.stringMatching(/^whsec_/) });
    expect((await amphi(['webhooks', 'test', made.id])).code).toBe(0);
    await expect
      .poll(async () => (await amphi(['webhooks', 'deliveries', made.id])).out)
      .toMatch(/webhook\.test +pending +1 +ECONNREFUSED/);
    expect((await amphi(['webhooks', 'list'])).out).toMatch(/failing since/);
    expect((await amphi(['webhooks', 'enable', made.id])).code).toBe(0);
    expect((await amphi(['webhooks', 'delete', made.id])).code).toBe(0);
    const refused = await amphi(['webhooks', 'create', 'https://10.0.0.1/']);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('internal address') });
  });

  test.each([
    [['rooms'], 2, 'There is: amphi rooms list'],
    [['dance'], 2, 'See: amphi --help'],
    [['rooms', 'show'], 2, 'Usage: amphi rooms show <room>'],
    [['rooms', 'list', '--limit', 'x'], 1, 'bad-request'],
    [['audit', '--since', 'monday'], 2, '--since wants a day'],
    [['rooms', 'list', '--server', 'http://127.0.0.1:9'], 1, 'There is no key'],
    [['rooms', 'list', '--key-file', '/nowhere'], 1, '/nowhere cannot be read'],
    [['rooms', 'list', '--server', 'x y'], 2, 'is no address'],
  ])('%j is refused with exit code %d', async (line, code, sentence) => {
    const answer = await amphi(line);
    expect(answer).toMatchObject({ code, out: '' });
    expect(answer.err).toContain(sentence);
  });

  test('says that nobody is there', async () => {
    const receiver = new Receiver();
    const port = await receiver.listen();
    receiver.close();
    const nobody = await amphi(['rooms', 'list'], {
      ...{ AMPHI_URL: `http://127.0.0.1:${port}`, AMPHI_API_KEY: 'amphi_x' },
    });
    expect(nobody).toMatchObject({ code: 1, err: expect.stringContaining('cannot be reached (ECONNREFUSED)') });
  });

  test('is a program, which finds the server of a data folder', async () => {
    const child = spawn(process.execPath, [BIN, 'rooms', 'list', '--json', '--data-dir', server.dataDir]);
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const code = await new Promise((done) => child.once('close', done));
    expect([code, JSON.parse(out)]).toEqual([0, { rooms: expect.any(Array) }]);
  });

  test('trusts the self-signed certificate of the server on this machine, and no other', async () => {
    const secure = await startTestServer({ host: '0.0.0.0', turn: { mode: 'off' } });
    const run = (args: string[], env: Record<string, string>) => {
      const child = spawn(process.execPath, [BIN, 'rooms', 'list', ...args], { env: { ...process.env, ...env } });
      let text = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      return new Promise<[number, string]>((done) => child.once('close', (code) => done([code ?? -1, text])));
    };
    expect(await run(['--data-dir', secure.dataDir], {})).toEqual([0, 'There are no rooms.\n']);
    const [code, text] = await run(['--server', secure.url], { AMPHI_API_KEY: 'amphi_x' });
    expect([code, text]).toEqual([1, expect.stringMatching(/cannot be reached \((DEPTH_ZERO_)?SELF_SIGNED_CERT/)]);
    await secure.close();
  });

  test('prints help for all and for one', async () => {
    expect((await amphi(['--help'])).out).toContain('tokens create <room>');
    expect(await amphi(['tokens', 'create', '--help'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/--minutes N/),
    });
  });
});
