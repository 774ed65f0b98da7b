import { z } from 'zod';

/** Numbers in a query are text. */
export const count = z.coerce.number().int().min(1);

export const page = {
  /** `next` of the page before. */
  after: z.string().min(1).max(200).optional().describe('`next` of the page before.'),
  limit: count.max(200).default(50).describe('Most entries on the page.'),
};

/** Absent on the last page. */
export const next = z.string().optional().describe('Is `after` of the next page; absent on the last one.');

/** A time, in milliseconds since the epoch. */
export const time = z.number().int().describe('Milliseconds since the epoch.');
