import { describe, expect, test } from 'vitest';
import { readPushAddress } from './address.ts';

describe('the address of an RTMP server', () => {
  test.each([
    ['rtmp://live.twitch.tv/app', 'live.twitch.tv', 1935, 'app', 'rtmp://live.twitch.tv/app'],
    ['rtmps://a.rtmps.youtube.com/live2', 'a.rtmps.youtube.com', 443, 'live2', 'rtmps://a.rtmps.youtube.com/live2'],
    [
      'rtmps://live-api-s.facebook.com:443/rtmp/',
      'live-api-s.facebook.com',
      443,
      'rtmp',
      'rtmps://live-api-s.facebook.com:443/rtmp',
    ],
    ['rtmp://Example.ORG:80/a/b?token=1', 'example.org', 80, 'a/b?token=1', 'rtmp://example.org:80/a/b?token=1'],
    ['rtmp://[2001:db8::1]:1936/live', '2001:db8::1', 1936, 'live', 'rtmp://[2001:db8::1]:1936/live'],
    // However an address is written, it is looked at in one form.
    ['rtmp://0x7f.1/live', '127.0.0.1', 1935, 'live', 'rtmp://127.0.0.1/live'],
  ])('%s is understood', (text, host, port, app, tcUrl) => {
    expect(readPushAddress(text)).toEqual({ isTls: text.startsWith('rtmps'), host, port, app, tcUrl });
  });

  test.each([
    'http://example.org/live',
    'rtmpt://example.org/live',
    'rtmp://example.org',
    'rtmp://example.org/',
    'rtmp:///live',
    'rtmp://user:secret@example.org/live',
    'rtmp://example.org/live swfUrl=http://10.0.0.1',
    'rtmp://example.org:99999/live',
    'rtmp://example.org:0/live',
    'file:///etc/passwd',
    '-i /etc/passwd',
    'rtmp://example.org/live\nx',
    '',
  ])('%j is refused', (text) => {
    expect(() => readPushAddress(text)).toThrow('address');
  });
});
