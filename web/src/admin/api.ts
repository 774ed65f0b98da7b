import type { AdminStatus, ErrorBody } from '@amphi/protocol';

/** The server refused, with this code, or was not reached (`unreachable`). */
export class AdminError extends Error {
  readonly code: ErrorBody['code'] | 'unreachable';

  constructor(code: AdminError['code']) {
    super(code);
    this.code = code;
  }
}

export function signIn(secret: string): Promise<void> {
  return ask('POST', 'session', { secret });
}

export function signOut(): Promise<void> {
  return ask('DELETE', 'session');
}

export function readStatus(): Promise<AdminStatus> {
  return ask<AdminStatus>('GET', 'status');
}

export function endRoom(id: string): Promise<void> {
  return ask('POST', `rooms/${encodeURIComponent(id)}/end`);
}

async function ask<T = void>(method: string, path: string, body?: object): Promise<T> {
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(`/api/admin/${path}`, {
      method,
      signal: AbortSignal.timeout(5000),
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
    text = await answer.text();
  } catch {
    throw new AdminError('unreachable');
  }
  if (!answer.ok) throw new AdminError(codeOf(text));
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

function codeOf(text: string): AdminError['code'] {
  try {
    return (JSON.parse(text) as { error: ErrorBody }).error.code;
  } catch {
    return 'unreachable';
  }
}
