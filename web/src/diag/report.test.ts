import { expect, test } from 'vitest';
import { freshHops } from './hops.ts';
import { reportText } from './report.ts';

test('the report says what was found and what to do, and nothing that opens anything', () => {
  const hops = {
    ...freshHops(),
    udp: { state: 'warn', found: 'No UDP gets there.', cure: 'Open it.' },
    tcp: { state: 'ok', found: 'Connected.' },
  } as const;
  const text = reportText(hops, { at: new Date(0), page: 'https://meet.example.org', browser: 'A browser' });
  expect(text).toContain('https://meet.example.org\n1970-01-01T00:00:00.000Z\nA browser\n');
  expect(text).toContain('  [take note] Media over UDP: No UDP gets there.\n      What to do: Open it.\n');
  expect(text).toContain('  [fine] Media over TCP: Connected.\n');
});
