import type { CoreEvents, DataOf, LeaveReason, RoomPolicy, Snapshot, TransportPair } from '@amphi/protocol';
import type { Direct } from '../direct/direct.ts';
import type { Sfu } from '../media/sfu.ts';
import type { Access } from './access.ts';
import type { Members } from './members.ts';
import type { SpeakerBoard } from './speakers.ts';

export type CoreHandlers = { [K in keyof CoreEvents]: (data: DataOf<CoreEvents, K>) => void };

export type HandlerParts = {
  members: Members;
  sfu: Sfu;
  direct: Direct;
  speakers: SpeakerBoard;
  access: Access;
  self: {
    id(): string | null;
    update(patch: DataOf<CoreEvents, 'member.updated'>['patch']): void;
  };
  applySnapshot(snapshot: Snapshot, transports: TransportPair | undefined): void;
  setPolicy(policy: RoomPolicy): void;
  ended(reason: LeaveReason): void;
};

/** What each event of the server changes. */
export function coreHandlers({ members, sfu, direct, speakers, access, self, ...call }: HandlerParts): CoreHandlers {
  return {
    // Taken by the signaling itself.
    'session.welcome': () => undefined,
    'session.snapshot': ({ snapshot, transports }) => {
      call.applySnapshot(snapshot, transports);
      const own = snapshot.members.find(({ id }) => id === snapshot.selfId);
      sfu.publications.reconcile(own?.producers ?? []);
    },
    'session.ended': ({ reason }) => call.ended(reason),
    'member.joined': ({ member }) => {
      if (member.id !== self.id()) members.join(member);
    },
    'member.updated': ({ memberId, patch }) => {
      if (memberId === self.id()) self.update(patch);
      else members.update(memberId, patch);
    },
    'member.left': ({ memberId }) => {
      if (direct.peerId === memberId) direct.end();
      members.leave(memberId);
    },
    'producer.added': ({ memberId, producer }) => members.setProducer(memberId, producer),
    'producer.updated': ({ memberId, producer }) => members.setProducer(memberId, producer),
    'producer.removed': ({ memberId, producerId }) => {
      if (memberId === self.id()) sfu.publications.removed(producerId);
      else members.removeProducer(memberId, producerId);
    },
    'producer.demand': ({ producerId, maxSpatialLayer }) => sfu.publications.setDemand(producerId, maxSpatialLayer),
    'consumer.created': ({ consumer }) => sfu.subscriptions.add(consumer),
    'consumer.closed': ({ consumerId }) => sfu.subscriptions.remove(consumerId),
    'consumer.layers': ({ consumerId, current }) =>
      sfu.subscriptions.setLayers(consumerId, current?.spatialLayer ?? null),
    'room.speakers': (data) => {
      // The SFU hears nothing of a direct connection.
      if (!direct.live) speakers.hear(data);
    },
    'room.updated': ({ policy }) => call.setPolicy(policy),
    'media.moved': ({ transports, consumers }) => sfu.enter(transports, consumers),
    'direct.start': (info) => direct.start(info),
    'direct.signal': ({ epoch, signal }) => direct.signal(epoch, signal),
    'self.changed': (data) => access.setSelf(data.self),
    'self.muted': ({ sources, by }) => {
      sfu.publications.mute(sources);
      access.muted(sources, by);
    },
    'self.asked': ({ source, by }) => access.asked(source, by),
    'lobby.waiting': ({ people }) => access.setWaiting(people),
    'lobby.hosts': ({ hosts }) => access.setHosts(hosts),
    'lobby.decided': ({ admitted }) => access.decided(admitted),
    'lobby.message': ({ name, text }) => access.message(name, text),
    'direct.state': ({ epoch, state }) => direct.state(epoch, state),
  };
}
