import { AmphiError } from '@amphi/protocol';
import type { Endpoint } from '@amphi/protocol/api';
import { noSuchRoom } from '@amphi/rooms';
import type { Context } from 'hono';
import type { z } from 'zod';
import { readJson } from '../json.ts';
import type { Kept } from './idempotency.ts';

/** What a request says, as its endpoint declares it. Rejects with what is wrong. */
export async function readInput(c: Context, { params, query, body }: Endpoint) {
  const given = c.req.param() as Record<string, string>;
  const parsed = params?.safeParse(given);
  if (parsed && !parsed.success) {
    const isRoom = parsed.error.issues.some(({ path }) => path[0] === 'room');
    throw isRoom ? noSuchRoom() : new AmphiError('not-found', 'there is nothing with this id');
  }
  return {
    params: parsed?.data ?? {},
    query: query ? valid(query, c.req.query()) : {},
    body: body ? valid(body, await readJson(c)) : {},
  };
}

function valid(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AmphiError('bad-request', issue?.message ?? 'not valid', { path: issue?.path.join('.') });
}

/** A handler's answer as it is sent: only what the endpoint declares. */
export function answerOf({ output, status }: Endpoint, answer: unknown): Kept {
  if (!output) return { status: 204, body: '' };
  return { status: status ?? 200, body: JSON.stringify(output.parse(answer)) };
}
