import { type Browser, chromium } from '@playwright/test';
import { type BrowserOptions, CHROMIUM, launchOptions } from '../harness/chromium.ts';
import { test as base } from '../harness/fixtures.ts';
import { Server } from '../harness/server.ts';
import { CHROMIUM_IN_NAMESPACE, Network, SECOND_ADDRESS, SERVER_ADDRESS } from './network.ts';

/** A machine in the network. */
type Host = { readonly namespace: string };

/** A browser on a machine of its own in the emulated network. */
export async function launchIn(host: Host, options?: BrowserOptions): Promise<Browser> {
  return chromium.launch({
    ...launchOptions(options),
    executablePath: CHROMIUM_IN_NAMESPACE,
    env: { ...(process.env as Record<string, string>), AMPHI_NETNS: host.namespace, AMPHI_CHROMIUM: CHROMIUM },
  });
}

/**
 * The real server inside the network, for all its clients. Its media is at one address only: what listens on all of them
 * answers over UDP from the one that the way back begins with, which clients do not take for an answer.
 */
export function startServerIn(network: Network, env: Record<string, string> = {}): Promise<Server> {
  return Server.start({
    env: { AMPHI_MEDIA_LISTEN_IP: SERVER_ADDRESS, ...env },
    network: { namespace: network.serverNamespace, address: SERVER_ADDRESS },
  });
}

/** With its own relay; page and media have an address each, so that page and TURN/TLS can both be on port 443. */
export function startServerWithRelay(network: Network, env: Record<string, string> = {}): Promise<Server> {
  return Server.start({
    env: {
      AMPHI_TURN_MODE: 'auto',
      AMPHI_TURN_TLS_PORT: '443',
      AMPHI_MEDIA_LISTEN_IP: SECOND_ADDRESS,
      ...env,
    },
    network: { namespace: network.serverNamespace, address: SERVER_ADDRESS, mediaAddress: SECOND_ADDRESS, port: 443 },
  });
}

type NetworkFixtures = {
  network: Network;
  /** Starts a browser on that machine; it is closed with the test. */
  launch(host: Host, options?: BrowserOptions): Promise<Browser>;
};

/** Tests over an emulated network. Where the machine does not allow one they are skipped, and say so. */
export const test = base.extend<NetworkFixtures, { unsupported: string | null }>({
  unsupported: [
    async ({}, use) => {
      const reason = await Network.unsupported();
      if (reason) console.warn(`SKIPPED: the tests of bad networks: ${reason}`);
      await use(reason);
    },
    { scope: 'worker' },
  ],

  network: async ({ unsupported }, use, testInfo) => {
    testInfo.skip(unsupported !== null, unsupported ?? '');
    const network = await Network.create();
    await use(network);
    await network.close();
  },

  serverForTest: async ({ network }, use, testInfo) => {
    const server = await startServerIn(network);
    await use(server);
    await server.stop();
    if (testInfo.status !== testInfo.expectedStatus) await testInfo.attach('server', { body: server.output });
  },

  launch: async ({}, use) => {
    const browsers: Browser[] = [];
    await use(async (host, options) => {
      const browser = await launchIn(host, options);
      browsers.push(browser);
      return browser;
    });
    for (const browser of browsers) await browser.close();
  },
});

export { expect } from '@playwright/test';
