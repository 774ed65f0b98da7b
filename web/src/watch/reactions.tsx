import { type Live, type Reaction, REACTIONS } from '@amphi/features/live/client.ts';
import { useEffect, useState } from 'preact/hooks';
import { tw } from '../i18n/watch.ts';

/** How many fly up at once, however many there were, and for how long, in milliseconds. */
const MOST = 12;
const FLIGHT_MS = 2600;

type Flying = { id: number; reaction: Reaction; left: number; delay: number };
let flown = 0;

/** The reactions of everybody, flying up over the picture. */
export function FlyingReactions({ live }: { live: Live }) {
  const [flying, setFlying] = useState<readonly Flying[]>([]);
  useEffect(
    () =>
      live.onReactions((counts) => {
        const all = Object.entries(counts) as [Reaction, number][];
        const total = all.reduce((sum, [, count]) => sum + count, 0);
        const share = Math.min(1, MOST / total);
        const fresh = all.flatMap(([reaction, count]) =>
          Array.from({ length: Math.max(1, Math.round(count * share)) }, () => ({
            id: flown++,
            reaction,
            left: 8 + Math.random() * 84,
            delay: Math.random() * 300,
          })),
        );
        setFlying((before) => [...before.slice(-2 * MOST), ...fresh]);
        setTimeout(
          () => setFlying((before) => before.filter(({ id }) => !fresh.some((one) => one.id === id))),
          FLIGHT_MS + 400,
        );
      }),
    [live],
  );
  return (
    <div class="watch-flying" aria-hidden="true" data-testid="reactions">
      {flying.map(({ id, reaction, left, delay }) => (
        <span key={id} style={{ left: `${left}%`, animationDelay: `${delay}ms` }}>
          {reaction}
        </span>
      ))}
    </div>
  );
}

/** The buttons to throw one in. */
export function ReactionButtons({ live }: { live: Live }) {
  return (
    <div class="watch-reactions" role="group" aria-label={tw('reactions')}>
      {REACTIONS.map((reaction) => (
        <button
          key={reaction}
          type="button"
          class="watch-reaction"
          aria-label={tw('react', { reaction })}
          onClick={() => live.react(reaction).catch(() => undefined)}
        >
          {reaction}
        </button>
      ))}
    </div>
  );
}
