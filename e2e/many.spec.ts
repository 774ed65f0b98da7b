import { expect, test } from './harness/fixtures.ts';
import type { Person } from './harness/person.ts';

const NAMES = ['Ada', 'Ben', 'Cleo', 'Dan', 'Eve'];

for (const count of [3, 5]) {
  test(`${count} people all see and hear each other`, async ({ people, room }) => {
    test.setTimeout(90_000);
    const everybody: Person[] = [];
    // Small windows ask for small layers, which is what makes five pairs of eyes on two cores bearable.
    const context = { viewport: { width: 800, height: 450 } };
    for (const name of NAMES.slice(0, count)) everybody.push(await people.join(name, room, { context }));
    for (const person of everybody) {
      await expect(person.tiles).toHaveCount(count);
      for (const other of everybody) {
        if (other === person) continue;
        await person.seeing(other.name);
        await person.hearing(other.name);
        await person.expectPath(other.name, 'sfu');
      }
    }
    await everybody[0]?.page.screenshot({ path: `test-results/${count}-people.png` });
  });
}
