/** How often a room is told who speaks, at most. */
export const SPEAKERS_INTERVAL_MS = 300;

export type SpeakerLevel = { memberId: string; level: number };
export type Speakers = { dominantId: string | null; levels: SpeakerLevel[] };

/** What the observers of one router said last. */
type RouterSpeakers = { levels: SpeakerLevel[]; dominantId: string | null };

/** How much louder (in dB) somebody on another router must be to take over from the dominant speaker. */
const TAKE_OVER_DB = 6;

/**
 * One list out of those of several routers, loudest first, a member at most once. Each router names its own dominant
 * speaker; among those who are speaking the present one stays unless another is clearly louder.
 */
export function mergeSpeakers(routers: Iterable<RouterSpeakers>, previousDominant: string | null): Speakers {
  const loudest = new Map<string, number>();
  const candidates = new Set<string>();
  for (const router of routers) {
    if (router.dominantId !== null) candidates.add(router.dominantId);
    for (const { memberId, level } of router.levels) {
      loudest.set(memberId, Math.max(level, loudest.get(memberId) ?? -Infinity));
    }
  }
  const levels = [...loudest].map(([memberId, level]) => ({ memberId, level })).toSorted((a, b) => b.level - a.level);
  if (levels.length === 0) return { dominantId: null, levels };

  const speaking = levels.filter(({ memberId }) => candidates.has(memberId));
  const [first] = speaking;
  const current = speaking.find(({ memberId }) => memberId === previousDominant);
  let dominantId: string | null;
  if (first === undefined) {
    // The router's choice pauses for breath while somebody else makes a noise.
    const stays = previousDominant !== null && candidates.has(previousDominant);
    dominantId = stays ? previousDominant : (levels[0]?.memberId ?? null);
  } else {
    dominantId =
      current !== undefined && first.level - current.level < TAKE_OVER_DB ? current.memberId : first.memberId;
  }
  return { dominantId, levels };
}

/**
 * Gathers what the observers of a room's routers say and tells the room at most every {@link SPEAKERS_INTERVAL_MS}, and
 * once when it becomes silent.
 */
export class RoomSpeakers {
  readonly #routers = new Map<object, RouterSpeakers>();
  readonly #tell: (speakers: Speakers) => void;
  #told: Speakers = { dominantId: null, levels: [] };
  #toldAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (speakers: Speakers) => void) {
    this.#tell = tell;
  }

  setLevels(router: object, levels: SpeakerLevel[]): void {
    this.#of(router).levels = levels;
    this.#schedule();
  }

  setDominant(router: object, memberId: string): void {
    this.#of(router).dominantId = memberId;
    this.#schedule();
  }

  removeMember(memberId: string): void {
    for (const router of this.#routers.values()) {
      router.levels = router.levels.filter((level) => level.memberId !== memberId);
      if (router.dominantId === memberId) router.dominantId = null;
    }
    this.#schedule();
  }

  removeRouter(router: object): void {
    if (this.#routers.delete(router)) this.#schedule();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#routers.clear();
  }

  #of(router: object): RouterSpeakers {
    let state = this.#routers.get(router);
    if (state === undefined) {
      state = { levels: [], dominantId: null };
      this.#routers.set(router, state);
    }
    return state;
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    // A little less than the observers' own interval, so that their jitter does not make every second report late.
    const wait = Math.max(0, this.#toldAt + SPEAKERS_INTERVAL_MS - 20 - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, wait).unref();
  }

  #flush(): void {
    const speakers = mergeSpeakers(this.#routers.values(), this.#told.dominantId);
    const silent = speakers.levels.length === 0;
    if (silent && this.#told.levels.length === 0) return;
    this.#told = speakers;
    this.#toldAt = performance.now();
    this.#tell(speakers);
  }
}
