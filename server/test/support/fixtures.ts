import { expect, test } from 'vitest';
import { Cast } from './cast.ts';
import { type Overrides, startTestServer } from './server.ts';

/**
 * The `test` of a file whose tests share one server, each with people of its own. A test has failed when the server logged
 * an error or sent what the protocol does not say, whatever the test itself looked at.
 */
export function testWithServer(overrides: Overrides = {}) {
  return test
    .extend('overrides', { scope: 'file' }, overrides)
    .extend('server', { scope: 'file' }, async ({ overrides: settings }, { onCleanup }) => {
      const server = await startTestServer(settings);
      onCleanup(async () => {
        await server.close();
        expect(server.errors, 'logged as errors').toEqual([]);
      });
      return server;
    })
    .extend('cast', async ({ server }, { onCleanup }) => {
      const cast = new Cast(server);
      onCleanup(() => {
        cast.leave();
        expect(cast.violations, 'against the protocol').toEqual([]);
      });
      return cast;
    });
}

/** The `test` of a file whose tests break their server: each has one of its own, whose log it may look at itself. */
export function testWithServerEach(overrides: Overrides = {}) {
  return test
    .extend('overrides', overrides)
    .extend('server', async ({ overrides: settings }, { onCleanup }) => {
      const server = await startTestServer(settings);
      onCleanup(() => server.close());
      return server;
    })
    .extend('cast', async ({ server }, { onCleanup }) => {
      const cast = new Cast(server);
      onCleanup(() => {
        cast.leave();
        expect(cast.violations, 'against the protocol').toEqual([]);
      });
      return cast;
    });
}
