import { AmphiError, PERSON_ROLES, type RoomPolicy } from '@amphi/protocol';
import { type Actor, defineFeature, type FeatureRoom, type Member, type ServerFeature } from '@amphi/rooms';
import type { LiveOutputs } from './outputs.ts';
import {
  type HlsStream,
  type LiveEvent,
  liveEvent,
  liveEvents,
  liveMethods,
  type LiveState,
  type IngestPorts,
  type StreamKey,
} from './protocol.ts';
import { COVER_KEY, type LiveCovers } from './server/covers.ts';
import { Crowd, isSeated } from './server/crowd.ts';
import { Hands } from './server/hands.ts';

export type { LiveOutputs, StageLayout } from './outputs.ts';
export type { IngestPorts } from './protocol.ts';
export { COVER_KEY, type Cover, type LiveCovers, MAX_COVER_BYTES } from './server/covers.ts';

/** What leads to a state, and from which others. */
const STEPS = {
  backstage: ['off', 'ended'],
  live: ['off', 'backstage'],
  ended: ['live'],
  off: ['backstage'],
} as const satisfies Record<LiveState, readonly LiveState[]>;

const BLANK = {
  title: '',
  description: '',
  cover: null,
  layout: 'speaker',
  startedAt: null,
  endedAt: null,
} as const satisfies Omit<LiveEvent, 'state'>;

/** What the feature needs of whatever takes programs that publish. */
export interface LiveIngest {
  /** Where they may do so now, beside WHIP. */
  ports(): IngestPorts;
  /** With what they encrypt by SRT. */
  passphraseOf(key: StreamKey): string;
}

const NO_INGEST: LiveIngest = {
  ports: () => ({ rtmp: { port: null, tlsPort: null }, srt: { port: null } }),
  passphraseOf: () => '',
};

/**
 * A room's event for an audience: from the preparation to its end, who watches, and how somebody of the audience comes on
 * stage. Who may see what is the room's own business: it follows from its policy.
 */
