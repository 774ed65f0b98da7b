import { AmphiError } from '@amphi/protocol';
import type { Context } from 'hono';

/** A request's body; an empty one is an empty object. Rejects with `bad-request`. */
export async function readJson(c: Context): Promise<unknown> {
  const text = await c.req.text();
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new AmphiError('bad-request', 'the body is not JSON');
  }
}
