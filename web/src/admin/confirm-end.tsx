import type { AdminRoom } from '@amphi/protocol';
import { ta } from '../i18n/admin.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';

type Props = { room: AdminRoom; onEnd: () => void; onClose: () => void };

/** Asks before people are thrown out of their call. */
export function ConfirmEnd({ room, onEnd, onClose }: Props) {
  return (
    <Dialog title={ta('confirm.title')} onClose={onClose}>
      <p>{ta('confirm.text', { room: room.id, count: room.members })}</p>
      <div class="admin-confirm">
        <Button onClick={onClose}>{ta('confirm.cancel')}</Button>
        <Button variant="danger" onClick={onEnd}>
          {ta('confirm.end')}
        </Button>
      </div>
    </Dialog>
  );
}
