import { createHmac, randomBytes } from 'node:crypto';
import { expect, test } from './harness/fixtures.ts';
import { secretsIn } from './harness/log-scan.ts';

// Every server of the browser tests has its whole log scanned when it ends. These show that the scan finds things.

const planted: [string, string][] = [
  ['a resume token', randomBytes(32).toString('base64url').replace(/^.{3}/, 'aB1')],
  ['a host key', randomBytes(24).toString('base64url').replace(/^.{3}/, 'aB1')],
  ['a key of secrets.json', randomBytes(32).toString('hex')],
  ['a TURN password', createHmac('sha1', 'key').update('1790000000:abcdefghijklmnop').digest('base64')],
  ['a TURN user name', '1790000000:abcdefghijklmnop'],
  ['a pass', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJndWVzdCJ9.c2lnbmF0dXJl'],
  ['a host link', 'http://localhost/r/lab#host=abc'],
  ['a token in a query', '/socket.io/?EIO=4&token=abc'],
  ['an authorization header', 'Bearer abcdefgh12'],
  ['an admin cookie', 'amphi-admin=x'],
];

for (const [what, secret] of planted) {
  test(`the scan of logs finds ${what}`, () => {
    expect(secretsIn(`{"level":30,"sessionId":"AbCdEfGh12345678","msg":"${secret}"}\n`)).not.toEqual([]);
  });
}

test('the scan of logs takes what belongs there for no secret', () => {
  const log = [
    '{"level":30,"time":1790000000000,"pid":1,"hostname":"Host-01","sessionId":"AbCd_fGh1-345678","roomId":"babab-dudod-fifif-gugug-hahah","msg":"session began"}',
    '{"level":50,"requestId":"0190a7e4-7d6c-4c52-9c6e-3f0e2d1c4b5a","err":{"stack":"at startTestServer2 (/srv/amphi/Node_modules/mediasoup/node/lib/WebRtcTransport.js:12:3)"}}',
    '  Admin page:       /admin, with the "adminSecret" from /srv/amphi/data/secrets.json',
  ].join('\n');
  expect(secretsIn(log)).toEqual([]);
  expect(secretsIn(`${log} the-password`, ['the-password'])).toHaveLength(1);
});
