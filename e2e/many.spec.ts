import { expect, test } from './harness/fixtures.ts';
import type { Person } from './harness/person.ts';

const NAMES = ['Ada', 'Ben', 'Cleo', 'Dan', 'Eve'];

// What every pair of people costs grows with the square: pictures are as small as they may be, so that five browsers'
// worth of encoding and decoding fits two cores.
test.use({
  serverEnv: {
    AMPHI_MEDIA_CAMERA_HEIGHT: '180',
    AMPHI_MEDIA_CAMERA_FRAME_RATE: '5',
    // A busy machine looks like a narrow network: with more, the SFU would leave out the fourth picture.
    AMPHI_MEDIA_CAMERA_MAX_BITRATE: '150000',
  },
  serverForTest: async ({ ownServer }, use) => use(ownServer),
});

/** A machine that was too busy for a moment looked like a thin link, on which cameras stop; they come back in steps. */
const PATIENCE_MS = 45_000;

for (const count of [3, 5]) {
  test(`${count} people all see and hear each other`, async ({ people, room }) => {
    test.setTimeout(360_000);
    const everybody: Person[] = [];
    const context = { viewport: { width: 800, height: 450 }, reducedMotion: 'reduce' } as const;
    for (const name of NAMES.slice(0, count)) everybody.push(await people.join(name, room, { context }));
    for (const person of everybody) {
      await expect(person.tiles).toHaveCount(count);
      for (const other of everybody) {
        if (other === person) continue;
        await person.seeing(other.name, { timeout: PATIENCE_MS });
        await person.hearing(other.name);
        await person.expectPath(other.name, 'sfu');
      }
    }
    await everybody[0]?.page.screenshot({ path: `test-results/${count}-people.png` });
  });
}
