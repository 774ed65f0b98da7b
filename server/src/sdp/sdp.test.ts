import type { RtpCapabilities } from '@amphi/protocol';
import fc from 'fast-check';
import { ortc } from 'mediasoup';
import { parse } from 'sdp-transform';
import { describe, expect, test } from 'vitest';
import { routerCapabilities, routerCodecs } from '../../../media/src/codecs.ts';
import { chrome, ffmpeg, firefox, gstreamer, obs, obsSimulcast, offers, safari } from '../../test/support/offers.ts';
import {
  type AnsweredTrack,
  readFragment,
  readOffer,
  SdpError,
  sentTrack,
  type SentTrack,
  writeAnswer,
} from './index.ts';

const capabilities: RtpCapabilities = routerCapabilities(routerCodecs(['vp8', 'h264']));

const transport = {
  iceParameters: { usernameFragment: 'srv', password: 'secret', iceLite: true },
  iceCandidates: [
    {
      foundation: 'udp',
      priority: 10,
      address: '192.0.2.1',
      ip: '192.0.2.1',
      protocol: 'udp' as const,
      port: 4444,
      type: 'host' as const,
    },
    {
      foundation: 'tcp',
      priority: 9,
      address: '192.0.2.1',
      ip: '192.0.2.1',
      protocol: 'tcp' as const,
      port: 4444,
      type: 'host' as const,
      tcpType: 'passive' as const,
    },
  ],
  dtlsParameters: { role: 'auto' as const, fingerprints: [{ algorithm: 'sha-256' as const, value: 'CD:EF' }] },
};

function tracksOf(sdp: string): SentTrack[] {
  return readOffer(sdp).sections.flatMap((section) => sentTrack(section, capabilities) ?? []);
}

function track(sdp: string, kind: 'audio' | 'video'): SentTrack {
  const found = tracksOf(sdp).find((candidate) => candidate.kind === kind);
  if (!found) throw new Error(`no ${kind}`);
  return found;
}

function answerOf(sdp: string): string {
  const tracks = tracksOf(sdp).map((each): AnsweredTrack => ({ ...each, direction: 'recvonly' }));
  return writeAnswer(readOffer(sdp), transport, tracks);
}

describe.each(Object.entries(offers))('the offer of %s', (_name, sdp) => {
  test('makes parameters that the media worker takes', () => {
    const tracks = tracksOf(sdp);
    expect(tracks.map(({ kind }) => kind).toSorted()).toEqual(['audio', 'video']);
    for (const { rtpParameters } of tracks) {
      const params = structuredClone(rtpParameters) as never;
      ortc.validateAndNormalizeRtpParameters(params);
      const mapping = ortc.getProducerRtpParametersMapping(params, structuredClone(capabilities) as never);
      expect(mapping.codecs.length).toBe(rtpParameters.codecs.length);
      expect(mapping.encodings.length).toBe(rtpParameters.encodings?.length);
    }
  });

  test('is answered section by section, in its order, with what it offered', () => {
    const [offer, answer] = [parse(sdp), parse(answerOf(sdp))];
    expect(answer.icelite).toBe('ice-lite');
    expect(answer.media.map(({ type, mid }) => [type, mid])).toEqual(offer.media.map(({ type, mid }) => [type, mid]));
    for (const [index, media] of answer.media.entries()) {
      const offered = offer.media[index];
      if (media.port === 0) continue;
      expect(media.direction).toBe('recvonly');
      expect(media).toMatchObject({
        rtcpMux: 'rtcp-mux',
        iceUfrag: 'srv',
        icePwd: 'secret',
        endOfCandidates: 'end-of-candidates',
      });
      const payloads = String(offered?.payloads).split(' ');
      for (const { payload } of media.rtp) expect(payloads).toContain(String(payload));
      for (const { value, uri } of media.ext ?? [])
        expect(offered?.ext).toContainEqual(expect.objectContaining({ value, uri }));
      expect(media.candidates?.map(({ transport: protocol }) => protocol)).toEqual(['udp', 'tcp']);
    }
    const bundled = answer.media.filter(({ port }) => port !== 0).map(({ mid }) => String(mid));
    expect(answer.groups).toEqual([{ type: 'BUNDLE', mids: bundled.join(' ') }]);
  });
});

