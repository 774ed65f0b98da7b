import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { but, type Entries, without } from './entry.ts';

const EPOCH = 1;
const candidate = {
  type: 'candidate',
  candidate: 'candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host',
  sdpMid: '0',
  sdpMLineIndex: 0,
  usernameFragment: 'abcd',
} as const;

const signal = (change: object) => but({ signal: { type: 'offer', sdp: 'v=0', tracks: {}, ...change } });
const tooManyTracks = Object.fromEntries(Array.from({ length: 17 }, (_, mid) => [String(mid), randomUUID()]));

/** The two of a direct connection. */
export const directEntries: Entries<'direct.signal' | 'direct.report'> = {
  'direct.signal': {
    direct: true,
    good: () => ({ epoch: EPOCH, signal: candidate }),
    async effect({ bob }) {
      expect(await bob.wire.take('direct.signal')).toEqual({ epoch: EPOCH, signal: candidate });
    },
    bad: [
      ['no epoch', without('epoch'), 'epoch'],
      ['an epoch that is text', but({ epoch: '1' }), 'epoch'],
      ['a broken epoch', but({ epoch: 1.5 }), 'epoch'],
      ['no signal', without('signal'), 'signal'],
      ['a rollback', signal({ type: 'rollback' }), 'signal'],
      ['a huge description', signal({ sdp: 'x'.repeat(24 * 1024 + 1) }), 'signal.sdp'],
      ['tracks that are no producers', signal({ tracks: { 0: 'camera' } }), 'signal.tracks.0'],
      ['too many tracks', signal({ tracks: tooManyTracks }), 'signal.tracks'],
      ['a huge candidate', but({ signal: { ...candidate, candidate: 'x'.repeat(1025) } }), 'signal.candidate'],
      ['a candidate without a place', but({ signal: { type: 'candidate', candidate: '' } }), 'signal'],
    ],
    refused: [
      ['the epoch before', but({ epoch: EPOCH - 1 }), 'ok'],
      ['an epoch to come', but({ epoch: EPOCH + 1 }), 'ok'],
    ],
  },

  'direct.report': {
    direct: true,
    good: () => ({ epoch: EPOCH, state: 'failed' }),
    async effect({ alice, bob }) {
      for (const { wire } of [alice, bob]) {
        expect(await wire.take('direct.state')).toEqual({ epoch: EPOCH, state: 'closed' });
      }
      expect((await bob.sync()).direct).toBeUndefined();
    },
    bad: [
      ['no epoch', without('epoch'), 'epoch'],
      ['an unknown state', but({ state: 'done' }), 'state'],
      ['a state that is a list', but({ state: ['failed'] }), 'state'],
    ],
    refused: [
      ['the epoch before', but({ epoch: EPOCH - 1 }), 'ok'],
      ['an epoch to come', but({ epoch: EPOCH + 1 }), 'ok'],
      ['what does not go with the phase', but({ state: 'released' }), 'ok'],
    ],
  },
};
