import { expect, test } from 'vitest';
import type { Manifest, Part, Track } from '../recorder/manifest.ts';
import { arrange } from './layout.ts';
import { timelineOf, type TimelineOptions } from './timeline.ts';

const START = 1_000_000;
const hd: TimelineOptions = { layout: 'grid', width: 1280, height: 720, frameRate: 30 };

function part(file: string, fromMs: number, toMs: number): Part {
  const startedAt = START + fromMs;
  return {
    ...{ file, startedAt, durationMs: toMs - fromMs, codec: 'vp8', clockRate: 90_000 },
    ...{ rtpStart: 0, bytes: 1, clock: [], sizes: [] },
  };
}

function track(personId: string, source: Track['source'], ...parts: Part[]): Track {
  const kind = source === 'microphone' || source === 'screen-audio' ? 'audio' : 'video';
  return { id: `${personId} ${source}`, personId, source, kind, parts, mutes: [] };
}

function recording(change: Partial<Manifest> = {}): Manifest {
  const person = { role: 'speaker', joinedAt: START, leftAt: START + 10_000, consent: 'given' as const };
  return {
    version: 1,
    id: 'r',
    roomId: 'lab',
    state: 'complete',
    startedAt: START,
    endedAt: START + 10_000,
    startedBy: 'Ada',
    policy: 'tell',
    film: { layout: 'grid', height: 720 },
    people: [
      { ...person, id: 'ada', name: 'Ada' },
      { ...person, id: 'bob', name: 'Bob', joinedAt: START + 4000 },
    ],
    tracks: [
      track('ada', 'camera', part('ada.webm', 100, 10_000)),
      track('bob', 'camera', part('bob.webm', 5000, 9000)),
      track('ada', 'microphone', part('ada-mic.webm', -20, 10_000)),
    ],
    speakers: [],
    ...change,
  };
}

/** Each segment as `from-to: name file@offset, …`. */
const show = (manifest: Manifest, options = hd) =>
  timelineOf(manifest, options).segments.map(({ fromMs, toMs, tiles }) => {
    const list = tiles.map(({ name, picture }) =>
      picture ? `${name} ${picture.file}@${Math.round(picture.atMs)}` : `${name} -`,
    );
    return `${Math.round(fromMs)}-${Math.round(toMs)}: ${list.join(', ')}`;
  });

test('segments follow those who come and go and switch their cameras', () => {
  expect(show(recording())).toEqual([
    '0-100: Ada -',
    '100-4000: Ada ada.webm@0',
    '4000-5000: Ada ada.webm@3900, Bob -',
    '5000-9000: Ada ada.webm@4900, Bob bob.webm@0',
    '9000-10000: Ada ada.webm@8900, Bob -',
  ]);
});

test('segments together are as long as the recording, and begin and end on frames', () => {
  const { segments, durationMs } = timelineOf(recording({ endedAt: START + 9991 }), hd);
  expect(durationMs).toBeCloseTo(10_000, 3);
  expect(segments[0]?.fromMs).toBe(0);
  expect(segments.at(-1)?.toMs).toBe(durationMs);
  for (const [index, { fromMs, toMs }] of segments.entries()) {
    expect((fromMs * 30) / 1000).toBeCloseTo(Math.round((fromMs * 30) / 1000), 6);
    expect(toMs).toBeGreaterThan(fromMs);
    if (index > 0) expect(fromMs).toBe(segments[index - 1]?.toMs);
  }
});

test('a muted camera is a name, and whoever refused is not there', () => {
  const manifest = recording();
  const [first] = manifest.tracks;
  if (first)
    first.mutes = [
      { at: START + 2000, muted: true },
      { at: START + 3000, muted: false },
    ];
  manifest.people = manifest.people.map((one) => (one.id === 'bob' ? { ...one, consent: 'refused' } : one));
  expect(show(manifest)).toEqual([
    '0-100: Ada -',
    '100-2000: Ada ada.webm@0',
    '2000-3000: Ada -',
    '3000-10000: Ada ada.webm@2900',
  ]);
});

test('the speaker layout follows who speaks for a while', () => {
  const speakers = [
    { at: START + 5500, personId: 'bob' },
    { at: START + 8000, personId: 'ada' },
    { at: START + 8500, personId: null },
  ];
  const { segments } = timelineOf(recording({ speakers }), { ...hd, layout: 'speaker' });
  const largest = segments.map(({ fromMs, tiles }) => {
    const [tile] = tiles.toSorted((a, b) => b.rect.width - a.rect.width);
    return `${Math.round(fromMs)} ${tile?.name}`;
  });
  expect(largest).toEqual(['0 Ada', '100 Ada', '4000 Ada', '5000 Ada', '5500 Bob', '9000 Bob']);
});

test('sound is where it was heard; chapters name joins and shares', () => {
  const manifest = recording();
  manifest.tracks.push(track('bob', 'screen', part('screen.webm', 6000, 8000)));
  const { sounds, chapters } = timelineOf(manifest, hd);
  expect(sounds).toEqual([{ file: 'ada-mic.webm', atMs: -20 }]);
  expect(chapters).toEqual([
    { atMs: 0, title: 'Start', kind: 'start', name: '' },
    { atMs: 4000, title: 'Bob joins', kind: 'join', name: 'Bob' },
    { atMs: 6000, title: 'Bob shares the screen', kind: 'share', name: 'Bob' },
  ]);
});

test.each(['grid', 'speaker', 'screen'] as const)(
  'tiles of the %s layout lie on the canvas and not on each other',
  (layout) => {
    for (let count = 1; count <= 12; count++) {
      for (const screens of [0, 1, 2]) {
        const shown = Array.from({ length: count + screens }, (_, index) => ({
          key: `${index}`,
          kind: index < screens ? ('screen' as const) : ('camera' as const),
        }));
        const rects = [...arrange(layout, shown, '3', { width: 1280, height: 720 }).values()];
        expect(rects.length).toBeGreaterThan(0);
        for (const [index, a] of rects.entries()) {
          expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= 1280 && a.y + a.height <= 720).toBe(true);
          for (const b of rects.slice(index + 1)) {
            const apart =
              a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
            expect(apart, `${layout} ${count}+${screens}`).toBe(true);
          }
        }
      }
    }
  },
);
