import { describe, expect, it } from 'vitest';
import { report } from '../stats/testing.ts';
import { MediaWatch } from './media-watch.ts';

const video = (framesDecoded: number) =>
  ({ type: 'inbound-rtp', kind: 'video', trackIdentifier: 'v', framesDecoded }) as const;
const voice = (packetsReceived: number) =>
  ({ type: 'inbound-rtp', kind: 'audio', trackIdentifier: 'a', packetsReceived }) as const;

describe('MediaWatch', () => {
  it('counts a new connection’s media from zero', () => {
    const watch = new MediaWatch(true);
    expect(watch.arrived('v')).toBe(false);
    watch.add(report(video(0), voice(3)), 0);
    expect(watch.arrived('v')).toBe(false);
    expect(watch.arrived('a')).toBe(true);
    watch.add(report(video(1), voice(3)), 50);
    expect(watch.arrived('v')).toBe(true);
  });

  it('wants growth of media that came before', () => {
    const watch = new MediaWatch(false);
    watch.add(report(video(500)), 0);
    watch.add(report(video(500)), 50);
    expect(watch.arrived('v')).toBe(false);
    watch.add(report(video(501)), 100);
    expect(watch.arrived('v')).toBe(true);
  });

  it('knows for how long nothing came', () => {
    const watch = new MediaWatch(true);
    watch.add(report(video(1)), 1000);
    watch.add(report(video(1)), 3000);
    expect(watch.silentFor(3500)).toBe(2500);
    watch.add(report(video(2)), 4000);
    expect(watch.silentFor(4000)).toBe(0);
  });
});
