import { join } from 'node:path';
import { openRoomStore } from '@amphi/rooms';
import type { TestServer } from './server.ts';

/** Makes a stream key beside the running server, as its host would. */
export function streamKey(server: TestServer, room: string, name = 'Studio'): { id: string; key: string } {
  const store = openRoomStore(join(server.dataDir, 'rooms.db'));
  try {
    return store.streamKeys.create(room, name, Date.now());
  } finally {
    store.close();
  }
}

export type WhipRequest = {
  method?: string;
  key?: string | undefined;
  type?: string;
  body?: string;
  headers?: Record<string, string>;
};

/** One HTTP request of a WHIP or WHEP client; redirects are not followed. */
export function send(url: string, request: WhipRequest = {}): Promise<Response> {
  const { method = 'POST', key, type = 'application/sdp', body, headers } = request;
  return fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': type }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
}

/** The problem details of a refusal. */
export async function problem(response: Response): Promise<{ status: number; detail: string; title: string }> {
  if (response.headers.get('content-type') !== 'application/problem+json') {
    throw new Error(`${response.status} came without problem details: ${await response.text()}`);
  }
  return (await response.json()) as { status: number; detail: string; title: string };
}
