import { fileURLToPath } from 'node:url';
import { bundle, OWN_PAGE } from './harness/bundle.ts';
import { expect, test } from './harness/fixtures.ts';

const EXAMPLE = fileURLToPath(new URL('../client/examples/first-call.ts', import.meta.url));

test("the example of the SDK's documentation is a call with somebody in the web app", async ({ people, room }) => {
  const code = await bundle(EXAMPLE);
  const ben = await people.join('Ben', room);
  const ann = await people.open('Ann', { context: OWN_PAGE });
  await ann.page.route('**/example.html*', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: '<!doctype html><body><script type="module" src="/example.js"></script>',
    }),
  );
  await ann.page.route('**/example.js', (route) => route.fulfill({ contentType: 'text/javascript', body: code }));
  await ann.page.goto(`/example.html?room=${room.id}`);

  await ben.seeing('Ann');
  await ben.hearing('Ann');
  // Ann's own picture and Ben's, and Ben's voice.
  const playing = (kind: string) =>
    ann.page
      .locator(kind)
      .evaluateAll(
        (elements) =>
          (elements as HTMLMediaElement[]).filter(({ currentTime, paused }) => !paused && currentTime > 0).length,
      );
  await expect.poll(() => playing('video')).toBe(2);
  await expect.poll(() => playing('audio')).toBe(1);

  await ben.leave();
  await expect.poll(() => playing('video')).toBe(1);
  await expect.poll(() => playing('audio')).toBe(0);
});
