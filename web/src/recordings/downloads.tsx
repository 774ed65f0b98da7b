import type { ApiRecording } from '@amphi/protocol/api';
import { tr } from '../i18n/recordings.ts';
import { toast } from '../ui/toasts.tsx';
import { clock, filmLabel, problemText, size, trackLabel } from './words.ts';

type File = ApiRecording['films'][number];
type Props = { films: readonly File[]; tracks: readonly File[]; getUrl: (file: string) => Promise<string> };

/** Everything of a recording that can be kept. */
export function Downloads({ films, tracks, getUrl }: Props) {
  const keep = async (file: string) => {
    try {
      location.assign(`${await getUrl(file)}&download`);
    } catch (error) {
      toast(problemText(error), { urgent: true });
    }
  };
  const list = (files: readonly File[], nameOf: (label: string) => string) => (
    <ul class="downloads">
      {files.map(({ file, label, bytes, durationMs }) => (
        <li key={file}>
          <button type="button" onClick={() => void keep(file)}>
            <span>{nameOf(label)}</span>
            <span class="muted">
              {clock(durationMs)} · {size(bytes)}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
  return (
    <>
      {list(films, filmLabel)}
      {tracks.length > 0 && (
        <details>
          <summary>{tr('tracks')}</summary>
          <p class="muted">{tr('tracks.about')}</p>
          {list(tracks, trackLabel)}
        </details>
      )}
    </>
  );
}
