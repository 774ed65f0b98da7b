import type { AuditEntry } from '@amphi/client';
import { expect, test } from 'vitest';
import { auditCsv, auditJson } from './audit-export.ts';

const entry: AuditEntry = {
  id: 1,
  roomId: 'hall',
  at: Date.UTC(2026, 0, 2, 3, 4, 5),
  actor: 'guest:x',
  actorName: 'Hanna, "the host"',
  actorRole: 'host',
  action: 'moderate.mute',
  target: 'guest:y',
  targetName: '=1+1',
  details: { sources: ['microphone'] },
};

test('the log as CSV can be read by spreadsheets, and does nothing in them', () => {
  const [head, first, second, end] = auditCsv([{ ...entry, id: 2 }, entry]).split('\r\n');
  expect(head).toBe('id,at,actor,actorName,actorRole,action,target,targetName,details');
  expect(first).toBe(
    `1,2026-01-02T03:04:05.000Z,guest:x,"Hanna, ""the host""",host,moderate.mute,guest:y,'=1+1,"{""sources"":[""microphone""]}"`,
  );
  expect(second?.startsWith('2,')).toBe(true);
  expect(end).toBe('');
});

test('the log as JSON is the entries, oldest first', () => {
  expect(JSON.parse(auditJson([{ ...entry, id: 2 }, entry]))).toEqual([entry, { ...entry, id: 2 }]);
});
