import type { MediaInlet } from '@amphi/rooms';
import type { types } from 'mediasoup';
import { senderReport } from './feed/rtcp.ts';
import type { InletLink } from './inlet-link.ts';

/** The inlet of a link, for as long as that is the member's. */
export function createInlet(
  link: InletLink,
  producerOf: (producerId: string) => types.Producer | undefined,
): MediaInlet {
  return {
    id: link.transport.id,
    send(producerId, packet) {
      const producer = link.closed ? undefined : producerOf(producerId);
      if (producer && !producer.closed) producer.send(packet);
    },
    report(report) {
      if (!link.closed) link.transport.sendRtcp(senderReport(report));
    },
    setAlive: (alive) => link.setAlive(alive),
  };
}
