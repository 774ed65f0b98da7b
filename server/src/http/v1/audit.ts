import type { AuditEntry } from '@amphi/protocol';
import type { auditEndpoints } from '@amphi/protocol/api';
import type { AuditFilter, AuditLog } from '@amphi/rooms';
import type { ApiHandlers } from './handlers.ts';

/** Entries that are read at once for a file. */
const BATCH = 500;

const COLUMNS = ['id', 'roomId', 'at', 'actor', 'actorName', 'actorRole', 'action', 'target', 'targetName'] as const;

export function auditHandlers(audit: AuditLog): ApiHandlers<typeof auditEndpoints> {
  return {
    'audit.list'({ query: { after, limit, ...filter } }) {
      const found = audit.search(filter, { before: after, limit: limit + 1 });
      const entries = found.slice(0, limit);
      return { entries, ...(found.length > limit ? { next: String(entries.at(-1)?.id) } : {}) };
    },

    'audit.export'({ query: { format, ...filter } }) {
      return format === 'csv'
        ? { type: 'text/csv; charset=utf-8', name: 'audit.csv', lines: csv(everyEntry(audit, filter)) }
        : { type: 'application/jsonl', name: 'audit.jsonl', lines: jsonl(everyEntry(audit, filter)) };
    },
  };
}

/** All that is found, in batches, so that a long log does not fill the memory. */
function* everyEntry(audit: AuditLog, filter: AuditFilter): Generator<AuditEntry> {
  let before: number | undefined;
  for (;;) {
    const batch = audit.search(filter, { before, limit: BATCH });
    yield* batch;
    if (batch.length < BATCH) return;
    before = batch.at(-1)?.id;
  }
}

function* jsonl(entries: Iterable<AuditEntry>): Generator<string> {
  for (const entry of entries) yield `${JSON.stringify(entry)}\n`;
}

/** RFC 4180, with times as ISO 8601. */
function* csv(entries: Iterable<AuditEntry>): Generator<string> {
  yield `${[...COLUMNS, 'details'].join(',')}\r\n`;
  for (const entry of entries) {
    const shown = { ...entry, at: new Date(entry.at).toISOString() };
    const cells = COLUMNS.map((column) => String(shown[column] ?? ''));
    yield `${[...cells, entry.details ? JSON.stringify(entry.details) : ''].map(cell).join(',')}\r\n`;
  }
}

/** Names come from strangers: a spreadsheet must not take one for a formula (OWASP, CSV injection). */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
