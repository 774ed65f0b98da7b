import type { SessionInfo } from '@amphi/protocol';

/** Who is signed in, as the server knows it; null when it cannot be asked. */
export async function fetchAccount(): Promise<SessionInfo | null> {
  try {
    const response = await fetch('/api/session');
    return response.ok ? ((await response.json()) as SessionInfo) : null;
  } catch {
    return null;
  }
}

/** The address at which to sign in, with the way back to this page. */
export function signInPath(path: string, back: string): string {
  return `${path}?${new URLSearchParams({ to: back }).toString()}`;
}

export async function signOut(): Promise<void> {
  await fetch('/auth/logout', { method: 'POST' });
}
