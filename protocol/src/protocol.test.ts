import { describe, expect, it } from 'vitest';
import {
  AmphiError,
  coreMethods,
  displayName,
  errorBody,
  handshake,
  PERMISSIONS,
  policyPatch,
  type Role,
  roleMay,
  roomId,
  rtpParameters,
} from './index.ts';

describe('room names', () => {
  it.each(['abc', 'team-standup', 'lusab-babad-gutih-tugad-kibof', '2026'])('takes %s', (name) => {
    expect(roomId.parse(name)).toBe(name);
  });

  it('folds case, so that a name that was read out works however it is typed', () => {
    expect(roomId.parse('Lusab-Babad')).toBe('lusab-babad');
  });

  it.each(['', 'ab', '-abc', 'abc-', 'a--b', 'a_b', 'ä-b-c', '../etc', 'a'.repeat(65), '__proto__', 'con structor'])(
    'refuses %j',
    (name) => {
      expect(roomId.safeParse(name).success).toBe(false);
    },
  );
});

describe('display names', () => {
  it('trims', () => {
    expect(displayName.parse('  Zoë 🦊 ')).toBe('Zoë 🦊');
  });

  it.each(['', '   ', 'a\u0000b', 'a\nb', 'evil\u202egnp.exe', 'x'.repeat(65)])('refuses %j', (name) => {
    expect(displayName.safeParse(name).success).toBe(false);
  });
});

describe('a change of the policy', () => {
  it('says nothing of what it leaves out', () => {
    expect(policyPatch.parse({ locked: true })).toEqual({ locked: true });
    expect(policyPatch.parse({})).toEqual({});
  });
});

describe('methods', () => {
  it('each has a permission that exists, a rate, a size and a sentence', () => {
    for (const [name, spec] of Object.entries(coreMethods)) {
      if (typeof spec.permission === 'string') expect(PERMISSIONS, name).toContain(spec.permission);
      expect(spec.rate.burst, name).toBeGreaterThan(0);
      expect(spec.rate.perSecond, name).toBeGreaterThan(0);
      expect(spec.maxBytes, name).toBeGreaterThan(0);
      expect(spec.about, name).toMatch(/\.$/);
    }
  });

  it('asks for the right that goes with the source', () => {
    const { permission } = coreMethods['producer.create'];
    if (typeof permission === 'string') throw new Error('producer.create must depend on its source');
    const base = {
      transportId: 't',
      producerId: crypto.randomUUID(),
      muted: false,
      rtpParameters: { codecs: [{ mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000 }] },
    };
    expect(permission({ ...base, kind: 'audio', source: 'microphone' })).toBe('publish.audio');
    expect(permission({ ...base, kind: 'audio', source: 'screen-audio' })).toBe('publish.screen');
  });

  it('refuses a source of the other kind', () => {
    const result = coreMethods['producer.create'].input.safeParse({
      transportId: 't',
      producerId: crypto.randomUUID(),
      source: 'camera',
      kind: 'audio',
      rtpParameters: { codecs: [{ mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000 }] },
    });
    expect(result.error?.issues[0]?.path).toEqual(['kind']);
  });

  it('before the door there is only asking, and at the door preparing', () => {
    const allowed = (role: Role) => PERMISSIONS.filter((permission) => roleMay(role, permission));
    expect(allowed('stranger')).toEqual(['join']);
    expect(allowed('waiting')).toEqual(['join']);
    expect(allowed('visitor')).toEqual(['join', 'connect']);
  });
});

describe('RTP parameters', () => {
  const codec = { mimeType: 'video/VP8', payloadType: 101, clockRate: 90_000 };

  it('bounds what reaches the worker', () => {
    const ok = { codecs: [codec], encodings: [{ rid: 'r0' }, { rid: 'r1' }, { rid: 'r2' }] };
    expect(rtpParameters.safeParse(ok).success).toBe(true);
    expect(rtpParameters.safeParse({ codecs: [] }).success).toBe(false);
    expect(rtpParameters.safeParse({ codecs: [{ ...codec, payloadType: 128 }] }).success).toBe(false);
    expect(
      rtpParameters.safeParse({ codecs: [codec], encodings: Array.from({ length: 5 }, () => ({ rid: 'r' })) }).success,
    ).toBe(false);
    expect(
      rtpParameters.safeParse({
        codecs: [{ ...codec, parameters: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`k${i}`, 1])) }],
      }).success,
    ).toBe(false);
  });
});

describe('handshake', () => {
  it('needs no more than the version and the room', () => {
    expect(handshake.safeParse({ protocol: 1, room: 'abc' }).success).toBe(true);
    expect(handshake.safeParse({ protocol: 1 }).success).toBe(false);
    expect(handshake.safeParse({ protocol: 1, room: 'abc', resume: { token: 'x'.repeat(129), seq: 0 } }).success).toBe(
      false,
    );
  });
});

describe('errors', () => {
  it('travel and come back the same', () => {
    const error = new AmphiError('rate-limited', 'Too many requests.', { retryAfterMs: 500 });
    const back = AmphiError.fromBody(errorBody.parse(JSON.parse(JSON.stringify(error.toBody()))));
    expect(back.code).toBe('rate-limited');
    expect(back.retryAfterMs).toBe(500);
    expect(back.message).toBe(error.message);
  });
});
