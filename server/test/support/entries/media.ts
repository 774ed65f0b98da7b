import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { dtls, opus, screen, vp8 } from '../rtp.ts';
import { given } from '../scene.ts';
import { but, type Entries, nothing, without } from './entry.ts';

type Names =
  | 'media.prepare'
  | 'media.measure'
  | 'media.measured'
  | 'media.receive'
  | 'relay.renew'
  | 'transport.connect'
  | 'transport.restartIce'
  | 'producer.create'
  | 'producer.update'
  | 'producer.close'
  | 'consumer.ready'
  | 'consumer.update'
  | 'consumer.blank'
  | 'consumer.soundBroken';

const badTransports = [
  ['no transport', without('transportId'), 'transportId'],
  ['an empty transport id', but({ transportId: '' }), 'transportId'],
  ['a huge transport id', but({ transportId: 'x'.repeat(65) }), 'transportId'],
  ['a transport id that is a number', but({ transportId: 1 }), 'transportId'],
] as const;

const badProducers = [
  ['no producer', without('producerId'), 'producerId'],
  ['a producer id that is no UUID', but({ producerId: 'camera' }), 'producerId'],
  ['a producer id that is a list', but({ producerId: [randomUUID()] }), 'producerId'],
] as const;

const badConsumers = [
  ['no list', without('consumerIds'), 'consumerIds'],
  ['an empty list', but({ consumerIds: [] }), 'consumerIds'],
  ['a list of 513', but({ consumerIds: Array(513).fill('x') }), 'consumerIds'],
  ['numbers', but({ consumerIds: [1] }), 'consumerIds.0'],
  ['an id for a list', but({ consumerIds: 'x' }), 'consumerIds'],
] as const;

const badSizes = [
  ['a width of 0', but({ width: 0 }), 'width'],
  ['a broken width', but({ width: 1.5 }), 'width'],
  ['an endless height', but({ height: 16_385 }), 'height'],
] as const;

const foreignTransports = [
  ['a transport that there is not', but({ transportId: randomUUID() }), 'not-found'],
  ["Bob's transport", (good: object, { bob }) => ({ ...good, transportId: bob.transports.send.id }), 'not-found'],
  ["Sam's transport", (good: object, { sam }) => ({ ...good, transportId: sam.transports.send.id }), 'not-found'],
  [
    'a producer for a transport',
    (good: object, { aliceCamera }) => ({ ...good, transportId: aliceCamera }),
    'not-found',
  ],
] as const satisfies Entries<'transport.restartIce'>['transport.restartIce']['refused'];

const foreignProducers = [
  ['a producer that there is not', but({ producerId: randomUUID() }), 'not-found'],
  ["Bob's producer", (good: object, { bobCamera }) => ({ ...good, producerId: bobCamera }), 'not-found'],
  ["Sam's producer", (good: object, { samCamera }) => ({ ...good, producerId: samCamera }), 'not-found'],
] as const satisfies Entries<'producer.close'>['producer.close']['refused'];

const foreignConsumers = [
  ["Bob's consumer", (_good: object, { consumers }) => ({ consumerIds: [consumers.bob] }), 'ok'],
  ["Nora's consumer", (_good: object, { consumers }) => ({ consumerIds: [consumers.nora] }), 'ok'],
  ['consumers that there are not', () => ({ consumerIds: ['__proto__', 'constructor', randomUUID()] }), 'ok'],
] as const satisfies Entries<'consumer.ready'>['consumer.ready']['refused'];

