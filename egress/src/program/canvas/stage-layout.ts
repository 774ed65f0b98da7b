import { arrange, type Rect } from '../../compose/layout.ts';

/**
 * `solo`: whoever is first; `speaker`: whoever speaks, large; `grid`: all alike; `beside`: a shared screen, or else the
 * speaker, with the others beside it; `screen`: a shared screen with who speaks, as in films.
 */
export type ProgramLayout = 'solo' | 'speaker' | 'grid' | 'beside' | 'screen';

/** A picture on stage. */
export type OnStage = { id: string; memberId: string; kind: 'camera' | 'screen' };

/** What of the stage is to be seen in a layout; in the order in which it came on stage. */
export function seenOf(layout: ProgramLayout, stage: readonly OnStage[]): OnStage[] {
  return layout === 'solo' ? stage.slice(0, 1) : [...stage];
}

/** Where each is seen; what there is no room for is left out. `speakerId`: the member who speaks. */
export function placeOnStage(
  layout: ProgramLayout,
  stage: readonly OnStage[],
  speakerId: string | undefined,
  canvas: { width: number; height: number },
): Map<string, Rect> {
  const seen = seenOf(layout, stage);
  const shown = seen.map(({ id, kind }) => ({ key: id, kind }));
  const cameras = seen.filter(({ kind }) => kind === 'camera');
  const focus = (cameras.find(({ memberId }) => memberId === speakerId) ?? cameras[0])?.id;
  if (layout === 'grid' || shown.length <= 1) return arrange('grid', shown, focus, canvas);
  if (layout === 'beside' && cameras.length === shown.length) {
    // Without a screen the speaker has its place.
    const large = shown.map(({ key }) => ({ key, kind: key === focus ? ('screen' as const) : ('camera' as const) }));
    return arrange('speaker', large, undefined, canvas);
  }
  return arrange(layout === 'screen' ? 'screen' : 'speaker', shown, focus, canvas);
}
