import type { Config } from '../config/schema.ts';
import { isLoopback, isWildcard, machineAddresses } from '../net/addresses.ts';
import { type Listening, whyNotFree } from '../turn/ports.ts';
import { failed, type Finding, ok, warn } from './finding.ts';

/** Whether the ports can be opened, where the server does not run and so does not have them open. */
export async function examinePorts(config: Config): Promise<Finding[]> {
  const { host, port, media } = config;
  const web: Listening[] = [
    { protocol: 'tcp', address: host === 'localhost' ? '127.0.0.1' : host, port, setting: 'port' },
  ];
  const workers = Array.from({ length: media.workers }, (_, index) => media.port + index);
  const ofMedia = workers.flatMap((each) =>
    (['udp', 'tcp'] as const).map((protocol) => ({
      protocol,
      address: media.listenIp,
      port: each,
      setting: 'media.port',
    })),
  );
  return [
    await examine('web-port', 'Port of the page', web),
    await examine('media-ports', 'Ports of the media', ofMedia),
  ];
}

async function examine(id: string, title: string, listenings: Listening[]): Promise<Finding> {
  const ports = [...new Set(listenings.map(({ port }) => port))].join(', ');
  const why = await whyNotFree(listenings);
  if (why === undefined) return ok(id, title, `${ports}: free to be opened.`);
  const setting = listenings[0]?.setting ?? '';
  return failed(id, title, why.replace(' for the relay', ''), `Stop what has it, or choose another with "${setting}".`);
}

/** Whether browsers are told an address that can be right. What is true outside only a browser there can say. */
export function examineAnnounced(config: Config, own: readonly string[] = machineAddresses()): Finding {
  const [id, title] = ['announced', 'Announced media address'];
  const { announced, listenIp } = config.media;
  const outside = 'Open /diag in a browser outside of this network: it says whether media gets there.';
  if (announced.length === 0) {
    const told = isWildcard(listenIp) ? own : [listenIp];
    const isPrivate = told.length > 0 && told.every((address) => PRIVATE.test(address));
    if (isPrivate && config.publicUrl !== undefined) {
      const cure = 'Set "media.announced" to the address under which the world reaches this machine.';
      return failed(id, title, `Browsers are told ${told.join(', ')}, which only this network can reach.`, cure);
    }
    return ok(id, title, `Browsers are told this machine's own: ${told.join(', ') || '127.0.0.1'}.`);
  }
  if (!isLoopback(config.host) && announced.every((address) => isLoopback(address))) {
    return failed(
      id,
      title,
      `Browsers are told ${announced.join(', ')}, which is their own machine.`,
      'Set "media.announced" to an address of this machine.',
    );
  }
  const foreign = announced.filter((address) => !own.includes(address) && !isLoopback(address));
  if (foreign.length === 0) return ok(id, title, `${announced.join(', ')}, which this machine has.`);
  return warn(
    id,
    title,
    `${foreign.join(', ')} is not an address of this machine, which is right behind NAT only.`,
    outside,
  );
}

const PRIVATE =
  /^(10\.|127\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|169\.254\.|f[cd]|fe80:)/i;
