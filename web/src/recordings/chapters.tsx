import type { ApiRecording } from '@amphi/protocol/api';
import { tr } from '../i18n/recordings.ts';
import { chapterTitle, clock } from './words.ts';

type Props = { chapters: ApiRecording['chapters']; atMs: number; onSeek: (ms: number) => void };

/** Who came and what was shared, to go there. */
export function Chapters({ chapters, atMs, onSeek }: Props) {
  const current = chapters.findLastIndex((chapter) => chapter.atMs <= atMs + 1);
  return (
    <nav class="chapters" aria-label={tr('chapters')}>
      <h2>{tr('chapters')}</h2>
      <ol>
        {chapters.map((chapter, index) => (
          <li key={`${chapter.atMs} ${chapter.name}`}>
            <button
              type="button"
              aria-current={index === current ? 'true' : undefined}
              onClick={() => onSeek(chapter.atMs)}
            >
              <span>{chapterTitle(chapter)}</span>
              <time>{clock(chapter.atMs)}</time>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
