import { useEffect, useRef } from 'preact/hooks';
import { createFlipVideo } from '../media/flip-video.ts';
import { watchView } from '../media/watch-view.ts';
import type { TrackView } from '../state/people.ts';
import { useCall } from '../state/use-call.ts';

type Props = { view: TrackView; mirrored: boolean; pinned: boolean };

/** A live picture. Tells the track how large it is seen, and changes over to another track without a flash. */
export function VideoView({ view, mirrored, pinned }: Props) {
  const { views } = useCall();
  const root = useRef<HTMLDivElement>(null);
  const first = useRef<HTMLVideoElement>(null);
  const second = useRef<HTMLVideoElement>(null);
  const flip = useRef<ReturnType<typeof createFlipVideo>>(undefined);
  const { remote, mediaTrack } = view;

  useEffect(() => {
    if (first.current === null || second.current === null) return;
    const created = createFlipVideo([first.current, second.current]);
    flip.current = created;
    return () => created.close();
  }, []);

  useEffect(() => flip.current?.set(mediaTrack), [mediaTrack]);

  useEffect(() => {
    const element = root.current;
    if (remote === null || element === null) return;
    const stop = watchView(element, (seen) => views.claim(remote, element, { ...seen, pinned }));
    return () => {
      stop();
      views.claim(remote, element, null);
    };
  }, [remote, pinned, views]);

  return (
    <div ref={root} class={`video ${mirrored ? 'video-mirrored' : ''}`}>
      <video ref={first} autoplay playsInline muted tabIndex={-1} disablePictureInPicture />
      <video ref={second} autoplay playsInline muted tabIndex={-1} disablePictureInPicture />
    </div>
  );
}
