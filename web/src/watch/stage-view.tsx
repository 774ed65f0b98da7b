import type { RemoteTrack } from '@amphi/client';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Avatar } from '../components/avatar.tsx';
import { t } from '../i18n/index.ts';
import { gridRects, type Rect, type Size } from '../layout/grid.ts';
import { watchView } from '../media/watch-view.ts';
import { isOn, type Person, type TrackView } from '../state/people.ts';

type OnFrame = (video: HTMLVideoElement, frame: VideoFrameCallbackMetadata) => void;
type Props = { people: readonly Person[]; dominantId: string | null; onFrame: OnFrame };

/** How much of the width the people get beside a screen that is shown. */
const SIDE = 0.22;

/** What the audience sees: a shared screen with the people beside it, or the people alone. */
export function StageView({ people, dominantId, onFrame }: Props) {
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

  const screen = people.find((person) => isOn(person, 'screen'));
  const places = placesOf(people.length, box, screen !== undefined);
  return (
    <div ref={root} class="watch-stage" role="group" aria-label={t('watch.stage')}>
      {screen?.tracks.screen && (
        <Picture
          key={`${screen.id}/screen`}
          person={screen}
          view={screen.tracks.screen}
          rect={places.screen}
          onFrame={onFrame}
        />
      )}
      {people.map((person, index) => (
        <Picture
          key={person.id}
          person={person}
          view={isOn(person, 'camera') ? person.tracks.camera : undefined}
          rect={places.people[index]}
          speaking={people.length > 1 && person.id === dominantId}
          plate={people.length > 1}
          onFrame={onFrame}
        />
      ))}
    </div>
  );
}

/** Where everything goes in the box; beside a screen the people stand in a column, on a narrow page in a row below. */
function placesOf(count: number, box: Size, hasScreen: boolean): { screen: Rect | undefined; people: Rect[] } {
  if (!hasScreen) return { screen: undefined, people: gridRects(count, box) };
  if (box.width < box.height) {
    const height = Math.round(box.height * SIDE);
    const screen = { x: 0, y: 0, width: box.width, height: box.height - height - 8 };
    const people = gridRects(count, { width: box.width, height }).map((rect) => ({
      ...rect,
      y: rect.y + screen.height + 8,
    }));
    return { screen, people };
  }
  const width = Math.round(box.width * SIDE);
  const screen = { x: 0, y: 0, width: box.width - width - 8, height: box.height };
  const people = gridRects(count, { width, height: box.height }).map((rect) => ({
    ...rect,
    x: rect.x + screen.width + 8,
  }));
  return { screen, people };
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
  if (rect === undefined) return null;
  const style = {
    transform: `translate(${rect.x}px, ${rect.y}px)`,
    width: `${rect.width}px`,
    height: `${rect.height}px`,
  };
  return (
    <div
      class={`watch-picture ${speaking ? 'watch-speaking' : ''} ${view?.source === 'screen' ? 'watch-screen' : ''}`}
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
