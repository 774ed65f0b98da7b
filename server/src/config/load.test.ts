import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../fatal.ts';
import { loadConfig } from './load.ts';

describe('configuration', () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'amphi-config-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  function load(sources: { file?: unknown; env?: Record<string, string>; args?: string[] } = {}) {
    if (sources.file !== undefined) {
      const text = typeof sources.file === 'string' ? sources.file : JSON.stringify(sources.file);
      writeFileSync(join(dataDir, 'amphi.json'), text);
    }
    return loadConfig({ args: sources.args ?? [], env: { AMPHI_DATA_DIR: dataDir, ...sources.env } });
  }

  test('works without any setting, for this machine only', () => {
    const config = load();
    expect(config).toMatchObject({ host: '127.0.0.1', port: 3000, trustProxy: 0, resumeWindowMs: 60_000, dataDir });
    expect(config.media).toMatchObject({ port: 44_400, codecs: ['vp8', 'h264'], cameraHeight: 720, announced: [] });
    expect(config.media.workers).toBeGreaterThanOrEqual(1);
    expect(config.room).toEqual({ direct: true, capacity: 100, audience: 1000, seats: 10_000 });
  });

  test('the command line wins over the environment, that over the file, that over the defaults', () => {
    const config = load({
      file: { port: 4001, host: '::1', media: { port: 50_001, workers: 3 } },
      env: { AMPHI_PORT: '4002', AMPHI_MEDIA_PORT: '50002' },
      args: ['--port', '4003'],
    });
    expect(config).toMatchObject({ port: 4003, host: '::1', media: { port: 50_002, workers: 3, cameraHeight: 720 } });
  });

  test('reads lists, truth values and JSON from text', () => {
    const iceServers = [{ urls: ['turn:turn.example.org'], username: 'u', credential: 'kT9-vermilion' }];
    const config = load({
      env: {
        AMPHI_MEDIA_ANNOUNCED: '192.0.2.1, 198.51.100.7',
        AMPHI_ROOM_DIRECT: 'off',
        AMPHI_ICE_SERVERS: JSON.stringify(iceServers),
      },
      args: ['--media-codecs=vp9,vp8'],
    });
    expect(config.media).toMatchObject({ announced: ['192.0.2.1', '198.51.100.7'], codecs: ['vp9', 'vp8'] });
    expect(config.room.direct).toBe(false);
    expect(config.iceServers).toEqual(iceServers);
  });

  test.each([
    [['--no-room-direct'], false],
    [['--room-direct=false'], false],
    [['--room-direct'], true],
    [['--room-direct=yes'], true],
  ])('reads the truth value of %j', (args, direct) => {
    expect(load({ env: { AMPHI_ROOM_DIRECT: String(!direct) }, args }).room.direct).toBe(direct);
  });

  test('takes another file when it is named, with paths relative to it', () => {
    const path = join(dataDir, 'other.json');
    writeFileSync(path, JSON.stringify({ port: 4009, tls: { cert: 'a.crt', key: '/etc/b.key' } }));
    const expected = { port: 4009, tls: { cert: join(dataDir, 'a.crt'), key: '/etc/b.key' } };
    expect(load({ args: ['--config', path] })).toMatchObject(expected);
    expect(load({ env: { AMPHI_CONFIG: path } })).toMatchObject(expected);
  });

  test('passes over empty variables and those of others', () => {
    expect(load({ env: { AMPHI_PORT: '', AMPHI_WORKER: 'build', PORT: '1' } }).port).toBe(3000);
  });

  const refusals: [string, Parameters<typeof load>[0], RegExp][] = [
    ['a word for a number', { env: { AMPHI_PORT: 'http' } }, /"port" \(environment variable AMPHI_PORT\) is refused/],
    ['a number out of range', { args: ['--port', '70000'] }, /"port" \(option --port\) is refused: .*65535/],
    ['a wrong type in the file', { file: { media: { workers: 'two' } } }, /"media.workers" \(file .*amphi\.json\)/],
    ['an item of a list', { env: { AMPHI_MEDIA_CODECS: 'vp8,vp7' } }, /"media.codecs" \(environment variable/],
    ['a codec twice', { env: { AMPHI_MEDIA_CODECS: 'vp8,vp8' } }, /named twice/],
    ['what is no truth value', { args: ['--room-direct=perhaps'] }, /"room.direct" .*true or false/],
    ['what is no JSON', { env: { AMPHI_ICE_SERVERS: 'turn:example.org' } }, /"iceServers"/],
    ['an address with a path', { env: { AMPHI_PUBLIC_URL: 'https://example.org/meet' } }, /"publicUrl".*origin/],
    ['an unknown variable', { env: { AMPHI_PROT: '1' } }, /Unknown setting AMPHI_PROT .*did you mean AMPHI_PORT\?/],
    ['an unknown option', { args: ['--prot', '1'] }, /Unknown option --prot \(did you mean --port\?\)/],
    ['an option without value', { args: ['--port'] }, /--port needs a value/],
    ['an argument that is no option', { args: ['lab'] }, /command line/],
    ['an unknown key', { file: { media: { prot: 1 } } }, /Unknown setting "media.prot" in .*did you mean media.port\?/],
    ['an unknown group', { file: { quantum: { on: true } } }, /Unknown setting "quantum"/],
    ['a value in place of a group', { file: { media: 7 } }, /Unknown setting "media"/],
    ['a file that is no JSON', { file: '{port: 1}' }, /amphi\.json cannot be read/],
    ['a file that is no object', { file: '[]' }, /must hold a JSON object/],
    ['a file that is not there', { args: ['--config', '/nowhere.json'] }, /nowhere\.json does not exist/],
    ['a certificate without key', { env: { AMPHI_TLS_CERT: 'a' } }, /"tls.cert" \(environment .*tls\.key/],
    ['a key without certificate', { env: { AMPHI_TLS_KEY: 'a' } }, /"tls.key" \(environment .*tls\.cert/],
    ['a port that media has', { args: ['--port=44401', '--media-workers=2'] }, /"port" \(option --port\).*media ports/],
    [
      'a short secret of the relay',
      { env: { AMPHI_TURN_SECRET: 'short' } },
      /"turn.secret" \(environment variable AMPHI_TURN_SECRET\) is refused: it is too short, .*openssl rand/,
    ],
    [
      'a secret of the relay that examples have',
      { env: { AMPHI_TURN_SECRET: 'please-changeme-0123456789-now' } },
      /"turn.secret" .*too easy to guess/,
    ],
    [
      'a secret of the relay that repeats itself',
      { file: { turn: { secret: '0123456789abcdef'.repeat(4) } } },
      /"turn.secret" \(file .*too easy to guess/,
    ],
    [
      'a default password of another relay',
      { env: { AMPHI_ICE_SERVERS: '[{"urls":["turn:t.example.org"],"username":"u","credential":"password1"}]' } },
      /"iceServers" \(environment variable AMPHI_ICE_SERVERS\) is refused: it is too easy to guess/,
    ],
    [
      'a storage without its secret',
      {
        env: { AMPHI_RECORDINGS_STORAGE: 's3', AMPHI_S3_BUCKET: 'meet', AMPHI_S3_ACCESS_KEY_ID: 'id' },
        file: { s3: { endpoint: 'https://s3.example.org' } },
      },
      /"s3.secretAccessKey" .* is refused: it is missing, and "recordings.storage" is "s3"/,
    ],
    ['a storage that is no address', { env: { AMPHI_S3_ENDPOINT: 's3.example.org' } }, /"s3.endpoint".*https:/],
    ['a storage with a path', { env: { AMPHI_S3_ENDPOINT: 'https://s3.example.org/meet' } }, /"s3.endpoint".*no path/],
    ['a bucket that cannot be', { env: { AMPHI_S3_BUCKET: 'My Bucket' } }, /"s3.bucket".*lower-case/],
    ['a prefix that begins a path', { env: { AMPHI_S3_PREFIX: '/meet' } }, /"s3.prefix".*amphi\//],
    ['media ports above the last', { args: ['--media-port=65535', '--media-workers=2'] }, /"media.port".*65535/],
  ];

  test.each(refusals)('refuses %s in one sentence that names key and source', (_what, sources, sentence) => {
    const refused = () => load(sources);
    expect(refused).toThrow(ConfigError);
    expect(refused).toThrow(sentence);
  });

  test('a mistake in the configuration is exit code 2', () => {
    expect(new ConfigError('x').exitCode).toBe(2);
  });
});
