import { createHmac } from 'node:crypto';

export type TurnCredentials = { username: string; credential: string };

/**
 * Credentials for one session that expire by themselves (draft-uberti-behave-turn-rest-00): the relay knows the secret,
 * and so needs to be told of nobody. `expiresAt` in milliseconds since 1970.
 */
export function turnCredentials(secret: string, sessionId: string, expiresAt: number): TurnCredentials {
  const username = `${Math.floor(expiresAt / 1000)}:${sessionId}`;
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') };
}
