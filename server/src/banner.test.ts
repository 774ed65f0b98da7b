import { expect, test } from 'vitest';
import { banner, pageAddresses } from './banner.ts';
import { type ConfigInput, configSchema } from './config/schema.ts';
import type { RelayStatus } from './turn/relay.ts';

const OFF: RelayStatus = { state: 'off', urls: [] };

function print(input: ConfigInput, isTls = false, relay = OFF) {
  const config = configSchema.parse({ dataDir: '/srv/amphi', media: { workers: 2 }, ...input });
  const addresses = pageAddresses(config, config.port, isTls);
  return { addresses, text: banner({ config, addresses, mediaAddresses: ['192.0.2.7'], selfSigned: isTls, relay }) };
}

test('for this machine only it says how to serve others, without a QR code', () => {
  const { addresses, text } = print({});
  expect(addresses).toEqual({ local: 'http://localhost:3000', others: [] });
  expect(text).toContain('http://localhost:3000');
  expect(text).toContain('ports 44400 to 44401 at 192.0.2.7');
  expect(text).toContain('/srv/amphi');
  expect(text).toContain('--host 0.0.0.0');
  expect(text).toContain('TURN');
  expect(text).not.toMatch(/[▀▄█]/);
});

test('for one address it names it once, with a QR code', () => {
  const { addresses, text } = print({ host: '192.0.2.7', port: 443 }, true);
  expect(addresses).toEqual({ local: 'https://192.0.2.7', others: ['https://192.0.2.7'] });
  expect(text.match(/https:\/\/192\.0\.2\.7/g)).toHaveLength(1);
  expect(text).toContain('self-signed');
  expect(text).toMatch(/[▀▄█]/);
});

test('the public address comes first', () => {
  const { addresses } = print({ host: '0.0.0.0', publicUrl: 'https://meet.example.org' }, true);
  expect(addresses.local).toBe('https://localhost:3000');
  expect(addresses.others[0]).toBe('https://meet.example.org');
});

test('behind a proxy it does not call itself local', () => {
  expect(print({ trustProxy: 1 }).text).not.toContain('only this machine');
});

test('with TURN it says nothing of it', () => {
  expect(print({ iceServers: [{ urls: ['turns:turn.example.org'] }] }).text).not.toContain('TURN');
});

test('a relay that runs is named, and one that does not is missed', () => {
  const urls = ['stun:192.0.2.7:3478', 'turn:192.0.2.7:3478?transport=udp'];
  const running = print({}, false, { state: 'running', urls }).text;
  expect(running).toContain('TURN:             turn:192.0.2.7:3478?transport=udp\n');
  expect(running).not.toContain('none configured');
  expect(print({}, false, { state: 'failed', urls }).text).toContain('none configured');
});
