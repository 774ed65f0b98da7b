import { lookup } from 'node:dns/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { messageOf } from '../fatal.ts';
import { has, specialList } from './special-list.ts';

export type HostCheckOptions = {
  /** Hosts, addresses and ranges (`10.0.0.0/8`) that may be reached although they are internal, without TLS as well. */
  allowed: readonly string[];
  /** Finds a name's addresses; DNS by default. */
  resolve?(name: string): Promise<string[]>;
  /** The setting that makes an exception, for people. */
  setting: string;
};

export type OutboundOptions = Omit<HostCheckOptions, 'setting'>;

/** Why an address is not connected to, in words for whoever gave it. */
export class TargetRefused extends Error {
  override readonly name = 'TargetRefused';
  readonly why: 'address' | 'host' | 'internal';

  constructor(message: string, why: 'address' | 'host' | 'internal' = 'address') {
    super(message);
    this.why = why;
  }
}

/** Answers which address of a host to connect to, and whether the operator named it. Rejects with TargetRefused. */
export type HostCheck = (host: string) => Promise<{ address: string; isAllowed: boolean }>;

/**
 * The rule for hosts that other people name: the name is resolved once, and every address that it has must be a public one
 * or one that the operator allows. Whoever connects takes the address of the answer, not the name again.
 */
export function createHostCheck(options: HostCheckOptions): HostCheck {
  const resolve = options.resolve ?? resolveByDns;
  const special = specialList();
  const { names, ranges } = allowList(options.allowed);

  async function addressesOf(host: string): Promise<string[]> {
    try {
      return await resolve(host);
    } catch (error) {
      throw new TargetRefused(`the name cannot be resolved (${messageOf(error)})`, 'host');
    }
  }

  return async (host) => {
    const addresses = isIP(host) === 0 ? await addressesOf(host) : [host];
    const isAllowed = (address: string) => names.has(host) || has(ranges, address);
    if (addresses.some((address) => has(special, address) && !isAllowed(address))) {
      const cure = `the operator can allow that with "${options.setting}"`;
      throw new TargetRefused(`it leads to an internal address; ${cure}`, 'internal');
    }
    const [address] = addresses;
    if (address === undefined) throw new TargetRefused('the name has no address', 'host');
    return { address, isAllowed: addresses.every(isAllowed) };
  };
}

export type Answer = { status: number };

export type PostOptions = { headers: Record<string, string>; body: string; timeoutMs: number; signal?: AbortSignal };

/**
 * Requests to addresses that other people name. They must not become requests into the operator's own network (SSRF): the
 * name is resolved once, every address that it has must be a public one, and the connection goes to the address that was
 * looked at, so that a name cannot mean something else a moment later. Redirects are not followed.
 */
export interface Outbound {
  /** The address to connect to. Rejects with TargetRefused. */
  check(url: string): Promise<{ url: URL; address: string }>;
  /** Posts, and reads at most `MAX_ANSWER` bytes of the answer. Rejects with TargetRefused, or with what went wrong. */
  post(url: string, options: PostOptions): Promise<Answer>;
}

/** More of an answer is not waited for. */
const MAX_ANSWER = 64 * 1024;

export function createOutbound(options: OutboundOptions): Outbound {
  const checkHost = createHostCheck({ ...options, setting: 'webhooks.allowed' });

  async function check(text: string): Promise<{ url: URL; address: string }> {
    if (!URL.canParse(text)) throw new TargetRefused('it is no address');
    const url = new URL(text);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new TargetRefused('only https is posted to');
    if (url.username !== '' || url.password !== '') throw new TargetRefused('an address may not hold a password');
    const { address, isAllowed } = await checkHost(hostOf(url));
    if (url.protocol === 'http:' && !isAllowed) throw new TargetRefused('only https is posted to');
    return { url, address };
  }

  return {
    check,

    async post(text, { headers, body, timeoutMs, signal: given }) {
      // One time for all: name, connection, answer.
      const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(given ? [given] : [])]);
      const { url, address } = await abortable(check(text), signal);
      return send(url, address, { method: 'POST', headers, signal }, body);
    },
  };
}

/** The host as it is looked up: without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

function send(url: URL, address: string, options: RequestOptions, body: string): Promise<Answer> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const family = isIPv6(address) ? 6 : 4;
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        ...options,
        agent: false,
        headers: { ...options.headers, 'content-length': String(Buffer.byteLength(body)) },
        // A host that is an address is not looked up; it was checked as it stands.
        lookup: (_host, { all }, done) => {
          if (all) done(null, [{ address, family }]);
          else done(null, address, family);
        },
      },
      (answer) => {
        let size = 0;
        const finish = () => {
          resolve({ status: answer.statusCode ?? 0 });
          answer.destroy();
        };
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_ANSWER) finish();
        });
        answer.once('end', finish);
        answer.once('error', reject);
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    work.then(resolve, reject);
  });
}

async function resolveByDns(name: string): Promise<string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

function allowList(allowed: readonly string[]): { names: Set<string>; ranges: BlockList } {
  const names = new Set<string>();
  const ranges = new BlockList();
  for (const entry of allowed) {
    const [address = '', bits] = entry.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0) names.add(entry.toLowerCase());
    else if (bits === undefined) ranges.addAddress(address, family);
    else ranges.addSubnet(address, Number(bits), family);
  }
  return { names, ranges };
}
