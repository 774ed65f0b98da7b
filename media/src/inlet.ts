import type { MediaInlet } from '@amphi/rooms';
import type { types } from 'mediasoup';
import { senderReport } from './feed/rtcp.ts';
import type { MemberLink } from './member-link.ts';

/** The inlet that a link has, for as long as it is the one. */
export function createInlet(
  link: MemberLink,
  transport: types.DirectTransport,
  producerOf: (producerId: string) => types.Producer | undefined,
): MediaInlet {
  const isOpen = (): boolean => link.isInlet(transport);
  return {
    id: transport.id,
    send(producerId, packet) {
      const producer = isOpen() ? producerOf(producerId) : undefined;
      if (producer && !producer.closed) producer.send(packet);
    },
    report(report) {
      if (isOpen()) transport.sendRtcp(senderReport(report));
    },
    setAlive(alive) {
      if (isOpen()) link.setInletAlive(alive);
    },
  };
}
