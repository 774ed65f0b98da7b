import type { AuditEntry } from '@amphi/client';

const COLUMNS = ['id', 'at', 'actor', 'actorName', 'actorRole', 'action', 'target', 'targetName', 'details'] as const;

/** The entries as CSV (RFC 4180), oldest first, times as ISO 8601. */
export function auditCsv(entries: readonly AuditEntry[]): string {
  const rows = entries.toReversed().map((entry) => COLUMNS.map((column) => cell(valueOf(entry, column))).join(','));
  return [COLUMNS.join(','), ...rows, ''].join('\r\n');
}

/** The entries as JSON, oldest first. */
export function auditJson(entries: readonly AuditEntry[]): string {
  return `${JSON.stringify(entries.toReversed(), null, 2)}\n`;
}

function valueOf(entry: AuditEntry, column: (typeof COLUMNS)[number]): string {
  if (column === 'at') return new Date(entry.at).toISOString();
  if (column === 'details') return entry.details === undefined ? '' : JSON.stringify(entry.details);
  return String(entry[column] ?? '');
}

/** Names are what people typed: spreadsheets must not take them for formulas. */
function cell(value: string): string {
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Hands a file to the person to keep. */
export function saveFile(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
