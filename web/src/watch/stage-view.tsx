import type { RemoteTrack } from '@amphi/client';
import type { StageLayout } from '@amphi/features/live/client.ts';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Avatar } from '../components/avatar.tsx';
import { t } from '../i18n/index.ts';
import { tw } from '../i18n/watch.ts';
import type { Rect, Size } from '../layout/grid.ts';
import { watchView } from '../media/watch-view.ts';
import { isOn, type Person, type TrackView } from '../state/people.ts';
import { stageRects } from './stage-layout.ts';

type OnFrame = (video: HTMLVideoElement, frame: VideoFrameCallbackMetadata) => void;
type Props = { people: readonly Person[]; dominantId: string | null; layout: StageLayout; onFrame: OnFrame };

/** One picture on the stage: a shared screen, or somebody with or without a camera. */
type Shown = { key: string; person: Person; view: TrackView | undefined; isScreen: boolean; isSpeaking: boolean };

/** What the audience sees of the stage, as the event is laid out. */
export function StageView({ people, dominantId, layout, onFrame }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const [box, setBox] = useState<Size>({ width: 0, height: 0 });
  useEffect(() => {
    if (root.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setBox({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(root.current);
    return () => observer.disconnect();
  }, []);

  const all = shownOf(people, dominantId);
  const rects = stageRects(layout, all, box);
  const isAlone = rects.filter(Boolean).length === 1;
  return (
    <div ref={root} class="watch-stage" role="group" aria-label={tw('stage')} data-layout={layout}>
      {all.map(({ key, person, view, isSpeaking }, index) => (
        <Picture
          key={key}
          person={person}
          view={view}
          rect={rects[index]}
          speaking={isSpeaking && !isAlone}
          plate={!isAlone}
          onFrame={onFrame}
        />
      ))}
    </div>
  );
}

/** Screens first, then everybody who is there. */
function shownOf(people: readonly Person[], dominantId: string | null): Shown[] {
  const screens = people.flatMap((person) => {
    const view = isOn(person, 'screen') ? person.tracks.screen : undefined;
    return view ? [{ key: `${person.id}/screen`, person, view, isScreen: true, isSpeaking: false }] : [];
  });
  const cameras = people.map((person) => ({
    key: person.id,
    person,
    view: isOn(person, 'camera') ? person.tracks.camera : undefined,
    isScreen: false,
    isSpeaking: person.id === dominantId,
  }));
  return [...screens, ...cameras];
}

type PictureProps = {
  person: Person;
  view: TrackView | undefined;
  rect: Rect | undefined;
  speaking?: boolean;
  plate?: boolean;
  onFrame: OnFrame;
};

function Picture({ person, view, rect, speaking = false, plate = false, onFrame }: PictureProps) {
  const video = useRef<HTMLVideoElement>(null);
  const track = view?.mediaTrack ?? null;
  const remote = view?.remote ?? null;
  usePicture(video, track, onFrame);
  useView(video, remote);
  const style = rect && {
    transform: `translate(${rect.x}px, ${rect.y}px)`,
    width: `${rect.width}px`,
    height: `${rect.height}px`,
  };
  return (
    <div
      hidden={rect === undefined}
      class={`watch-picture ${plate ? '' : 'watch-alone'} ${speaking ? 'watch-speaking' : ''} ${view?.source === 'screen' ? 'watch-screen' : ''}`}
      style={style}
      data-testid="watch-picture"
      data-name={person.name}
      data-source={view?.source ?? 'none'}
    >
      {view === undefined && <Avatar name={person.name} />}
      <video ref={video} hidden={view === undefined} autoplay playsInline muted tabIndex={-1} disablePictureInPicture />
      {plate && <span class="watch-plate">{person.name}</span>}
      {person.presence === 'reconnecting' && (
        <span class="watch-cover">
          <span class="spinner" aria-hidden="true" />
          {t('tile.reconnecting')}
        </span>
      )}
    </div>
  );
}

/** Plays the track and calls back for each frame of it. */
function usePicture(
  video: { current: HTMLVideoElement | null },
  track: MediaStreamTrack | null,
  onFrame: OnFrame,
): void {
  const latest = useRef(onFrame);
  latest.current = onFrame;
  useEffect(() => {
    const element = video.current;
    if (element === null || track === null) return;
    element.srcObject = new MediaStream([track]);
    // Muted videos may start; where even that is refused, the click for the sound starts them.
    element.play().catch(() => undefined);
    let handle = 0;
    const next: VideoFrameRequestCallback = (_now, frame) => {
      latest.current(element, frame);
      handle = element.requestVideoFrameCallback(next);
    };
    handle = element.requestVideoFrameCallback(next);
    return () => {
      element.cancelVideoFrameCallback(handle);
      element.srcObject = null;
    };
  }, [video, track]);
}

/** Tells the server how large the picture is seen, so that it sends no more than that. */
function useView(video: { current: HTMLVideoElement | null }, remote: RemoteTrack | null): void {
  useEffect(() => {
    if (video.current === null || remote === null) return;
    return watchView(video.current, (view) => remote.setView(view));
  }, [video, remote]);
}
