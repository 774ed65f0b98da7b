import { z } from 'zod';
import { auditEntry } from '../access.ts';
import { roomId } from '../model.ts';
import { endpoint } from './define.ts';
import { count, next, page } from './paging.ts';

const when = z.coerce.number().int().min(0).describe('Milliseconds since the epoch.');

/** What is shown of the log. */
const filter = {
  room: roomId.optional().describe('Of this room only, which may be deleted already.'),
  since: when.optional(),
  until: when.optional(),
};

export const auditEndpoints = {
  'audit.list': endpoint({
    verb: 'get',
    path: '/audit',
    scope: 'audit',
    query: z.strictObject({
      ...filter,
      after: count.optional().describe(page.after.description ?? ''),
      limit: page.limit,
    }),
    output: z.object({ entries: z.array(auditEntry.meta({ id: 'AuditEntry' })), next }),
    about: 'Who did what, the latest first.',
  }),
  'audit.export': endpoint({
    verb: 'get',
    path: '/audit/export',
    scope: 'audit',
    query: z.strictObject({ ...filter, format: z.enum(['jsonl', 'csv']).default('jsonl') }),
    file: ['application/jsonl', 'text/csv'],
    about: 'The whole log as a file, the latest first: a JSON object a line, or CSV with a head.',
  }),
};
