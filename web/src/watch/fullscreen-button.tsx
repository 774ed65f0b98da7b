import { tw } from '../i18n/watch.ts';
import { IconButton } from '../ui/button.tsx';

/** Shows the box that it stands in on the whole screen, and back. */
export function FullscreenButton() {
  return (
    <IconButton
      class="watch-fullscreen"
      icon="fullscreen"
      label={tw('fullscreen')}
      onClick={({ currentTarget }) =>
        void (document.fullscreenElement
          ? document.exitFullscreen()
          : currentTarget.closest('.watch-screen-box')?.requestFullscreen())
      }
    />
  );
}
