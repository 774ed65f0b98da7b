import type { ErrorBody } from '@amphi/protocol';
import type { ApiRecording, ApiShare, SharedRecording } from '@amphi/protocol/api';
import { credentialsFor } from '../credentials.ts';

/** The server refused, with this code, or was not reached (`unreachable`). */
export class RequestError extends Error {
  readonly code: ErrorBody['code'] | 'unreachable';

  constructor(code: RequestError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export type NewShare = { days: number; password?: string; tracks: boolean };
export type FilmChoice = { layout: 'grid' | 'speaker' | 'screen' | 'audio'; height: 720 | 1080 };

/** What was recorded of a room, as whoever this browser is there. Rejects with RequestError. */
export function recordingsOf(room: string) {
  const base = `/api/rooms/${encodeURIComponent(room)}/recordings`;
  const headers = authorization(room);
  const call = <T = void>(method: string, path = '', body?: object) => ask<T>(method, base + path, headers, body);
  return {
    async list(): Promise<ApiRecording[]> {
      const all: ApiRecording[] = [];
      let after = '';
      do {
        const page = await call<{ recordings: ApiRecording[]; next?: string }>('GET', `?limit=200${after}`);
        all.push(...page.recordings);
        after = page.next === undefined ? '' : `&after=${page.next}`;
      } while (after !== '');
      return all;
    },
    /** An address of a file that is good for some minutes: of this origin, whatever the server is called elsewhere. */
    async link(id: string, file: string): Promise<string> {
      const { url } = await call<{ url: string }>('POST', `/${id}/links`, { file });
      const { pathname, search } = new URL(url);
      return pathname + search;
    },
    film: (id: string, choice: FilmChoice) => call('POST', `/${id}/films`, choice),
    remove: (id: string) => call('DELETE', `/${id}`),
    shares: async (id: string) => (await call<{ shares: ApiShare[] }>('GET', `/${id}/shares`)).shares,
    share: (id: string, share: NewShare) => call<ApiShare & { url: string }>('POST', `/${id}/shares`, share),
    revoke: (id: string, share: string) => call('DELETE', `/${id}/shares/${share}`),
  };
}
export type RoomRecordings = ReturnType<typeof recordingsOf>;

/** What a share's link leads to. Rejects with RequestError. */
export function openShare(id: string, secret: string, password?: string): Promise<SharedRecording> {
  return ask('POST', `/api/shares/${encodeURIComponent(id)}`, {}, { secret, ...(password ? { password } : {}) });
}

function authorization(room: string): Record<string, string> {
  const { hostKey, token, pass } = credentialsFor(room);
  if (hostKey !== undefined) return { authorization: `Host ${hostKey}` };
  const bearer = token ?? pass;
  return bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
}

async function ask<T>(method: string, path: string, headers: Record<string, string>, body?: object): Promise<T> {
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(path, {
      method,
      headers: body ? { ...headers, 'content-type': 'application/json' } : headers,
      signal: AbortSignal.timeout(15_000),
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    text = await answer.text();
  } catch {
    throw new RequestError('unreachable', '');
  }
  if (!answer.ok) throw errorOf(text);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

function errorOf(text: string): RequestError {
  try {
    const { error } = JSON.parse(text) as { error: ErrorBody };
    return new RequestError(error.code, error.message);
  } catch {
    return new RequestError('unreachable', '');
  }
}
