import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createOutbound, TargetRefused } from './outbound.ts';

/** Names as an attacker's DNS server has them. */
const NAMES: Record<string, string[]> = {
  'public.example': ['93.184.215.14'],
  'inside.example': ['10.1.2.3'],
  'both.example': ['93.184.215.14', '127.0.0.1'],
  'mapped.example': ['::ffff:169.254.169.254'],
  'six.example': ['2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
  'unique.example': ['fd00::1'],
  'none.example': [],
};

async function resolve(name: string): Promise<string[]> {
  const found = NAMES[name];
  if (!found) throw new Error('ENOTFOUND');
  return found;
}

const outbound = createOutbound({ allowed: [], resolve });

describe('addresses that others name', () => {
  test.each([
    'https://public.example/hook',
    'https://six.example:8443/hook?x=1',
    'https://93.184.215.14/',
    'https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/',
  ])('%s is posted to', async (url) => {
    await expect(outbound.check(url)).resolves.toMatchObject({ address: expect.any(String) });
  });

  test.each([
    ['loopback', 'https://127.0.0.1/'],
    ['loopback, in short', 'https://127.1/'],
    ['loopback, as a number', 'https://2130706433/'],
    ['loopback, in hex', 'https://0x7f.0.0.1/'],
    ['loopback, in octal', 'https://0177.0.0.1/'],
    ['loopback of IPv6', 'https://[::1]/'],
    ['no address', 'https://[::]/'],
    ['this network', 'https://0.0.0.0/'],
    ['this network', 'https://0/'],
    ['private', 'https://10.0.0.1/'],
    ['private', 'https://172.31.255.255/'],
    ['private', 'https://192.168.1.1/'],
    ['link-local: the metadata of clouds', 'https://169.254.169.254/latest/meta-data'],
    ['carrier-grade NAT', 'https://100.64.0.1/'],
    ['protocol assignments', 'https://192.0.0.192/'],
    ['benchmarks', 'https://198.18.0.1/'],
    ['documentation', 'https://203.0.113.9/'],
    ['multicast', 'https://224.0.0.1/'],
    ['broadcast', 'https://255.255.255.255/'],
    ['mapped loopback', 'https://[::ffff:127.0.0.1]/'],
    ['mapped private, in hex', 'https://[::ffff:a00:1]/'],
    ['translated loopback', 'https://[64:ff9b::7f00:1]/'],
    ['6to4 of a private one', 'https://[2002:a00:1::]/'],
    ['Teredo', 'https://[2001:0:7f00:1::]/'],
    ['link-local of IPv6', 'https://[fe80::1]/'],
    ['unique local', 'https://[fd00:ec2::254]/'],
    ['multicast of IPv6', 'https://[ff02::1]/'],
    ['a name for a private one', 'https://inside.example/'],
    ['a name of which one address is internal', 'https://both.example/'],
    ['a name for a mapped one', 'https://mapped.example/'],
    ['a name for a unique local one', 'https://unique.example/'],
  ])('%s is refused: %s', async (_what, url) => {
    await expect(outbound.check(url)).rejects.toThrow('internal address');
  });

  test.each([
    ['no TLS', 'http://public.example/', 'only https'],
    ['another protocol', 'ftp://public.example/', 'only https'],
    ['a file', 'file:///etc/passwd', 'only https'],
    ['a password', 'https://user:secret@public.example/', 'password'],
    ['no address', 'public.example', 'no address'],
    ['a name that there is not', 'https://nowhere.example/', 'cannot be resolved'],
    ['a name without address', 'https://none.example/', 'has no address'],
  ])('%s is refused: %s', async (_what, url, why) => {
    await expect(outbound.check(url)).rejects.toThrow(new RegExp(why));
    await expect(outbound.check(url)).rejects.toBeInstanceOf(TargetRefused);
  });

  test.each([
    ['10.0.0.0/8', 'http://10.9.9.9/'],
    ['fd00::/8', 'https://[fd00::1]/'],
    ['127.0.0.1', 'http://127.0.0.1:8080/'],
    ['inside.example', 'http://inside.example/'],
  ])('an operator who allows %s lets %s be reached', async (allowed, url) => {
    await expect(createOutbound({ allowed: [allowed], resolve }).check(url)).resolves.toBeDefined();
    await expect(createOutbound({ allowed: [allowed], resolve }).check('http://192.168.0.1/')).rejects.toThrow(
      'internal address',
    );
  });
});

describe('posting', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  async function listen(answer: Parameters<typeof createServer>[1]): Promise<number> {
    server = createServer(answer ?? (() => undefined));
    await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
    return (server.address() as AddressInfo).port;
  }
  const send = { headers: {}, body: '{}', timeoutMs: 5000 };

  test('goes to the address that was looked at, whatever the name means a moment later', async () => {
    const hosts: (string | undefined)[] = [];
    const port = await listen((request, response) => {
      hosts.push(request.headers.host);
      response.end();
    });
    let asked = 0;
    // The second answer would lead to where nobody listens.
    const rebinding = async () => (asked++ === 0 ? ['127.0.0.1'] : ['127.0.0.2']);
    const { post } = createOutbound({ allowed: ['127.0.0.1'], resolve: rebinding });
    expect(await post(`http://rebind.example:${port}/`, send)).toEqual({ status: 200 });
    expect([asked, hosts]).toEqual([1, [`rebind.example:${port}`]]);
  });

  test('does not follow a redirect', async () => {
    const paths: (string | undefined)[] = [];
    const port = await listen((request, response) => {
      paths.push(request.url);
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    const { post } = createOutbound({ allowed: ['127.0.0.1'] });
    expect(await post(`http://127.0.0.1:${port}/hook`, send)).toEqual({ status: 307 });
    expect(paths).toEqual(['/hook']);
  });

  test('reads no endless answer, and waits for none for ever', async () => {
    let closed = false;
    const port = await listen((request, response) => {
      if (request.url === '/silent') return;
      response.on('close', () => (closed = true));
      const more = () => {
        if (response.destroyed) return;
        if (response.write('x'.repeat(16_384))) setImmediate(more);
        else response.once('drain', more);
      };
      more();
    });
    const { post } = createOutbound({ allowed: ['127.0.0.1'] });
    expect(await post(`http://127.0.0.1:${port}/endless`, send)).toEqual({ status: 200 });
    await expect.poll(() => closed).toBe(true);
    await expect(post(`http://127.0.0.1:${port}/silent`, { ...send, timeoutMs: 200 })).rejects.toThrow(
      /timeout|aborted/,
    );
    server?.closeAllConnections();
  });
});
