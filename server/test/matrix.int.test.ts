import { PERSON_ROLES } from '@amphi/protocol';
import { describe, expect } from 'vitest';
import { methodNames, specOf } from './support/entries/index.ts';
import { testWithServer } from './support/fixtures.ts';
import { type Everybody, gatherEverybody, inputFor, makeReady } from './support/matrix/everybody.ts';
import { type Column, COLUMNS, MATRIX } from './support/matrix/table.ts';

const test = testWithServer();

test('every method is in the matrix, and no other', () => {
  expect(Object.keys(MATRIX).toSorted()).toEqual(methodNames.toSorted());
});

test('rights grow with the role', () => {
  for (const method of methodNames.filter((name) => specOf(name).stage !== 'connected')) {
    const allowed = PERSON_ROLES.filter((role) => MATRIX[method][role] !== 'forbidden');
    expect(allowed, method).toEqual(allowed.length === 0 ? [] : PERSON_ROLES.slice(-allowed.length));
  }
});

/** Whether the call does something in this room. */
const isPerformed = (method: keyof typeof MATRIX, column: Column) =>
  MATRIX[method][column] === 'ok' && column !== 'other room';

/** What those heard on whom nobody may act without the right to. */
async function heard({ target, another, watcher }: Everybody): Promise<string[]> {
  await Promise.all([target.caughtUp(), another.call('session.ping', {}), watcher?.caughtUp()]);
  const inboxes = [target.wire.inbox, another.inbox, ...(watcher ? [watcher.wire.inbox] : [])];
  return inboxes.flatMap((inbox) => inbox.rest()).map(({ name }) => name);
}

describe.concurrent.for(methodNames)('%s', (method) => {
  test('is answered to everybody as the matrix says', async ({ server, cast }) => {
    const everybody = await gatherEverybody(server, cast, method);
    const { callers, target, another, watcher } = everybody;
    const answers: Partial<Record<Column, string>> = {};
    const call = async (column: Column) => {
      const answer = await callers[column].send(method, inputFor(method, everybody, column));
      answers[column] = answer.ok ? 'ok' : answer.error.code;
    };

    await heard(everybody);
    for (const inbox of [target.wire.inbox, another.inbox, watcher?.wire.inbox]) inbox?.clear();
    const [refused, performed] = [false, true].map((wanted) =>
      COLUMNS.filter((column) => isPerformed(method, column) === wanted),
    );
    for (const column of refused ?? []) await call(column);
    expect(await heard(everybody), 'those who were refused were noticed').toEqual([]);
    // The host comes last: some of the host's calls end the room.
    for (const column of performed ?? []) {
      await makeReady(method, everybody);
      await call(column);
    }
    const inOrder = Object.fromEntries(COLUMNS.map((column) => [column, answers[column]]));
    expect(inOrder).toEqual(MATRIX[method]);
  });
});
