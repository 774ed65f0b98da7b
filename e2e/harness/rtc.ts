import type { Person } from './person.ts';

/** One peer connection of a page, as the browser (and not the app) reports it. */
export type ConnectionReport = {
  /** Where the media goes, as `address:port`. */
  remote: string | null;
  /** Every remote candidate that the connection knew, as `address:port`. */
  remoteCandidates: string[];
  protocol: string | null;
  /** Of this end: `host`, `srflx`, `prflx`, or `relay` for one that TURN gave it, and how that is reached. */
  localType: string | null;
  relayProtocol: string | null;
  bytesSent: number;
  bytesReceived: number;
  /** Bytes sent by each simulcast layer, by rid; `-` for a plain stream. */
  sentByLayer: Record<string, number>;
};

type Stat = Record<string, unknown>;

/** What all open peer connections of the person's page have done so far. */
export function connectionsOf(person: Person): Promise<ConnectionReport[]> {
  return person.page.evaluate(async () => {
    const open = window.amphiTest.connections.filter(({ connectionState }) => connectionState !== 'closed');
    return Promise.all(
      open.map(async (connection) => {
        const stats: Stat[] = [...(await connection.getStats()).values()];
        const ofType = (type: string) => stats.filter((each) => each['type'] === type);
        const address = (candidate: Stat) => `${candidate['address']}:${candidate['port']}`;
        const transport = ofType('transport')[0];
        const pair = stats.find((each) => each['id'] === transport?.['selectedCandidatePairId']);
        const remote = stats.find((each) => each['id'] === pair?.['remoteCandidateId']);
        const local = stats.find((each) => each['id'] === pair?.['localCandidateId']);
        const sentByLayer: Record<string, number> = {};
        for (const stream of ofType('outbound-rtp')) {
          const layer = `${stream['kind']}/${(stream['rid'] as string | undefined) ?? '-'}`;
          sentByLayer[layer] = (sentByLayer[layer] ?? 0) + Number(stream['bytesSent']);
        }
        return {
          remote: remote ? address(remote) : null,
          remoteCandidates: ofType('remote-candidate').map(address),
          protocol: (remote?.['protocol'] as string | undefined) ?? null,
          localType: (local?.['candidateType'] as string | undefined) ?? null,
          relayProtocol: (local?.['relayProtocol'] as string | undefined) ?? null,
          bytesSent: Number(transport?.['bytesSent'] ?? 0),
          bytesReceived: Number(transport?.['bytesReceived'] ?? 0),
          sentByLayer,
        };
      }),
    );
  });
}

/** Whether the connection ends at one of these ports. */
export function isAt(ports: readonly number[], address: string | null): boolean {
  return ports.some((port) => address?.endsWith(`:${port}`));
}

/** Bits per second that go from and to these ports, in both directions together, measured over the given time. */
export async function bitrateAt(person: Person, ports: readonly number[], overMs: number): Promise<number> {
  const total = async () => {
    const reports = await connectionsOf(person);
    return reports
      .filter(({ remote }) => isAt(ports, remote))
      .reduce((sum, { bytesSent, bytesReceived }) => sum + bytesSent + bytesReceived, 0);
  };
  const before = await total();
  await person.page.waitForTimeout(overMs);
  return (((await total()) - before) * 8) / (overMs / 1000);
}

/** The layers of `kind` (as rid) that send anything within the given time. */
export async function layersSent(person: Person, kind: 'audio' | 'video', overMs: number): Promise<string[]> {
  const total = async () => {
    const sums = new Map<string, number>();
    for (const { sentByLayer } of await connectionsOf(person)) {
      for (const [layer, bytes] of Object.entries(sentByLayer)) sums.set(layer, (sums.get(layer) ?? 0) + bytes);
    }
    return sums;
  };
  const before = await total();
  await person.page.waitForTimeout(overMs);
  const after = await total();
  return [...after]
    .filter(([layer, bytes]) => layer.startsWith(`${kind}/`) && bytes > (before.get(layer) ?? 0))
    .map(([layer]) => layer.slice(kind.length + 1))
    .toSorted();
}
