import { randomBytes } from 'node:crypto';
import { type CoreMethods, coreMethods } from '@amphi/protocol';
import { accessHandlers } from './access-handlers.ts';
import type { Handlers } from './feature.ts';
import type { Session } from './session.ts';
import { WARM_MS } from './tracks.ts';

export const coreSpecs = coreMethods;

/** As many bytes as every TCP sends at once (RFC 6928), so that their time depends on the bandwidth alone. */
const PADDING = randomBytes(7500).toString('base64');

/** What performs the core's methods. Inputs are validated, stage and permission checked. */
export const coreHandlers: Handlers<CoreMethods, Session> = {
  ...accessHandlers,

  async 'media.prepare'(session) {
    const transports = await session.room.tracks.prepare(session.id);
    return { transports, expiresInMs: WARM_MS, relay: session.relay() };
  },

  'media.measure': () => ({ padding: PADDING }),

  'media.measured'(session, { downlinkBps }) {
    session.room.media.expectDownlink(session.id, downlinkBps);
    return {};
  },

  async join(session, input) {
    // The answer shows the room as of the join; what changes it afterwards has to come after the answer.
    session.cork();
    await session.passDoor(input.password);
    session.become({ name: input.name, direct: input.direct });
    await session.self();
    // The snapshot of that very moment: whoever comes while this goes on is told of by an event, and only by that.
    // Who comes back to the stage needs media, whatever there was before.
    const media = input.media || session.roleInRoom !== 'viewer';
    const { snapshot, transports } = await session.room.join(session, input.rtpCapabilities, {
      receives: session.receives,
      media,
    });
    const expected = input.downlinkBps ?? (input.measuring ? null : undefined);
    if (expected !== undefined) session.room.media.expectDownlink(session.id, expected);
    return { snapshot: session.withSelf(snapshot), transports, relay: session.relay() };
  },

  'media.receive'(session, { on }) {
    session.room.setServed(session, on);
    return {};
  },

  'relay.renew': (session) => session.relay(),

  leave(session) {
    session.endAfterAnswer('left');
    return {};
  },

  'self.update'(session, input) {
    session.update(input);
    return {};
  },

  'session.sync'(session) {
    session.cork();
    return { snapshot: session.snapshot() };
  },

  'session.ping': () => ({}),

  async 'transport.connect'(session, input) {
    await session.room.media.connectTransport(session.id, input.transportId, input.dtlsParameters);
    return {};
  },

  async 'transport.restartIce'(session, input) {
    return { iceParameters: await session.room.media.restartIce(session.id, input.transportId) };
  },

  async 'producer.create'(session, input) {
    const isMuted = input.source === 'microphone' && session.beginsMuted() && !input.muted;
    await session.room.tracks.create(session.id, isMuted ? { ...input, muted: true } : input);
    if (isMuted) session.deliver({ name: 'self.muted', data: { sources: ['microphone'] } });
    return {};
  },

  async 'producer.update'(session, input) {
    await session.room.tracks.update(session.id, input);
    return {};
  },

  'producer.close'(session, input) {
    session.room.tracks.close(session.id, input.producerId);
    return {};
  },

  async 'consumer.ready'(session, input) {
    await session.room.media.startConsumers(session.id, input.consumerIds);
    return {};
  },

  async 'consumer.update'(session, input) {
    await session.room.media.updateConsumers(session.id, input.consumers);
    return {};
  },

  async 'consumer.blank'(session, input) {
    await session.room.media.requestKeyFrames(session.id, input.consumerIds);
    return {};
  },

  async 'consumer.soundBroken'(session, input) {
    await session.room.media.soundBroken(session.id, input);
    return {};
  },

  'direct.signal'(session, input) {
    session.room.signal(session.id, input.epoch, input.signal);
    return {};
  },

  'direct.report'(session, input) {
    session.room.report(session.id, input.epoch, input.state);
    return {};
  },
};
