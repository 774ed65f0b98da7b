import { RecordingsPage } from './page.tsx';
import { SharePage } from './share-page.tsx';
import './recordings.css';
import './player.css';

/** The pages of recordings, which are fetched together: those of a room, or one that is shared. */
export function Recordings({ room, share = '' }: { room?: string; share?: string }) {
  return room === undefined ? <SharePage id={share} /> : <RecordingsPage key={room} room={room} />;
}
