import type { Exceptions, MemberInfo, ProducerInfo, Snapshot, Source } from '@amphi/protocol';
import type { RemoteMember, RemoteTrack } from '../types.ts';
import { NO_EXCEPTIONS } from './access.ts';
import { RemoteTrackModel, type RemoteTrackHooks } from './remote-track.ts';

/** Somebody else in the room. */
export class RemoteMemberModel implements RemoteMember {
  readonly id: string;
  readonly joinedAt: number;
  readonly tracks: Map<string, RemoteTrackModel> = new Map();
  name: string;
  role: MemberInfo['role'];
  presence: MemberInfo['presence'];
  quality: MemberInfo['quality'];
  exceptions: Exceptions;

  constructor(info: MemberInfo) {
    this.id = info.id;
    this.joinedAt = info.joinedAt;
    this.name = info.name;
    this.role = info.role;
    this.presence = info.presence;
    this.quality = info.quality;
    this.exceptions = info.exceptions ?? NO_EXCEPTIONS;
  }

  trackOf(source: Source): RemoteTrack | undefined {
    return [...this.tracks.values()].find((track) => track.source === source);
  }
}

export type MembersHooks = RemoteTrackHooks & {
  membersChanged(): void;
  memberChanged(memberId: string): void;
  trackAdded(track: RemoteTrackModel): void;
  trackRemoved(track: RemoteTrackModel): void;
};

/** Everybody else in the room and what they send: the state that snapshots set and events change. */
export class Members {
  readonly byId: Map<string, RemoteMemberModel> = new Map();
  #hooks: MembersHooks;
  #tracks = new Map<string, RemoteTrackModel>();

  constructor(hooks: MembersHooks) {
    this.#hooks = hooks;
  }

  track(producerId: string): RemoteTrackModel | undefined {
    return this.#tracks.get(producerId);
  }

  tracks(): IterableIterator<RemoteTrackModel> {
    return this.#tracks.values();
  }

  /** Makes the state what the snapshot says, keeping what is the same in both. */
  reset(snapshot: Snapshot): void {
    const others = snapshot.members.filter((member) => member.id !== snapshot.selfId);
    const ids = new Set(others.map((member) => member.id));
    let changed = false;
    for (const member of [...this.byId.values()]) {
      if (!ids.has(member.id)) changed = this.#drop(member) || changed;
    }
    for (const info of others) changed = this.#merge(info) || changed;
    if (changed) this.#hooks.membersChanged();
  }

  join(info: MemberInfo): void {
    if (this.#merge(info)) this.#hooks.membersChanged();
  }

  leave(memberId: string): void {
    const member = this.byId.get(memberId);
    if (member && this.#drop(member)) this.#hooks.membersChanged();
  }

  update(
    memberId: string,
    patch: {
      name?: string | undefined;
      role?: MemberInfo['role'] | undefined;
      presence?: MemberInfo['presence'] | undefined;
      quality?: MemberInfo['quality'];
      exceptions?: Exceptions | undefined;
    },
  ): void {
    const member = this.byId.get(memberId);
    if (!member) return;
    member.name = patch.name ?? member.name;
    member.role = patch.role ?? member.role;
    member.presence = patch.presence ?? member.presence;
    member.quality = patch.quality ?? member.quality;
    member.exceptions = patch.exceptions ?? member.exceptions;
    this.#hooks.memberChanged(memberId);
  }

  setProducer(memberId: string, info: ProducerInfo): void {
    const member = this.byId.get(memberId);
    if (!member) return;
    const known = member.tracks.get(info.id);
    if (known) {
      known.update(info);
      return;
    }
    const track = new RemoteTrackModel(memberId, info, this.#hooks);
    member.tracks.set(track.id, track);
    this.#tracks.set(track.id, track);
    this.#hooks.trackAdded(track);
    this.#hooks.changed(track);
  }

  removeProducer(memberId: string, producerId: string): void {
    const member = this.byId.get(memberId);
    const track = member?.tracks.get(producerId);
    if (!member || !track) return;
    member.tracks.delete(producerId);
    this.#tracks.delete(producerId);
    this.#hooks.trackRemoved(track);
    this.#hooks.changed(track);
  }

  clear(): void {
    for (const member of [...this.byId.values()]) this.#drop(member);
  }

  /** Answers whether the member is new. */
  #merge(info: MemberInfo): boolean {
    const known = this.byId.get(info.id);
    if (!known) {
      this.byId.set(info.id, new RemoteMemberModel(info));
    } else if (differs(known, info)) {
      known.name = info.name;
      known.role = info.role;
      known.presence = info.presence;
      known.quality = info.quality;
      known.exceptions = info.exceptions ?? NO_EXCEPTIONS;
      this.#hooks.memberChanged(info.id);
    }
    const ids = new Set(info.producers.map((producer) => producer.id));
    for (const id of known ? [...known.tracks.keys()] : []) if (!ids.has(id)) this.removeProducer(info.id, id);
    for (const producer of info.producers) this.setProducer(info.id, producer);
    return known === undefined;
  }

  #drop(member: RemoteMemberModel): boolean {
    for (const id of [...member.tracks.keys()]) this.removeProducer(member.id, id);
    return this.byId.delete(member.id);
  }
}

function differs(known: RemoteMemberModel, info: MemberInfo): boolean {
  const { name, role, presence, quality } = known;
  if (name !== info.name || role !== info.role || presence !== info.presence || quality !== info.quality) return true;
  const { grant, deny } = info.exceptions ?? NO_EXCEPTIONS;
  return known.exceptions.grant.join() !== grant.join() || known.exceptions.deny.join() !== deny.join();
}
