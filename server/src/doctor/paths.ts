import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { TransportInfo } from '@amphi/protocol';
import { messageOf } from '../fatal.ts';
import { answersCheck } from '../stun/connectivity-check.ts';
import { TurnClient } from '../stun/turn-client.ts';
import { failed, type Finding, ok, skipped } from './finding.ts';
import { type DoctorSession, makeRoom, openSession } from './session.ts';

const WITHIN_MS = 3000;
/** Refusals of a relay (RFC 8656) and what they mean. */
const REFUSALS: Record<number, string> = {
  401: 'The clocks of server and relay differ, or "turn.secret" is not the secret of that relay: correct the one or the other.',
  403: "The relay does not serve this machine's address: allow it there.",
  441: 'Another program answers at that port: choose another with "turn.port".',
  486: 'Too many allocations of one member: raise "turn.allocationsPerMember".',
  508: 'The relay has no port left: raise "turn.maxPort".',
};

/**
 * Goes the ways of a browser against a running server, from this machine: page, session, media over UDP and TCP, and an
 * allocation over every way to the relay.
 */
export async function examinePaths(origin: string): Promise<Finding[]> {
  let session: DoctorSession;
  try {
    session = await openSession(origin, await makeRoom(origin));
  } catch (error) {
    const cure = 'Look at the log of the server; behind a proxy see that it passes WebSockets on: docs/deploy.md.';
    return [failed('session', 'Session', `${origin} let no session begin (${messageOf(error)}).`, cure)];
  }
  try {
    const { transports, relay } = await session.prepare();
    return [
      ok('session', 'Session', `${origin} lets sessions begin.`),
      ...(await Promise.all([examineMedia('udp', transports.send), examineMedia('tcp', transports.send)])),
      ...(await examineRelays(relay.iceServers)),
    ];
  } catch (error) {
    const cure = 'Look at the log of the server for its media workers.';
    return [failed('session', 'Session', `The server prepared no media (${messageOf(error)}).`, cure)];
  } finally {
    session.close();
  }
}

async function examineMedia(protocol: 'udp' | 'tcp', info: TransportInfo): Promise<Finding> {
  const [id, title] = [`media-${protocol}`, `Media over ${protocol.toUpperCase()}`];
  const places = info.iceCandidates.filter((candidate) => candidate.protocol === protocol);
  const { usernameFragment, password } = info.iceParameters;
  const answers = await Promise.all(
    places.map(({ address, port }) => answersCheck({ protocol, address, port, usernameFragment, password }, WITHIN_MS)),
  );
  const named = places.map(({ address, port }) => `${address}:${port}`).join(', ');
  if (answers.some(Boolean)) return ok(id, title, `It answers at ${named}.`);
  const cure = `Open the port for ${protocol.toUpperCase()} in the firewall, and see that "media.announced" is an address of this machine, or one that is forwarded to it. From inside of a NAT the way by its outer address is often closed: then /diag in a browser outside has the last word.`;
  return failed(id, title, `Nothing answers at ${named || 'any address'}.`, cure);
}

type IceServers = readonly { urls: string[]; username?: string | undefined; credential?: string | undefined }[];

async function examineRelays(iceServers: IceServers): Promise<Finding[]> {
  const ways = iceServers.flatMap(({ urls, username = '', credential = '' }) =>
    urls.filter((url) => url.startsWith('turn')).map((url) => ({ url, username, credential })),
  );
  if (ways.length === 0) {
    return [skipped('turn', 'Relay (TURN)', 'The server tells browsers of no relay; see "coturn" above.')];
  }
  return Promise.all(ways.map((way) => examineRelay(way)));
}

async function examineRelay({ url, username, credential }: { url: string; username: string; credential: string }) {
  const [, scheme = '', host = '', port] = /^(turns?):(.+?)(?::(\d+))?(?:\?.*)?$/.exec(url) ?? [];
  const over = scheme === 'turns' ? 'tls' : url.endsWith('?transport=tcp') ? 'tcp' : 'udp';
  const [id, title] = [`turn-${over}`, `Relay over ${over.toUpperCase()}`];
  const name = host.replace(/^\[|\]$/g, '');
  const where = { port: Number(port ?? (over === 'tls' ? 5349 : 3478)), over, serverName: name } as const;
  try {
    const address = isIP(name) === 0 ? (await lookup(name)).address : name;
    const client = await TurnClient.connect({ ...where, address }, { username, credential });
    const code = await client.allocate().finally(() =>
      client
        .refresh(0)
        .catch(() => undefined)
        .finally(() => client.close()),
    );
    if (code === 0) return ok(id, title, `${url} gave an address to relay from.`);
    return failed(id, title, `${url} refuses to relay (${code}).`, REFUSALS[code] ?? 'Look at the log of the relay.');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (/CERT|ALTNAME|SELF_SIGNED/.test(code)) {
      const cure = `Give the relay a certificate that browsers trust for ${name}: "turn.cert", "turn.key", "turn.host".`;
      return failed(id, title, `${url} shows a certificate that browsers refuse (${code}).`, cure);
    }
    const what = over === 'udp' ? 'UDP' : 'TCP';
    const cure = `Open port ${where.port} for ${what}, and see that the relay runs and "turn.host" is right.`;
    return failed(id, title, `${url} does not answer (${messageOf(error)}).`, cure);
  }
}
