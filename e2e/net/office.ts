import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Link } from './link.ts';
import { ip, type Network, sysctl } from './network.ts';

/** What a router lets through: all, no UDP, or TCP to port 443 and nothing else. What it stops it stops without a word. */
export type Passing = 'everything' | 'no UDP' | 'TCP 443 only';

const RULES: Record<Passing, readonly string[]> = {
  everything: [],
  'no UDP': ['meta l4proto udp drop'],
  'TCP 443 only': ['tcp dport 443 accept', 'tcp sport 443 accept', 'drop'],
};

let offices = 0;

/**
 * A machine behind a router, which hides it behind one address and gives every connection a port of its own choosing: a
 * symmetric NAT (RFC 4787: «address and port-dependent mapping»), through which no two can reach each other.
 */
export class Office {
  readonly namespace: string;
  /** Between the router and the server. */
  readonly link: Link;
  readonly #router: string;

  private constructor(namespace: string, router: string, link: Link) {
    this.namespace = namespace;
    this.#router = router;
    this.link = link;
  }

  static async add(network: Network, name: string): Promise<Office> {
    const router = await network.addClient(`${name}-r`);
    const link = await router.addLink('wan0');
    const namespace = await network.addNamespace(name);
    offices += 1;
    const [inside, gateway] = [`192.168.${offices}.2`, `192.168.${offices}.1`];
    await ip(
      'link',
      'add',
      'eth0',
      'netns',
      namespace,
      'type',
      'veth',
      'peer',
      'name',
      'lan0',
      'netns',
      router.namespace,
    );
    for (const [where, device, address] of [
      [namespace, 'eth0', inside],
      [router.namespace, 'lan0', gateway],
    ] as const) {
      await ip('-n', where, 'address', 'add', `${address}/24`, 'dev', device);
      await ip('-n', where, 'link', 'set', device, 'up');
    }
    await ip('-n', namespace, 'route', 'add', 'default', 'via', gateway);
    await sysctl(router.namespace, 'net.ipv4.ip_forward=1');
    const office = new Office(namespace, router.namespace, link);
    await office.#nft(
      'table ip nat { chain out { type nat hook postrouting priority 100; oifname "wan0" masquerade fully-random; }; }',
    );
    await office.pass('everything');
    return office;
  }

  /** From now on the router lets this through, for what is connected already as well. */
  async pass(what: Passing): Promise<void> {
    const rules = RULES[what].map((rule) => `${rule}; `).join('');
    await this.#nft(
      `table ip filter; delete table ip filter; table ip filter { chain pass { type filter hook forward priority 0; ${rules}}; }`,
    );
  }

  async #nft(rules: string): Promise<void> {
    await promisify(execFile)('ip', ['netns', 'exec', this.#router, 'nft', rules]);
  }
}
