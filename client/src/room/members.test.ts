import type { MemberInfo, ProducerInfo, Snapshot } from '@amphi/protocol';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { describe, expect, it } from 'vitest';
import { POLICY } from '../signaling/testing.ts';
import { Members } from './members.ts';

const producer = (id: string, more: Partial<ProducerInfo> = {}): ProducerInfo => ({
  id,
  source: 'camera',
  kind: 'video',
  muted: false,
  spatialLayers: 3,
  ...more,
});
const member = (id: string, ...producers: ProducerInfo[]): MemberInfo => ({
  id,
  name: id.toUpperCase(),
  role: 'speaker',
  joinedAt: 1,
  presence: 'here',
  producers,
});
const snapshot = (...members: MemberInfo[]): Snapshot => ({
  selfId: 'me',
  room: { id: 'r', policy: POLICY },
  self: { role: 'speaker', permissions: [], exceptions: { grant: [], deny: [] }, pass: 'p' },
  members: [member('me'), ...members],
  consumers: [],
});
const media = () => new FakeMediaStreamTrack({ kind: 'video' }) as unknown as MediaStreamTrack;

function setUp() {
  const log: string[] = [];
  const members = new Members({
    changed: (track) => void log.push(`changed ${track.id}`),
    viewed: (track) => void log.push(`viewed ${track.id}`),
    membersChanged: () => void log.push('members'),
    memberChanged: (id) => void log.push(`member ${id}`),
    trackAdded: (track) => void log.push(`added ${track.id}`),
    trackRemoved: (track) => void log.push(`removed ${track.id}`),
  });
  return { members, take: () => log.splice(0) };
}

describe('Members', () => {
  it('takes over a snapshot, without oneself', () => {
    const { members, take } = setUp();
    members.reset(snapshot(member('ann', producer('p1'))));
    expect([...members.byId.keys()]).toEqual(['ann']);
    expect(members.byId.get('ann')?.trackOf('camera')?.id).toBe('p1');
    expect(take()).toEqual(['added p1', 'changed p1', 'members']);
  });

  it('changes only what differs when a snapshot comes again', () => {
    const { members, take } = setUp();
    members.reset(snapshot(member('ann', producer('p1')), member('bob', producer('p2'))));
    const ann = members.byId.get('ann');
    const track = members.track('p1');
    take();
    members.reset(snapshot({ ...member('ann', producer('p1', { muted: true }), producer('p3')), name: 'Anna' }));
    expect(members.byId.get('ann')).toBe(ann);
    expect(ann?.name).toBe('Anna');
    expect(members.track('p1')).toBe(track);
    expect(track?.muted).toBe(true);
    expect(members.track('p2')).toBeUndefined();
    expect(take()).toEqual([
      'removed p2',
      'changed p2',
      'member ann',
      'changed p1',
      'added p3',
      'changed p3',
      'members',
    ]);
  });

  it('follows events, and passes over those about nobody', () => {
    const { members, take } = setUp();
    members.join(member('ann'));
    members.setProducer('ann', producer('p1'));
    members.setProducer('ghost', producer('p9'));
    members.update('ann', { presence: 'reconnecting' });
    members.update('ghost', { name: 'x' });
    expect(members.byId.get('ann')).toMatchObject({ name: 'ANN', presence: 'reconnecting' });
    members.removeProducer('ann', 'p1');
    members.removeProducer('ann', 'p1');
    members.leave('ann');
    members.leave('ann');
    expect(members.byId.size).toBe(0);
    expect(take()).toEqual(['members', 'added p1', 'changed p1', 'member ann', 'removed p1', 'changed p1', 'members']);
  });
});

describe('a remote track', () => {
  it('shows the other path only when told to, and is never null in between', () => {
    const { members, take } = setUp();
    members.join(member('ann', producer('p1')));
    const track = members.track('p1');
    if (!track) throw new Error('no track');
    const [sfu, direct] = [media(), media()];
    expect(track.mediaTrack).toBeNull();
    take();
    track.setSource('sfu', sfu);
    track.setSource('direct', direct);
    expect(track.mediaTrack).toBe(sfu);
    track.usePath('direct');
    track.usePath('direct');
    expect(track.mediaTrack).toBe(direct);
    expect(take()).toEqual(['changed p1', 'changed p1']);
    track.setSource('direct', null);
    expect(track.mediaTrack).toBe(sfu);
  });

  it('passes the view on', () => {
    const { members, take } = setUp();
    members.join(member('ann', producer('p1')));
    take();
    members.track('p1')?.setView({ visible: false, width: 0, height: 0 });
    expect(take()).toEqual(['viewed p1']);
  });
});
