import { afterEach, expect, it, vi } from 'vitest';
import { createRoom, lookupRoom } from './http.ts';

afterEach(() => void vi.unstubAllGlobals());

function answer(status: number, body: unknown) {
  const fetch = vi.fn(() => Promise.resolve(Response.json(body, { status })));
  vi.stubGlobal('fetch', fetch);
  return fetch;
}

it('creates a room', async () => {
  const fetch = answer(201, { id: 'room', url: 'https://x.test/r/room' });
  await expect(createRoom('https://x.test', { id: 'room' })).resolves.toMatchObject({ id: 'room' });
  expect(fetch).toHaveBeenCalledWith(
    new URL('https://x.test/api/rooms'),
    expect.objectContaining({ method: 'POST', body: '{"id":"room"}' }),
  );
});

it('throws the server’s refusal', async () => {
  answer(429, { error: { code: 'rate-limited', message: 'Too many.', retryAfterMs: 9 } });
  await expect(createRoom()).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 9 });
});

it('answers null for a room that is not there', async () => {
  answer(404, { error: { code: 'room-not-found', message: 'No such room.' } });
  await expect(lookupRoom(undefined, 'nope')).resolves.toBeNull();
});

it('says so when the server is not there, or is another one', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('fetch failed')));
  await expect(lookupRoom('https://x.test', 'r')).rejects.toMatchObject({ code: 'internal' });
  answer(500, {});
  await expect(createRoom()).rejects.toThrow('answered 500');
});
