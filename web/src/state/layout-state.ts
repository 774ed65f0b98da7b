import { computed, signal } from '@preact/signals';
import { arrange, type LayoutMode } from '../layout/arrange.ts';
import type { Size } from '../layout/grid.ts';
import { promoteSpeakers, warmSpeakers } from '../layout/paging.ts';
import { load, save } from '../storage.ts';
import { isCompact } from './screen-size.ts';
import type { CallStore } from './call-store.ts';
import { stageKeys, tilesOf } from './tiles.ts';

/** How many speakers beyond the page keep sending a small picture, so that they appear at once when they come in. */
const WARM_SPEAKERS = 3;
/** The grid as it is on most screens; speakers are brought to the first page as if it had this size. */
const FIRST_PAGE = { desktop: 9, phone: 6 };

export type LayoutState = ReturnType<typeof createLayoutState>;

/** Which tiles are seen where, from who is there, who speaks, and what the person chose. */
export function createLayoutState(store: CallStore) {
  const mode = signal<LayoutMode>(load<LayoutMode>('layout', 'grid'));
  const pinned = signal<string | null>(null);
  const page = signal(0);
  const box = signal<Size>({ width: 0, height: 0 });

  const tiles = computed(() => tilesOf(store.people.value));
  const stage = computed(() =>
    stageKeys({ tiles: tiles.value, mode: mode.value, pinned: pinned.value, dominantId: store.dominantId.value }),
  );

  const arrangement = computed(() => {
    const phone = isCompact.value;
    const keys = tiles.value.map((tile) => tile.key);
    const fixed = new Set(
      tiles.value.filter((tile) => tile.person.self || tile.kind === 'screen').map((tile) => tile.key),
    );
    const size = FIRST_PAGE[phone ? 'phone' : 'desktop'];
    const ordered = promoteSpeakers(keys, store.recentSpeakers.value, size, fixed);
    return arrange({ keys: ordered, stage: stage.value, box: box.value, phone, page: page.value });
  });

  const warmIds = computed(() => {
    const onPage = new Set(arrangement.value.tiles.map((tile) => tile.key));
    return warmSpeakers(store.recentSpeakers.value, onPage, WARM_SPEAKERS);
  });

  return {
    mode,
    pinned,
    page,
    box,
    tiles,
    stage,
    arrangement,
    /** Members whose video is not on the page but kept coming. */
    warmIds,
    setMode(next: LayoutMode): void {
      mode.value = next;
      pinned.value = null;
      page.value = 0;
      save('layout', next);
    },
    togglePin(key: string): void {
      pinned.value = pinned.value === key ? null : key;
      page.value = 0;
    },
  };
}
