import { type Browser, type BrowserContextOptions, test as base, expect } from '@playwright/test';
import { installInstruments } from '../page/instruments.ts';
import { Guard } from './guard.ts';
import { type JoinChoices, Person } from './person.ts';
import { type Room, type RoomOptions, Server } from './server.ts';

export type Visit = {
  /** Origin to use, where it is not the server's own: a relay before it. */
  origin?: string;
  browser?: Browser;
  context?: BrowserContextOptions;
  /** Whether the browser's voice processing is off, so that every bit of the test sound arrives. On by default. */
  plainAudio?: boolean;
};

export type People = {
  /** Opens the prejoin page of the room. */
  visit(name: string, room: Room, visit?: Visit): Promise<Person>;
  /** Opens it and joins. */
  join(name: string, room: Room, choices?: JoinChoices & Visit): Promise<Person>;
  /** A window at the landing page, or wherever else nobody has a name yet. */
  open(name: string, visit?: Visit): Promise<Person>;
};

type TestFixtures = {
  people: People;
  room: Room;
  /** Prints a measured figure and keeps it with the test's report. */
  measured(what: string, value: string | number): void;
  /** A server of the test's own, to be killed and restarted. */
  ownServer: Server;
};
type TestOptions = {
  roomOptions: RoomOptions;
  /** Settings for {@link TestFixtures.ownServer}. */
  serverEnv: Record<string, string>;
  /** The server that people go to: the shared one, or `ownServer` where a test says so. */
  serverForTest: Server;
};
type WorkerFixtures = { sharedServer: Server };

/** The start of every browser test: people, a room, and at the end the checks that hold for all. */
export const test = base.extend<TestFixtures & TestOptions, WorkerFixtures>({
  sharedServer: [
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      expect(await server.terminate(), 'exit code after SIGTERM').toBe(0);
      await server.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  serverEnv: [{}, { option: true }],

  ownServer: async ({ serverEnv }, use, testInfo) => {
    const server = await Server.start({ env: serverEnv });
    await use(server);
    await server.stop();
    if (testInfo.status !== testInfo.expectedStatus) await testInfo.attach('server', { body: server.output });
  },

  serverForTest: async ({ sharedServer }, use) => use(sharedServer),

  roomOptions: [{}, { option: true }],

  room: async ({ serverForTest, roomOptions }, use) => use(await serverForTest.createRoom(roomOptions)),

  people: async ({ browser, serverForTest }, use, testInfo) => {
    const everybody: Person[] = [];
    const guard = new Guard();

    const open = async (name: string, visit: Visit = {}) => {
      const origin = visit.origin ?? serverForTest.origin;
      guard.allow(origin, serverForTest.mediaAddress);
      const context = await (visit.browser ?? browser).newContext({
        baseURL: origin,
        ignoreHTTPSErrors: true,
        locale: 'en-US',
        ...visit.context,
      });
      guard.watch(context);
      await context.addInitScript(installInstruments, { plainAudio: visit.plainAudio ?? true });
      const person = new Person(name, context, await context.newPage(), guard);
      everybody.push(person);
      return person;
    };
    const visit: People['visit'] = async (name, room, options) => {
      const person = await open(name, options);
      await person.goTo(room.path);
      return person;
    };
    const join: People['join'] = async (name, room, options) => {
      const person = await visit(name, room, options);
      await person.join(options);
      return person;
    };
    await use({ open, visit, join });

    const failed = testInfo.status !== testInfo.expectedStatus;
    for (const person of everybody) {
      if (failed) await testInfo.attach(`console of ${person.name}`, { body: person.log.join('\n') });
      if (failed && !person.page.isClosed()) {
        const screenshot = await person.page.screenshot({ timeout: 3000 }).catch(() => null);
        if (screenshot)
          await testInfo.attach(`window of ${person.name}`, { body: screenshot, contentType: 'image/png' });
      }
      await person.close();
    }
    if (failed) await testInfo.attach('server', { body: serverForTest.output });
    expect(guard.foreign, 'requests to third parties').toEqual([]);
    expect(
      everybody.flatMap(({ name, errors }) => errors.map((error) => `${name}: ${error}`)),
      'errors that the pages did not catch',
    ).toEqual([]);
  },

  measured: async ({}, use, testInfo) => {
    await use((what, value) => {
      testInfo.annotations.push({ type: what, description: `${value}` });
      console.log(`      ${what}: ${value}`);
    });
  },
});

export { expect } from '@playwright/test';