test('who may choose is the DTLS client, and FFmpeg, which is the server, gets a client', () => {
  for (const sdp of [obs, chrome, gstreamer, firefox, safari]) {
    expect(readOffer(sdp).dtls.role).toBe('client');
    expect(parse(answerOf(sdp)).media[0]?.setup).toBe('passive');
  }
  expect(readOffer(ffmpeg).dtls.role).toBe('server');
  expect(parse(answerOf(ffmpeg)).media[0]?.setup).toBe('active');
});

test('a profile is found whatever its level, and when it is all digits', () => {
  expect(track(obs, 'video').rtpParameters.codecs[0]).toMatchObject({ mimeType: 'video/H264', payloadType: 96 });
  expect(track(ffmpeg, 'video').rtpParameters.codecs[0]?.parameters?.['profile-level-id']).toBe('42c01f');
  expect(track(safari, 'video').rtpParameters.codecs[0]?.parameters?.['profile-level-id']).toBe('640032');
});

test('the first codec that both know is taken, plain baseline is not constrained baseline', () => {
  const h264Only = {
    ...capabilities,
    codecs: (capabilities.codecs ?? []).filter(({ mimeType }) => mimeType !== 'video/VP8'),
  };
  const video = readOffer(chrome).sections[1];
  if (!video) throw new Error('no video');
  expect(sentTrack(video, h264Only)?.rtpParameters.codecs.map(({ payloadType }) => payloadType)).toEqual([109, 114]);
  expect(sentTrack(video, capabilities)?.rtpParameters.codecs.map(({ payloadType }) => payloadType)).toEqual([96, 97]);
  expect(sentTrack(video, { codecs: [] })).toBeUndefined();
});

test('packetization mode 0 is another codec', () => {
  expect(
    readOffer(obs.replace('packetization-mode=1;', '')).sections.map(
      (section) => sentTrack(section, capabilities)?.kind,
    ),
  ).toEqual(['audio', undefined]);
});

test('retransmission only where it can be told what is repaired', () => {
  expect(track(ffmpeg, 'video').rtpParameters).toMatchObject({ encodings: [{ ssrc: 2002, rtx: { ssrc: 2003 } }] });
  expect(track(ffmpeg, 'video').rtpParameters.codecs.map(({ mimeType }) => mimeType)).toEqual([
    'video/H264',
    'video/rtx',
  ]);
  const single = ffmpeg.replace('a=ssrc-group:FID 2002 2003\r\n', '');
  expect(track(single, 'video').rtpParameters.codecs).toHaveLength(1);
  expect(track(single, 'video').rtpParameters.encodings).toEqual([{ ssrc: 2002 }]);
});

describe('layers come from the lowest to the highest', () => {
  const rids = (sdp: string) => track(sdp, 'video').rtpParameters.encodings?.map(({ rid }) => rid);
  test('of OBS, which begins with the best', () => expect(rids(obsSimulcast)).toEqual(['2', '1', '0']));
  test('by their names', () => {
    expect(rids(chrome)).toEqual(['l', 'm', 'h']);
    expect(rids(chrome.replace('send h;m;l', 'send l;m;h'))).toEqual(['l', 'm', 'h']);
    const letters = chrome.replaceAll('a=rid:m', 'a=rid:q').replaceAll('a=rid:l', 'a=rid:f').replace('h;m;l', 'f;h;q');
    expect(rids(letters)).toEqual(['q', 'h', 'f']);
  });
  test('by their sizes', () => expect(rids(firefox)).toEqual(['lo', 'mid', 'hi']));
  test('three at most, the lowest among them, and the answer says so', () => {
    const four = obsSimulcast.replace('a=rid:2 send', 'a=rid:2 send\r\na=rid:3 send').replace('0;1;2', '0;1;2;3');
    expect(rids(four)).toEqual(['3', '1', '0']);
    expect(parse(answerOf(four)).media[1]?.simulcast).toEqual({ dir1: 'recv', list1: '0;1;3' });
  });
  test('a paused one, and alternatives', () => {
    expect(rids(chrome.replace('send h;m;l', 'send h,m;~l'))).toEqual(['l', 'h']);
  });
  test('answered in the order of the offer', () => {
    expect(parse(answerOf(chrome)).media[1]).toMatchObject({
      rids: [{ id: 'h' }, { id: 'm' }, { id: 'l' }].map((rid) => ({ ...rid, direction: 'recv' })),
      simulcast: { dir1: 'recv', list1: 'h;m;l' },
    });
  });
  test('as ssrcs of a simulcast group', () => {
    const group = safari.replace(
      'a=ssrc-group:FID 6001 6002',
      'a=ssrc-group:SIM 6001 6005\r\na=ssrc-group:FID 6001 6002\r\na=ssrc-group:FID 6005 6006',
    );
    expect(track(group, 'video').rtpParameters.encodings).toEqual([
      { ssrc: 6001, rtx: { ssrc: 6002 } },
      { ssrc: 6005, rtx: { ssrc: 6006 } },
    ]);
  });
});

