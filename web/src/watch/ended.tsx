import type { LiveSnapshot } from '@amphi/features/live/client.ts';
import { useState } from 'preact/hooks';
import { tw } from '../i18n/watch.ts';
import { Button } from '../ui/button.tsx';
import { FullscreenButton } from './fullscreen-button.tsx';
import { Replay } from './replay.tsx';
import { Slate } from './slate.tsx';

/** The event is over; where all of it is kept, it can be seen again. */
export function Ended({ snapshot, title }: { snapshot: LiveSnapshot; title: string }) {
  const [watching, setWatching] = useState(false);
  const replay = snapshot.hls?.kind === 'replay' ? snapshot.hls.path : null;
  if (replay === null || !watching) {
    return (
      <Slate kind="ended" title={tw('ended')} text={`${title} — ${tw('ended.text')}`}>
        {replay !== null && (
          <Button variant="primary" icon="play" onClick={() => setWatching(true)}>
            {tw('replay')}
          </Button>
        )}
      </Slate>
    );
  }
  return (
    <div class="watch watch-again">
      <header class="watch-header">
        <span class="watch-over">{tw('replay.is')}</span>
        <h1>{title}</h1>
      </header>
      <main class="watch-main">
        <div class="watch-screen-box">
          <Replay path={replay} title={title} />
          <FullscreenButton />
        </div>
      </main>
    </div>
  );
}