export function createLiveFeature(
  outputs: LiveOutputs,
  covers: LiveCovers,
  ingest: LiveIngest = NO_INGEST,
): ServerFeature {
  return defineFeature({
    name: 'live',
    methods: liveMethods,
    events: liveEvents,
    open(room) {
      let event = remembered(room);
      let isOpen = false;
      const hands = new Hands(room);
      const crowd = new Crowd(room, () => event.state === 'live');

      function keep(next: LiveEvent): { event: LiveEvent } {
        event = next;
        room.kept.set('event', next);
        tell();
        return { event };
      }

      function tell(): void {
        for (const member of room.members()) {
          member.deliver({ name: 'live.changed', data: { event, hls: streamFor(member) } });
        }
      }

      /** Who has the path may fetch the stream, so it is told to those only who may watch. */
      function streamFor(member: Member): HlsStream | null {
        const kind = event.state === 'live' ? 'live' : event.state === 'ended' ? 'replay' : undefined;
        // What is over everybody may watch who was let in.
        const mayWatch = kind === 'replay' || (kind === 'live' && member.may('subscribe'));
        const stream = mayWatch ? outputs.hls(room.id) : null;
        return stream?.kind === kind ? stream : null;
      }

      function openOutputs(): void {
        if (isOpen || event.state !== 'live') return;
        isOpen = true;
        outputs.open(room.id, { layout: event.layout, changed: tell });
      }

      function closeOutputs(): void {
        if (!isOpen) return;
        isOpen = false;
        outputs.close(room.id);
      }

      function checkStep(state: LiveState): void {
        if (event.state === state || (STEPS[state] as readonly LiveState[]).includes(event.state)) return;
        throw new AmphiError('wrong-state', `an event that is "${event.state}" cannot become "${state}"`);
      }

      async function become(
        member: Member,
        state: LiveState,
        change: Partial<LiveEvent>,
      ): Promise<{ event: LiveEvent }> {
        checkStep(state);
        if (event.state === state) return { event };
        // Whoever has the watch link knows the room's name too: let nobody walk from the seats into the call.
        const lobby: Partial<Pick<RoomPolicy, 'lobby'>> = event.state === 'off' ? { lobby: true } : {};
        const records = governor();
        if (state !== 'live') closeOutputs();
        const kept = keep({ ...event, ...change, state });
        await records.setPolicy(actorOf(member), { audience: state, ...lobby });
        openOutputs();
        return kept;
      }

      function viewer(memberId: string): Member {
        const member = room.member(memberId);
        if (member?.audience === true) return member;
        throw new AmphiError('not-found', 'no such member of the audience', { path: 'memberId' });
      }

      function offStage(actor: Actor, member: Member): void {
        if (hands.stateOf(member.id) === 'invited') member.deliver({ name: 'live.invited', data: { by: null } });
        room.stage(actor, member.id, 'viewer');
        hands.lower(member.id);
        crowd.changed();
      }

      /** Of a key that was made just now. */
      function passphraseOf(keyId: string): string {
        const made = governor()
          .streamKeys()
          .find(({ id }) => id === keyId);
        if (made) return ingest.passphraseOf(made);
        throw new AmphiError('not-found', 'the stream key was revoked meanwhile', { path: 'id' });
      }

      const governor = () => {
        if (room.governor) return room.governor;
        throw new AmphiError('wrong-state', 'this room keeps no records');
      };

      return {
        handlers: {
          'live.get': (member) => ({
            event,
            hls: streamFor(member),
            now: room.now(),
            audience: crowd.audience,
            hands: member.may('live') ? hands.all() : [],
            self: hands.stateOf(member.id),
          }),

          'live.prepare': (member, words) => become(member, 'backstage', { ...words, startedAt: null, endedAt: null }),
          async 'live.start'(member) {
            crowd.begin();
            return become(member, 'live', { startedAt: room.now(), endedAt: null });
          },
          async 'live.stop'(member) {
            // Nobody goes off stage for a call that is refused.
            checkStep(event.state === 'live' ? 'ended' : 'off');
            for (const { memberId } of hands.all()) {
              const target = room.member(memberId);
              if (target) offStage(actorOf(member), target);
            }
            return event.state === 'live'
              ? become(member, 'ended', { endedAt: room.now() })
              : become(member, 'off', { startedAt: null, endedAt: null });
          },
          'live.update'(_member, { title = event.title, description = event.description, cover = event.cover }) {
            const isSame = title === event.title && description === event.description && cover === event.cover;
            if (isSame) return { event };
            if (cover === null) room.kept.set(COVER_KEY, undefined);
            return keep({ ...event, title, description, cover });
          },
          'live.putCover': () => ({
            path: covers.expect(room.id, (cover) => {
              room.kept.set(COVER_KEY, cover);
              keep({ ...event, cover: covers.path(room.id, cover.version) });
            }),
          }),
          'live.setLayout'(_member, { layout }) {
            if (layout === event.layout) return { event };
            if (isOpen) outputs.setLayout(room.id, layout);
            return keep({ ...event, layout });
          },

          'live.react'(_member, { reaction }) {
            crowd.react(reaction);
            return {};
          },

          'live.raiseHand'(member, { raised }) {
            if (!isSeated(member)) throw new AmphiError('wrong-state', 'only the audience raises hands');
            if (raised && event.state !== 'live') throw new AmphiError('wrong-state', 'the event is not live');
            if (hands.stateOf(member.id) === 'invited') return {};
            if (raised) hands.set(member, 'raised');
            else hands.lower(member.id);
            return {};
          },

          async 'live.deleteReplay'() {
            await outputs.deleteReplays(room.id);
            tell();
            return {};
          },
          'live.invite'(member, { memberId }) {
            const target = viewer(memberId);
            if (!isSeated(target)) throw new AmphiError('wrong-state', 'this member is on stage already');
            hands.set(target, 'invited');
            target.deliver({ name: 'live.invited', data: { by: member.info().name } });
            return {};
          },

          'live.answer'(member, { accept }) {
            if (hands.stateOf(member.id) !== 'invited') {
              throw new AmphiError('wrong-state', 'nobody has asked you on stage');
            }
            if (accept) {
              room.stage(actorOf(member), member.id, 'speaker');
              hands.set(member, 'on-stage');
            } else {
              hands.lower(member.id);
            }
            crowd.changed();
            return {};
          },

          'live.leaveStage'(member) {
            if (hands.stateOf(member.id) !== 'on-stage') {
              throw new AmphiError('wrong-state', 'you are not on stage');
            }
            offStage(actorOf(member), member);
            return {};
          },

          'live.offStage'(member, { memberId }) {
            offStage(actorOf(member), viewer(memberId));
            return {};
          },

          'live.keys': () => ({
            keys: governor()
              .streamKeys()
              .map(({ id, name, createdAt, usedAt }) => ({ id, name, createdAt, usedAt })),
            ...ingest.ports(),
          }),
          'live.createKey'(member, { name }) {
            const made = governor().createStreamKey(actorOf(member), name);
            return { ...made, passphrase: passphraseOf(made.id) };
          },
          async 'live.rotateKey'(member, { id }) {
            const key = await governor().rotateStreamKey(actorOf(member), id);
            return { key, passphrase: passphraseOf(id) };
          },
          async 'live.revokeKey'(member, { id }) {
            await governor().revokeStreamKey(actorOf(member), id);
            return {};
          },
        },

        memberJoined(member) {
          // Of an event that went on over a restart, or while nobody was here; before that there was nothing to see.
          openOutputs();
          if (member.audience !== true) return;
          // Comes back, after a restart of the server, to where the stage was left.
          if (member.role !== 'viewer') hands.set(member, 'on-stage');
          crowd.changed();
        },
        memberLeft(member) {
          if (member.audience !== true) return;
          hands.lower(member.id);
          crowd.changed();
        },
        close() {
          crowd.close();
          closeOutputs();
        },
      };
    },
  });
}

/** What was kept of the event; the room's policy says where it stands. */
function remembered(room: FeatureRoom<typeof liveEvents>): LiveEvent {
  const { audience: state } = room.policy();
  // An event that was kept before there were covers and layouts has none.
  const kept = liveEvent.safeParse({ ...BLANK, ...(room.kept.get('event') as object | undefined), state });
  return kept.success ? kept.data : { ...BLANK, state };
}

function actorOf(member: Member): Actor {
  const role = PERSON_ROLES.find((name) => name === member.role) ?? 'viewer';
  return { identity: member.identity, name: member.info().name, role };
}
