import { useComputed } from '@preact/signals';
import type { TileRole } from '../layout/arrange.ts';
import type { Rect } from '../layout/grid.ts';
import { t } from '../i18n/index.ts';
import { mirrorSelf } from '../prefs.ts';
import { isOn } from '../state/people.ts';
import type { Tile } from '../state/tiles.ts';
import { useCall } from '../state/use-call.ts';
import { Avatar } from './avatar.tsx';
import { PinButton } from './pin-button.tsx';
import { TilePlate } from './tile-plate.tsx';
import { VideoView } from './video-view.tsx';

type Props = { tile: Tile; rect: Rect; role: TileRole };

/** The name of what a tile shows. */
export function tileName({ kind, person }: Tile): string {
  if (kind === 'screen') return person.self ? t('tile.own-screen') : t('tile.screen', { name: person.name });
  return person.self ? t('tile.you', { name: person.name }) : person.name;
}

/** One person or one screen on the stage. */
export function TileView({ tile, rect, role }: Props) {
  const { store, layout } = useCall();
  const { person, kind, video } = tile;
  const name = tileName(tile);
  const speaking =
    useComputed(() => store.speaking.value.has(person.id)).value && isOn(person, 'microphone') && kind === 'camera';
  const shown = video !== undefined && !video.muted && video.mediaTrack !== null;
  const pinned = layout.pinned.value === tile.key;
  const small = rect.width < 240;
  const place = {
    transform: `translate(${rect.x}px, ${rect.y}px)`,
    width: `${rect.width}px`,
    height: `${rect.height}px`,
  };

  return (
    <div
      class={`tile tile-${role} tile-${kind} ${speaking ? 'tile-speaking' : ''} ${small ? 'tile-small' : ''}`}
      style={place}
      role="group"
      aria-label={name}
      data-testid="tile"
      data-member-id={person.id}
      data-source={kind}
      data-name={person.name}
      data-path={person.path}
      data-quality={person.quality?.level}
      data-speaking={speaking}
      data-self={person.self ? '' : undefined}
    >
      {!shown && kind === 'camera' && <Avatar name={person.name} />}
      {shown && (
        <VideoView view={video} mirrored={person.self && kind === 'camera' && mirrorSelf.value} pinned={pinned} />
      )}
      {person.presence === 'reconnecting' && (
        <div class="tile-overlay">
          <span class="spinner" aria-hidden="true" />
          {t('tile.reconnecting')}
        </div>
      )}
      <TilePlate tile={tile} name={name} speaking={speaking} />
      <PinButton tileKey={tile.key} name={name} />
    </div>
  );
}
