import type { CoreEvents, DataOf } from '@amphi/protocol';
import { loudnessOfAmplitude, loudnessOfDbov } from '../loudness.ts';
import { ofType, type Report } from '../stats/report.ts';
import type { Speakers } from '../types.ts';
import type { Members } from './members.ts';

export const SILENCE: Speakers = { dominantId: null, levels: new Map() };

/** From here on somebody counts as speaking; 0 to 1. */
const SPEAKING = 0.2;

/** The speakers as the SFU hears them. */
export function speakersOfEvent(data: DataOf<CoreEvents, 'room.speakers'>): Speakers {
  const levels = new Map(data.levels.map(({ memberId, level }) => [memberId, loudnessOfDbov(level)] as const));
  return { dominantId: data.dominantId, levels };
}

/**
 * The speakers of a direct connection, whose sound no server hears: the peer from what is received, oneself from what
 * is captured. `heard` are the ids of the received tracks that are voices.
 */
export function speakersOfReport(
  report: Report,
  heard: ReadonlySet<string>,
  ids: { self: string; peer: string },
  last: Speakers,
): Speakers {
  const loudest = (type: string, counts: (trackId: string) => boolean) =>
    Math.max(
      0,
      ...ofType(report, type)
        .filter((stat) => stat.kind === 'audio' && counts(stat.trackIdentifier ?? ''))
        .map((stat) => loudnessOfAmplitude(stat.audioLevel ?? 0)),
    );
  const levels = new Map<string, number>();
  const self = loudest('media-source', () => true);
  const peer = loudest('inbound-rtp', (trackId) => heard.has(trackId));
  if (self >= SPEAKING) levels.set(ids.self, self);
  if (peer >= SPEAKING) levels.set(ids.peer, peer);
  // Who has the floor keeps it while speaking, so that the picture does not jump at every «yes».
  const kept = last.dominantId !== null && levels.has(last.dominantId) ? last.dominantId : null;
  const first = [...levels].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? null;
  return { dominantId: kept ?? first, levels };
}

export type SpeakerBoardOptions = {
  members: Members;
  selfId(): string | null;
  changed(speakers: Speakers): void;
};

/** Who speaks now, from whichever of the two ways the sound takes. */
export class SpeakerBoard {
  speakers: Speakers = SILENCE;
  #options: SpeakerBoardOptions;

  constructor(options: SpeakerBoardOptions) {
    this.#options = options;
  }

  /** The SFU says who speaks. */
  hear(data: DataOf<CoreEvents, 'room.speakers'>): void {
    this.#set(speakersOfEvent(data));
  }

  /** A report of the direct connection to `peer`, with what comes over it by producer id. */
  hearDirect(report: Report, tracks: ReadonlyMap<string, MediaStreamTrack>, peer: string): void {
    const self = this.#options.selfId();
    if (self === null) return;
    const voices = [...tracks].filter(([id]) => this.#options.members.track(id)?.source === 'microphone');
    const heard = new Set(voices.map(([, track]) => track.id));
    this.#set(speakersOfReport(report, heard, { self, peer }, this.speakers));
  }

  #set(speakers: Speakers): void {
    if (sameSpeakers(this.speakers, speakers)) return;
    this.speakers = speakers;
    this.#options.changed(speakers);
  }
}

/** Whether two states of the speakers would be shown the same. */
export function sameSpeakers(a: Speakers, b: Speakers): boolean {
  if (a.dominantId !== b.dominantId || a.levels.size !== b.levels.size) return false;
  return [...a.levels].every(([id, level]) => Math.abs((b.levels.get(id) ?? -1) - level) < 0.02);
}
