import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Link } from './link.ts';

const run = promisify(execFile);

/** Start this instead of Chromium, with AMPHI_NETNS and AMPHI_CHROMIUM in the environment. */
export const CHROMIUM_IN_NAMESPACE = fileURLToPath(new URL('./chromium-in-namespace.sh', import.meta.url));

/** Where the server is, whatever link a client comes over. */
export const SERVER_ADDRESS = '10.77.0.1';

/** A second address of the server, so that two things of it can be on port 443. */
export const SECOND_ADDRESS = '10.77.0.2';

const PREFIX = 'amphi-';

export async function ip(...args: string[]): Promise<string> {
  return (await run('ip', args)).stdout;
}

export async function sysctl(namespace: string, setting: string): Promise<void> {
  await run('ip', ['netns', 'exec', namespace, 'sysctl', '-qw', setting]);
}

/** Namespaces that a killed run left behind: their names carry the process id of whoever made them. */
async function removeOrphans(): Promise<void> {
  for (const line of (await ip('netns', 'list')).split('\n')) {
    const name = line.split(' ')[0] ?? '';
    const pid = /^amphi-(\d+)-/.exec(name)?.[1];
    if (pid && !existsSync(`/proc/${pid}`)) await ip('netns', 'del', name);
  }
}

/**
 * A small internet of namespaces: the server in one, clients in others, each client with one or more emulated links
 * to the server's, which also routes between clients.
 */
export class Network {
  readonly serverNamespace: string;
  readonly #prefix: string;
  readonly #namespaces: string[] = [];
  readonly #links: Link[] = [];

  private constructor(prefix: string) {
    this.#prefix = prefix;
    this.serverNamespace = `${prefix}-s`;
  }

  /** Why this machine cannot have such a network, in words; null when it can. */
  static async unsupported(): Promise<string | null> {
    try {
      const probe = await Network.create();
      await probe.addClient('x').then((client) => client.addLink('probe'));
      await probe.close();
      return null;
    } catch (error) {
      return `network namespaces or TUN devices are not to be had here (${(error as Error).message.trim()})`;
    }
  }

  static async create(): Promise<Network> {
    await removeOrphans();
    const network = new Network(`${PREFIX}${process.pid}-${Math.random().toString(36).slice(2, 5)}`);
    try {
      await network.#addNamespace(network.serverNamespace);
      for (const address of [SERVER_ADDRESS, SECOND_ADDRESS])
        await ip('-n', network.serverNamespace, 'address', 'add', `${address}/32`, 'dev', 'lo');
      await sysctl(network.serverNamespace, 'net.ipv4.ip_forward=1');
      return network;
    } catch (error) {
      await network.close();
      throw error;
    }
  }

  /** A machine without any link yet. */
  async addClient(name: string): Promise<ClientHost> {
    const namespace = await this.addNamespace(name);
    return new ClientHost(namespace, (device, metric) => this.#addLink(namespace, device, metric));
  }

  /** A namespace with nothing but loopback in it; it goes with the network. Answers its full name. */
  async addNamespace(name: string): Promise<string> {
    const namespace = `${this.#prefix}-${name}`;
    await this.#addNamespace(namespace);
    return namespace;
  }

  async close(): Promise<void> {
    for (const link of this.#links.splice(0)) await link.close();
    for (const namespace of this.#namespaces.splice(0)) await ip('netns', 'del', namespace);
  }

  async #addNamespace(namespace: string): Promise<void> {
    await ip('netns', 'add', namespace);
    this.#namespaces.push(namespace);
    await ip('-n', namespace, 'link', 'set', 'lo', 'up');
  }

  async #addLink(namespace: string, device: string, metric: number): Promise<Link> {
    const number = this.#links.length + 1;
    // Both ends are born in the caller's namespace, so the names must not be those of real interfaces.
    const ends = { client: `amc${process.pid % 100000}x${number}`, server: `ams${process.pid % 100000}x${number}` };
    const address = { client: `10.77.${number}.2`, server: `10.77.${number}.1` };
    const link = await Link.open(ends.client, ends.server);
    this.#links.push(link);
    await ip('link', 'set', ends.client, 'netns', namespace, 'name', device);
    await ip('link', 'set', ends.server, 'netns', this.serverNamespace);
    await ip('-n', this.serverNamespace, 'address', 'add', address.server, 'peer', address.client, 'dev', ends.server);
    await ip('-n', this.serverNamespace, 'link', 'set', ends.server, 'up');
    await ip('-n', namespace, 'address', 'add', address.client, 'peer', address.server, 'dev', device);
    await ip('-n', namespace, 'link', 'set', device, 'up');
    await ip('-n', namespace, 'route', 'add', 'default', 'via', address.server, 'dev', device, 'metric', `${metric}`);
    return link;
  }
}

type AddLink = (device: string, metric: number) => Promise<Link>;

/** A client's machine: give its namespace to a browser, its links are the ways to the server. */
export class ClientHost {
  readonly namespace: string;
  readonly #addLink: AddLink;
  readonly #gateways = new Map<string, { gateway: string; metric: number }>();

  constructor(namespace: string, addLink: AddLink) {
    this.namespace = namespace;
    this.#addLink = addLink;
  }

  /** Adds an interface with a default route. The lowest metric is the way that is taken. */
  async addLink(device: string, metric = 10): Promise<Link> {
    const link = await this.#addLink(device, metric);
    const route = await ip('-n', this.namespace, 'route', 'show', 'default', 'dev', device);
    this.#gateways.set(device, { gateway: /via (\S+)/.exec(route)?.[1] ?? '', metric });
    return link;
  }

  /** Switches an interface off, as when a phone leaves its Wi-Fi, or on again, with its default route. */
  async setUp(device: string, up: boolean): Promise<void> {
    await ip('-n', this.namespace, 'link', 'set', device, up ? 'up' : 'down');
    const route = this.#gateways.get(device);
    if (!up || !route) return;
    // The kernel forgets the route when the interface goes down.
    const { gateway, metric } = route;
    await ip('-n', this.namespace, 'route', 'replace', 'default', 'via', gateway, 'dev', device, 'metric', `${metric}`);
  }
}