/** Tracks, what carries them and what receives them. */
export const mediaEntries: Entries<Names> = {
  'media.prepare': {
    good: () => ({}),
    async effect({ vera, server }, { transports, expiresInMs }) {
      expect(expiresInMs).toBe(120_000);
      const { send, recv } = transports;
      expect(send.id).not.toBe(recv.id);
      expect(send.iceCandidates.map((candidate) => candidate.protocol)).toEqual(['udp', 'tcp']);
      expect(send.iceCandidates.map(({ port }) => port)).toEqual([server.mediaPort, server.mediaPort]);
      await vera.call('transport.connect', { transportId: send.id, dtlsParameters: dtls() });
    },
    bad: [],
  },

  'media.measure': {
    good: () => ({}),
    async effect(_scene, { padding }) {
      expect(padding).toHaveLength(10_000);
    },
    bad: [],
  },

  'media.measured': {
    good: () => ({ downlinkBps: 300_000 }),
    effect: nothing,
    bad: [
      ['no number', without('downlinkBps'), 'downlinkBps'],
      ['nothing at all', but({ downlinkBps: 0 }), 'downlinkBps'],
      ['more than any link carries', but({ downlinkBps: 1e11 }), 'downlinkBps'],
      ['a text', but({ downlinkBps: '300000' }), 'downlinkBps'],
    ],
    refused: [],
  },

  'media.receive': {
    watched: 'live',
    by: ({ walt }) => given(walt).wire,
    good: () => ({ on: false }),
    async effect({ walt, bob }) {
      const { wire, id } = given(walt);
      const off = await wire.take('session.snapshot');
      expect(off.snapshot.consumers).toEqual([]);
      // Nothing is left of its media, and it is still there.
      await expect(wire.call('transport.restartIce', { transportId: 'any' })).rejects.toMatchObject({
        code: 'not-found',
      });
      await wire.call('media.receive', { on: true });
      const on = await wire.take('session.snapshot');
      expect(on.snapshot.selfId).toBe(id);
      expect(on.snapshot.consumers).toHaveLength(2);
      expect(on.transports).toBeDefined();
      expect((await bob.sync()).members.map(({ name }) => name)).not.toContain('Walt');
    },
    bad: [
      ['no choice', without('on'), 'on'],
      ['a choice that is a word', but({ on: 'yes' }), 'on'],
    ],
  },

  'relay.renew': {
    good: () => ({}),
    async effect(_scene, output) {
      // This server has no relay; those that have are tried in turn.int.test.ts.
      expect(output).toEqual({ iceServers: [], expiresInMs: null });
    },
    bad: [],
  },

  'transport.connect': {
    good: ({ alice }) => ({ transportId: alice.transports.send.id, dtlsParameters: dtls() }),
    async effect({ alice }, _output, input) {
      // It stands by now: the same again changes nothing, other fingerprints are refused.
      await alice.wire.call('transport.connect', input);
      await expect(
        alice.wire.call('transport.connect', { ...input, dtlsParameters: dtls('CD') }),
      ).rejects.toMatchObject({ code: 'wrong-state' });
    },
    bad: [
      ...badTransports,
      ['no fingerprints', but({ dtlsParameters: { fingerprints: [] } }), 'dtlsParameters.fingerprints'],
      [
        'nine fingerprints',
        but({ dtlsParameters: { fingerprints: Array(9).fill(dtls().fingerprints[0]) } }),
        'dtlsParameters.fingerprints',
      ],
      [
        'an unknown algorithm',
        but({ dtlsParameters: { fingerprints: [{ algorithm: 'md5', value: 'AB:CD' }] } }),
        'dtlsParameters.fingerprints.0.algorithm',
      ],
      [
        'a fingerprint that is not hexadecimal',
        but({ dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: 'XY:ZZ' }] } }),
        'dtlsParameters.fingerprints.0.value',
      ],
      ['an unknown role', but({ dtlsParameters: { ...dtls(), role: 'boss' } }), 'dtlsParameters.role'],
    ],
    refused: foreignTransports,
  },

  'transport.restartIce': {
    good: ({ alice }) => ({ transportId: alice.transports.send.id }),
    async effect({ alice }, { iceParameters }) {
      const { usernameFragment, password } = alice.transports.send.iceParameters;
      expect(iceParameters.usernameFragment).not.toBe(usernameFragment);
      expect(iceParameters.password).not.toBe(password);
    },
    bad: badTransports,
    refused: foreignTransports,
  },

  'producer.create': {
    good: ({ alice }) => screen(alice.transports.send.id),
    async effect({ alice, bob, aliceCamera, cast, room }, _output, { producerId }) {
      const info = { id: producerId, source: 'screen', kind: 'video', muted: false, width: 1920, height: 1080 };
      const { memberId, producer } = await bob.wire.take('producer.added');
      expect({ memberId, producer }).toEqual({ memberId: alice.id, producer: { ...info, spatialLayers: 1 } });
      const { consumer } = await bob.wire.take('consumer.created');
      expect(consumer).toMatchObject({ producerId, memberId: alice.id, kind: 'video', type: 'simple' });
      const { members, consumers } = await bob.sync();
      expect(members[0]?.producers.map(({ id }) => id)).toEqual([aliceCamera, producerId]);
      expect(consumers.map(({ id }) => id)).toContain(consumer.id);
      const { snapshot } = await cast.join(room, { name: 'Late' });
      expect(snapshot.members[0]?.producers).toContainEqual(producer);
      expect(snapshot.consumers.map((entry) => entry.producerId)).toContain(producerId);
      expect((await bob.wire.take('member.joined')).member.name).toBe('Late');
    },
    bad: [
      ...badTransports,
      ...badProducers,
      ...badSizes,
      ['an unknown source', but({ source: 'webcam' }), 'source'],
      ['a kind that does not go with the source', but({ kind: 'audio', rtpParameters: opus() }), 'kind'],
      ['no RTP parameters', without('rtpParameters'), 'rtpParameters'],
      ['no codecs', but({ rtpParameters: { ...vp8(1), codecs: [] } }), 'rtpParameters.codecs'],
      ['five encodings', but({ rtpParameters: vp8(5) }), 'rtpParameters.encodings'],
      [
        'an SSRC too large',
        but({ rtpParameters: { ...vp8(1), encodings: [{ ssrc: 2 ** 32 }] } }),
        'rtpParameters.encodings.0.ssrc',
      ],
      ['audio as video', but({ rtpParameters: opus() }), 'rtpParameters.codecs'],
    ],
    refused: [
      ...foreignTransports,
      [
        'the transport for receiving',
        (good, { alice }) => ({ ...good, transportId: alice.transports.recv.id }),
        'not-found',
      ],
      ["Alice's own producer again", (good, { aliceCamera }) => ({ ...good, producerId: aliceCamera }), 'wrong-state'],
      ["Bob's producer id", (good, { bobCamera }) => ({ ...good, producerId: bobCamera }), 'wrong-state'],
      ['a codec that the room has not', (good) => ({ ...good, rtpParameters: unknownCodec() }), 'bad-request'],
      ['RTX for nothing', (good) => ({ ...good, rtpParameters: strayRtx() }), 'bad-request'],
    ],
    again: 'wrong-state',
  },

  'producer.update': {
    good: ({ aliceCamera }) => ({ producerId: aliceCamera, muted: true, width: 640, height: 360 }),
    async effect({ alice, bob }, _output, { producerId }) {
      const changed = { id: producerId, muted: true, width: 640, height: 360 };
      const { memberId, producer } = await bob.wire.take('producer.updated');
      expect(memberId).toBe(alice.id);
      expect(producer).toMatchObject({ ...changed, source: 'camera', spatialLayers: 3 });
      const { members } = await bob.sync();
      expect(members[0]?.producers).toEqual([producer]);
    },
    bad: [
      ...badProducers,
      ...badSizes,
      ['muted as text', but({ muted: 'yes' }), 'muted'],
      ['standby as null', but({ standby: null }), 'standby'],
    ],
    refused: [
      ...foreignProducers,
      ['nothing to change', ({ producerId }) => ({ producerId }), 'ok'],
      ['standby, which is nobody else’s business', ({ producerId }) => ({ producerId, standby: true }), 'ok'],
    ],
  },

  'producer.close': {
    good: ({ aliceCamera }) => ({ producerId: aliceCamera }),
    async effect({ alice, bob }, _output, { producerId }) {
      expect(await bob.wire.take('producer.removed')).toEqual({ memberId: alice.id, producerId });
      const { members, consumers } = await bob.sync();
      expect(members[0]?.producers).toEqual([]);
      expect(consumers).toEqual([]);
    },
    bad: badProducers,
    refused: foreignProducers,
    again: 'not-found',
  },

  'consumer.ready': {
    good: ({ consumers }) => ({ consumerIds: [consumers.alice] }),
    effect: nothing,
    bad: badConsumers,
    refused: foreignConsumers,
  },

  'consumer.update': {
    good: ({ consumers }) => ({
      consumers: [{ id: consumers.alice, spatialLayer: 0, temporalLayer: 1, priority: 255, paused: true }],
    }),
    async effect({ bob, bobCamera }) {
      // Only Alice looks at Bob's camera, and does not any more.
      expect(await bob.wire.take('producer.demand')).toEqual({ producerId: bobCamera, maxSpatialLayer: -1 });
    },
    bad: [
      ['no list', without('consumers'), 'consumers'],
      ['an empty list', but({ consumers: [] }), 'consumers'],
      ['a list of 513', but({ consumers: Array.from({ length: 513 }, () => ({ id: 'x' })) }), 'consumers'],
      ['one without an id', but({ consumers: [{ paused: true }] }), 'consumers.0.id'],
      ['a layer of 3', but({ consumers: [{ id: 'x', spatialLayer: 3 }] }), 'consumers.0.spatialLayer'],
      ['a layer of -1', but({ consumers: [{ id: 'x', temporalLayer: -1 }] }), 'consumers.0.temporalLayer'],
      ['a priority of 0', but({ consumers: [{ id: 'x', priority: 0 }] }), 'consumers.0.priority'],
      ['a priority of 256', but({ consumers: [{ id: 'x', priority: 256 }] }), 'consumers.0.priority'],
      ['paused as a number', but({ consumers: [{ id: 'x', paused: 1 }] }), 'consumers.0.paused'],
    ],
    refused: [['consumers that there are not', () => ({ consumers: [{ id: '__proto__', paused: true }] }), 'ok']],
  },

  'consumer.blank': {
    good: ({ consumers }) => ({ consumerIds: [consumers.alice] }),
    effect: nothing,
    bad: badConsumers,
    refused: foreignConsumers,
  },

  'consumer.soundBroken': {
    good: () => ({ receivedBps: 250_000, lost: 0.2 }),
    effect: nothing,
    bad: [
      ['no number', without('receivedBps'), 'receivedBps'],
      ['less than nothing', but({ receivedBps: -1 }), 'receivedBps'],
      ['parts of a bit', but({ receivedBps: 0.5 }), 'receivedBps'],
      ['more than any link carries', but({ receivedBps: 1e11 }), 'receivedBps'],
      ['a text', but({ receivedBps: '250000' }), 'receivedBps'],
      ['more lost than there was', but({ lost: 1.1 }), 'lost'],
    ],
    refused: [],
  },
};

function unknownCodec() {
  return { ...vp8(1), codecs: [{ mimeType: 'video/VP10', payloadType: 96, clockRate: 90_000 }] };
}

function strayRtx() {
  return {
    ...vp8(1),
    codecs: [{ mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 96 } }],
  };
}
