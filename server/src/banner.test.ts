import { expect, test } from 'vitest';
import { banner, pageAddresses } from './banner.ts';
import { type ConfigInput, configSchema } from './config/schema.ts';
import type { RelayStatus } from './turn/relay.ts';

function print(input: ConfigInput, isTls = false, relay: RelayStatus = { state: 'off', urls: [] }) {
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
  expect(text).not.toContain('TURN');
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

test('it says how people behind strict firewalls get in, or why they do not', () => {
  const host = '192.0.2.7';
  const urls = ['stun:192.0.2.7:3478', 'turn:192.0.2.7:3478?transport=udp'];
  expect(print({ host }, true, { state: 'running', urls }).text).toContain(
    'TURN:             turn:192.0.2.7:3478?transport=udp\n',
  );
  const reason = 'Port 3478 is taken: choose another.';
  expect(print({ host }, true, { state: 'failed', urls, reason }).text).toContain(`may not get in. ${reason}`);
  expect(print({ host, iceServers: [{ urls: ['turns:turn.example.org'] }] }, true).text).not.toContain('TURN');
});
