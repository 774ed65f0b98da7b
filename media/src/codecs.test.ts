import { describe, expect, it } from 'vitest';
import { routerCapabilities, routerCodecs } from './codecs.ts';

const names = (codecs: readonly { mimeType: string }[]): string[] => codecs.map(({ mimeType }) => mimeType);

describe('routerCodecs', () => {
  it('keeps the order of preference and always has VP8', () => {
    expect(names(routerCodecs(['vp9', 'av1']))).toEqual(['audio/opus', 'video/VP9', 'video/AV1', 'video/VP8']);
    expect(names(routerCodecs(['vp8', 'vp9', 'vp8']))).toEqual(['audio/opus', 'video/VP8', 'video/VP9']);
    expect(names(routerCodecs([]))).toEqual(['audio/opus', 'video/VP8']);
  });
});

describe('routerCapabilities', () => {
  const all = routerCapabilities(routerCodecs(['vp8', 'vp9', 'h264', 'av1']));
  const codecs = all.codecs ?? [];

  it('has every payload type once, and RTX for each video codec', () => {
    const types = codecs.map(({ preferredPayloadType }) => preferredPayloadType);
    expect(new Set(types).size).toBe(types.length);
    const video = codecs.filter(({ kind, mimeType }) => kind === 'video' && mimeType !== 'video/rtx');
    const apts = codecs.filter(({ mimeType }) => mimeType === 'video/rtx').map(({ parameters }) => parameters?.['apt']);
    expect(apts).toEqual(video.map(({ preferredPayloadType }) => preferredPayloadType));
  });

  it('gives a codec the same payload type whatever else is configured', () => {
    const few = routerCapabilities(routerCodecs(['h264']));
    const of = (capabilities: typeof all): unknown =>
      capabilities.codecs?.find(({ parameters }) => parameters?.['profile-level-id'] === '42e01f')
        ?.preferredPayloadType;
    expect(of(few)).toBe(of(all));
  });

  it('has Opus with NACK, in-band FEC and DTX', () => {
    const opus = codecs.find(({ mimeType }) => mimeType === 'audio/opus');
    expect(opus?.parameters).toMatchObject({ useinbandfec: 1, usedtx: 1 });
    expect(opus?.rtcpFeedback).toContainEqual(expect.objectContaining({ type: 'nack' }));
    expect(opus?.rtcpFeedback).toContainEqual(expect.objectContaining({ type: 'transport-cc' }));
  });

  it('has the transport-wide congestion control extension for both kinds', () => {
    const kinds = all.headerExtensions?.filter(({ uri }) => uri.includes('transport-wide-cc')).map(({ kind }) => kind);
    expect(kinds?.toSorted()).toEqual(['audio', 'video']);
  });
});
