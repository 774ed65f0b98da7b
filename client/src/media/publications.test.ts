import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { expect, it, vi } from 'vitest';
import type { Request } from '../signaling/signaling.ts';
import { Publications } from './publications.ts';

function setUp() {
  const closed: string[] = [];
  const request = vi.fn().mockResolvedValue({});
  const publications = new Publications({
    request: request as unknown as Request,
    device: () => expect.fail('nothing is sent'),
    settings: () => expect.fail('nothing is sent'),
    changed: (publication) => {
      if (publication.closed) closed.push(publication.source);
    },
  });
  const add = (source: 'camera' | 'microphone') => {
    const track = new FakeMediaStreamTrack({ kind: source === 'camera' ? 'video' : 'audio' });
    return publications.add({ source, track: track as unknown as MediaStreamTrack });
  };
  return { publications, add, closed, request };
}

it('what the server ended is closed here, and no other', () => {
  const { publications, add, closed, request } = setUp();
  const [camera, microphone] = [add('camera'), add('microphone')];
  publications.removed(camera.id);
  expect(closed).toEqual(['camera']);
  expect(microphone.closed).toBe(false);
  expect(request).not.toHaveBeenCalled();
  // The source is free for another try.
  expect(add('camera').closed).toBe(false);
});

it('what a moderator muted is silent at the source', () => {
  const { publications, add } = setUp();
  const microphone = add('microphone');
  publications.mute(['microphone', 'screen']);
  expect(microphone.muted).toBe(true);
  expect(microphone.track.enabled).toBe(false);
});

it('a snapshot says what was ended or muted meanwhile', () => {
  const { publications, add, closed } = setUp();
  const [camera, microphone] = [add('camera'), add('microphone')];
  // Not announced yet: the server cannot know of it.
  publications.reconcile([{ id: microphone.id, muted: true }]);
  expect(closed).toEqual([]);
  expect(microphone.muted).toBe(true);
  camera.isAnnounced = true;
  publications.reconcile([{ id: microphone.id, muted: true }]);
  expect(closed).toEqual(['camera']);
});
