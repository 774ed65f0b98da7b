import type {
  Call,
  Exceptions,
  MediaPath,
  MemberInfo,
  Presence,
  Quality,
  RemoteMember,
  RemoteTrack,
  Source,
} from '@amphi/client';

/** A track as a tile shows it: plain values at one moment, so that components compare and never ask. */
export type TrackView = {
  id: string;
  source: Source;
  muted: boolean;
  mediaTrack: MediaStreamTrack | null;
  path: MediaPath;
  width: number | undefined;
  height: number | undefined;
  /** What to tell about its size on the screen; null for one's own. */
  remote: RemoteTrack | null;
};

/** Somebody in the room, oneself included. */
export type Person = {
  id: string;
  name: string;
  self: boolean;
  role: MemberInfo['role'];
  /** Rights beside those of the role. */
  exceptions: Exceptions;
  presence: Presence;
  quality: Quality | undefined;
  /** `direct` when what this person sends comes browser to browser. */
  path: MediaPath;
  tracks: Partial<Record<Source, TrackView>>;
};

function personOf(member: RemoteMember, callPath: MediaPath): Person {
  const tracks: Person['tracks'] = {};
  for (const track of member.tracks.values()) {
    const { id, source, muted, mediaTrack, path, width, height } = track;
    tracks[source] = { id, source, muted, mediaTrack, path, width, height, remote: track };
  }
  const { id, name, role, exceptions, presence, quality } = member;
  const path = pathOf(Object.values(tracks), callPath);
  return { id, name, self: false, role, exceptions, presence, quality, path, tracks };
}

/** Direct only when everything that flows is; without anything that flows, as the call is. */
export function pathOf(tracks: readonly Pick<TrackView, 'muted' | 'path'>[], callPath: MediaPath): MediaPath {
  const flowing = tracks.filter((track) => !track.muted);
  if (flowing.length === 0) return callPath;
  return flowing.every((track) => track.path === 'direct') ? 'direct' : 'sfu';
}

function selfOf(call: Call): Person {
  const tracks: Person['tracks'] = {};
  for (const { id, source, muted, track } of call.publications.values()) {
    const size = { width: undefined, height: undefined };
    tracks[source] = { id, source, muted, mediaTrack: track, path: call.path, ...size, remote: null };
  }
  return {
    id: call.selfId ?? 'self',
    name: call.selfName ?? '',
    self: true,
    role: call.self?.role ?? call.standing?.role ?? 'speaker',
    exceptions: call.self?.exceptions ?? { grant: [], deny: [] },
    presence: 'here',
    quality: call.selfQuality,
    path: call.path,
    tracks,
  };
}

/** Everybody in the room now: oneself first, the others in the order in which they came. The server's own recorder is nobody. */
export function peopleOf(call: Call): Person[] {
  const others = [...call.members.values()].filter(({ id, role }) => id !== call.selfId && role !== 'recorder');
  others.sort((a, b) => a.joinedAt - b.joinedAt);
  return [selfOf(call), ...others.map((member) => personOf(member, call.path))];
}

/** Whether this person's track is there and not muted. */
export function isOn(person: Person, source: Source): boolean {
  return person.tracks[source]?.muted === false;
}