test('what cannot be used is rejected in its place', () => {
  const answer = parse(answerOf(chrome));
  expect(answer.media[2]).toMatchObject({ type: 'application', port: 0, direction: 'inactive' });
});

test('only header extensions that both know are taken', () => {
  const uris = track(chrome, 'video').rtpParameters.headerExtensions?.map(({ id }) => id);
  expect(uris).toEqual([14, 2, 4, 10, 11]);
  expect(track(firefox, 'audio').rtpParameters.headerExtensions?.map(({ id }) => id)).toEqual([1, 3]);
});

describe('is refused', () => {
  const refused: [string, string, number][] = [
    ['what is no SDP', 'hello', 400],
    ['an empty one', 'v=0\r\n', 400],
    ['one without a fingerprint', obs.replace(/a=fingerprint.*\r\n/, ''), 400],
    ['one with a broken fingerprint', obs.replace(/a=fingerprint:sha-256 \S+/, 'a=fingerprint:md5 AB'), 400],
    ['one without ICE credentials', obs.replace(/a=ice-pwd.*\r\n/, ''), 400],
    ['one without mids', obs.replaceAll(/a=mid.*\r\n/g, ''), 400],
    ['one whose mids are the same', obs.replace('a=mid:1', 'a=mid:0'), 400],
    ['one that is not bundled', obs.replace('a=group:BUNDLE 0 1\r\n', ''), 422],
    ['one with RTCP on another port', obs.replaceAll('a=rtcp-mux\r\n', ''), 422],
    ['one with a strange setup', obs.replace('actpass', 'holdconn'), 400],
    ['one with too many sections', obs + 'm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n'.repeat(20), 422],
  ];
  test.each(refused)('%s', (_what, sdp, status) => {
    expect(() => readOffer(sdp)).toThrow(SdpError);
    expect(() => readOffer(sdp)).toThrow(expect.objectContaining({ status }));
  });

  test('parameters beyond all bounds', () => {
    const sdp = obs.replace('a=mid:0', `a=mid:${'x'.repeat(40)}`).replace('BUNDLE 0', `BUNDLE ${'x'.repeat(40)}`);
    expect(() => tracksOf(sdp)).toThrow(expect.objectContaining({ status: 400 }));
  });
});

test('whatever is changed in an offer, it is read or refused, and nothing else happens', () => {
  const all = Object.values(offers);
  const mangled = fc
    .tuple(
      fc.constantFrom(...all),
      fc.array(fc.tuple(fc.nat(), fc.string({ maxLength: 12, unit: 'binary' })), { maxLength: 6 }),
    )
    .map(([sdp, edits]) =>
      edits.reduce(
        (text, [at, insert]) =>
          text.slice(0, at % text.length) + insert + text.slice((at % text.length) + insert.length),
        sdp,
      ),
    );
  fc.assert(
    fc.property(mangled, (sdp) => {
      const problems: unknown[] = [];
      try {
        answerOf(sdp);
      } catch (error) {
        if (!(error instanceof SdpError)) problems.push(error);
      }
      expect(problems).toEqual([]);
    }),
    { numRuns: 150 },
  );
}, 30_000);

test('a fragment tells credentials and candidates', () => {
  const text =
    'a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 UDP 1 192.0.2.1 5000 typ host\r\n';
  expect(readFragment(text)).toEqual({
    ice: { usernameFragment: 'EsAw', password: 'P2uYro0UCOQ4zxjKXaWCBui1' },
    candidates: 1,
  });
  expect(() => readFragment('a=ice-ufrag:EsAw\r\n')).toThrow(SdpError);
});
