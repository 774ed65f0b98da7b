import { AmphiError, PERSON_ROLES, type RoomPolicy } from '@amphi/protocol';
import { type Actor, defineFeature, type FeatureRoom, type Member } from '@amphi/rooms';
import type { LiveOutputs } from './outputs.ts';
import {
  type Audience,
  type Hand,
  type LiveEvent,
  liveEvent,
  liveEvents,
  liveMethods,
  type LiveState,
  type Reaction,
} from './protocol.ts';

export type { LiveOutputs, StageLayout } from './outputs.ts';

/** How often reactions are told, as counts. */
const REACTIONS_EVERY_MS = 300;
/** How often the number of viewers is told, at most. */
const AUDIENCE_EVERY_MS = 1000;
/** More hands than these nobody goes through. */
const MAX_HANDS = 200;

/** What leads to a state, and from which others. */
const STEPS = {
  backstage: ['off', 'ended'],
  live: ['off', 'backstage'],
  ended: ['live'],
  off: ['backstage'],
} as const satisfies Record<LiveState, readonly LiveState[]>;

/**
 * A room's event for an audience: from the preparation to its end, who watches, and how somebody of the audience comes on
 * stage. Who may see what is the room's own business: it follows from its policy.
 */
export const createLiveFeature = (_outputs: LiveOutputs) =>
  defineFeature({
    name: 'live',
    methods: liveMethods,
    events: liveEvents,
    open(room) {
      let event = remembered(room);
      let audience: Audience = { viewers: 0, peak: 0 };
      const hands = new Map<string, Hand>();
      const counts = new Map<Reaction, number>();
      let cancelCount: (() => void) | undefined;
      let cancelReactions: (() => void) | undefined;

      function keep(next: LiveEvent): { event: LiveEvent } {
        event = next;
        room.kept.set('event', next);
        room.broadcast({ name: 'live.changed', data: { event } });
        return { event };
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
        const { governor } = room;
        if (!governor) throw new AmphiError('wrong-state', 'this room keeps no records');
        // Whoever has the watch link knows the room's name too: let nobody walk from the seats into the call.
        const lobby: Partial<Pick<RoomPolicy, 'lobby'>> = event.state === 'off' ? { lobby: true } : {};
        const kept = keep({ ...event, ...change, state });
        await governor.setPolicy(actorOf(member), { audience: state, ...lobby });
        return kept;
      }

      function seated(): number {
        let seats = 0;
        for (const member of room.members()) if (isSeated(member)) seats++;
        return seats;
      }

      function countSoon(): void {
        cancelCount ??= room.after(AUDIENCE_EVERY_MS, () => {
          cancelCount = undefined;
          const viewers = seated();
          const peak = Math.max(viewers, event.state === 'live' ? audience.peak : 0);
          if (viewers === audience.viewers && peak === audience.peak) return;
          audience = { viewers, peak };
          room.broadcast({ name: 'live.audience', data: { audience } });
        });
      }

      function tellHands(): void {
        const data = { hands: [...hands.values()] };
        for (const member of room.members()) if (member.may('live')) member.deliver({ name: 'live.hands', data });
      }

      function setHand(member: Member, state: Hand['state'] | undefined): void {
        if (state === undefined) {
          if (!hands.delete(member.id)) return;
        } else {
          if (!hands.has(member.id) && hands.size >= MAX_HANDS) {
            throw new AmphiError('wrong-state', 'too many hands are raised already');
          }
          const since = hands.get(member.id)?.since ?? room.now();
          hands.set(member.id, { memberId: member.id, name: member.info().name, state, since });
        }
        tellHands();
      }

      function viewer(memberId: string): Member {
        const member = room.member(memberId);
        if (member?.audience === true) return member;
        throw new AmphiError('not-found', 'no such member of the audience', { path: 'memberId' });
      }

      function offStage(actor: Actor, member: Member): void {
        const { state } = hands.get(member.id) ?? {};
        if (state === 'invited') member.deliver({ name: 'live.invited', data: { by: null } });
        hands.delete(member.id);
        room.stage(actor, member.id, 'viewer');
        tellHands();
        countSoon();
      }

      const governor = () => {
        if (room.governor) return room.governor;
        throw new AmphiError('wrong-state', 'this room keeps no records');
      };

      return {
        handlers: {
          'live.get': (member) => ({
            event,
            audience,
            hands: member.may('live') ? [...hands.values()] : [],
            self: hands.get(member.id)?.state ?? null,
          }),

          'live.prepare': (member, { title }) => become(member, 'backstage', { title, startedAt: null, endedAt: null }),
          async 'live.start'(member) {
            audience = { ...audience, peak: seated() };
            return become(member, 'live', { startedAt: room.now(), endedAt: null });
          },
          async 'live.stop'(member) {
            // Nobody goes off stage for a call that is refused.
            checkStep(event.state === 'live' ? 'ended' : 'off');
            for (const { memberId } of [...hands.values()]) {
              const target = room.member(memberId);
              if (target) offStage(actorOf(member), target);
            }
            return event.state === 'live'
              ? become(member, 'ended', { endedAt: room.now() })
              : become(member, 'off', { startedAt: null, endedAt: null });
          },
          'live.update': (_member, { title }) => (title === event.title ? { event } : keep({ ...event, title })),

          'live.react'(_member, { reaction }) {
            counts.set(reaction, (counts.get(reaction) ?? 0) + 1);
            cancelReactions ??= room.after(REACTIONS_EVERY_MS, () => {
              cancelReactions = undefined;
              const data = { counts: Object.fromEntries(counts) };
              counts.clear();
              for (const member of room.members()) {
                if (member.may('chat')) member.deliver({ name: 'live.reactions', data });
              }
            });
            return {};
          },

          'live.raiseHand'(member, { raised }) {
            if (!isSeated(member)) throw new AmphiError('wrong-state', 'only the audience raises hands');
            if (raised && event.state !== 'live') throw new AmphiError('wrong-state', 'the event is not live');
            if (hands.get(member.id)?.state !== 'invited') setHand(member, raised ? 'raised' : undefined);
            return {};
          },

          'live.invite'(member, { memberId }) {
            const target = viewer(memberId);
            if (!isSeated(target)) throw new AmphiError('wrong-state', 'this member is on stage already');
            setHand(target, 'invited');
            target.deliver({ name: 'live.invited', data: { by: member.info().name } });
            return {};
          },

          'live.answer'(member, { accept }) {
            const hand = hands.get(member.id);
            if (hand?.state !== 'invited') throw new AmphiError('wrong-state', 'nobody has asked you on stage');
            if (accept) room.stage(actorOf(member), member.id, 'speaker');
            setHand(member, accept ? 'on-stage' : undefined);
            countSoon();
            return {};
          },

          'live.leaveStage'(member) {
            if (hands.get(member.id)?.state !== 'on-stage') throw new AmphiError('wrong-state', 'you are not on stage');
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
          }),
          'live.createKey': (member, { name }) => governor().createStreamKey(actorOf(member), name),
          'live.rotateKey': async (member, { id }) => ({ key: await governor().rotateStreamKey(actorOf(member), id) }),
          async 'live.revokeKey'(member, { id }) {
            await governor().revokeStreamKey(actorOf(member), id);
            return {};
          },
        },

        memberJoined(member) {
          if (member.audience !== true) return;
          // Comes back, after a restart of the server, to where the stage was left.
          if (member.role !== 'viewer') setHand(member, 'on-stage');
          countSoon();
        },
        memberLeft(member) {
          if (member.audience !== true) return;
          setHand(member, undefined);
          countSoon();
        },
        close() {
          cancelCount?.();
          cancelReactions?.();
        },
      };
    },
  });

/** What was kept of the event; the room's policy says where it stands. */
function remembered(room: FeatureRoom<typeof liveEvents>): LiveEvent {
  const kept = liveEvent.safeParse(room.kept.get('event'));
  const { audience: state } = room.policy();
  return kept.success ? { ...kept.data, state } : { state, title: '', startedAt: null, endedAt: null };
}

function isSeated(member: Member): boolean {
  return member.audience === true && member.role === 'viewer';
}

function actorOf(member: Member): Actor {
  const role = PERSON_ROLES.find((name) => name === member.role) ?? 'viewer';
  return { identity: member.identity, name: member.info().name, role };
}
