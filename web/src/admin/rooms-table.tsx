import type { AdminRoom, AdminStatus } from '@amphi/protocol';
import { useState } from 'preact/hooks';
import { ta } from '../i18n/admin.ts';
import { roomPath } from '../router.ts';
import { Button } from '../ui/button.tsx';
import { toast } from '../ui/toasts.tsx';
import { AdminError, endRoom } from './api.ts';
import { ConfirmEnd } from './confirm-end.tsx';
import { bitrate, percent } from './numbers.ts';
import { refresh } from './state.ts';

/** The rooms with somebody in them, and the way to end one. */
export function RoomsTable({ rooms, all }: { rooms: AdminStatus['rooms']; all: number }) {
  const [ending, setEnding] = useState<AdminRoom | undefined>(undefined);

  const end = async ({ id }: AdminRoom) => {
    setEnding(undefined);
    try {
      await endRoom(id);
      toast(ta('rooms.ended', { room: id }), { icon: 'check' });
    } catch (error) {
      const isGone = error instanceof AdminError && error.code === 'room-not-found';
      toast(ta(isGone ? 'rooms.gone' : 'rooms.failed'), { urgent: true });
    }
    await refresh();
  };

  return (
    <section class="admin-card" aria-labelledby="admin-rooms">
      <header>
        <h2 id="admin-rooms">{ta('rooms.title')}</h2>
        {rooms.length < all && <p class="muted">{ta('rooms.first', { count: rooms.length, all })}</p>}
      </header>
      {rooms.length === 0 ? (
        <p class="admin-empty">{ta('rooms.none')}</p>
      ) : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard
        <div class="table-box" role="region" aria-labelledby="admin-rooms" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{ta('rooms.room')}</th>
                <th scope="col">{ta('rooms.people')}</th>
                <th scope="col">{ta('rooms.tracks')}</th>
                <th scope="col">{ta('rooms.received')}</th>
                <th scope="col">{ta('rooms.sent')}</th>
                <th scope="col">{ta('rooms.loss')}</th>
                <th scope="col">
                  <span class="sr-only">{ta('rooms.actions')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rooms.map((room) => (
                <Row key={room.id} room={room} onEnd={() => setEnding(room)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {ending !== undefined && (
        <ConfirmEnd room={ending} onEnd={() => void end(ending)} onClose={() => setEnding(undefined)} />
      )}
    </section>
  );
}

function Row({ room, onEnd }: { room: AdminRoom; onEnd: () => void }) {
  const { id, members, producers, consumers, received, sent, lossReceived } = room;
  const flows = received + sent > 0;
  return (
    <tr>
      <th scope="row">
        <a href={roomPath(id)}>{id}</a>
      </th>
      <td>{members}</td>
      <td>
        {producers} → {consumers}
      </td>
      {flows ? (
        <>
          <td>{bitrate(received)}</td>
          <td>{bitrate(sent)}</td>
          <td>{percent(lossReceived, 1)}</td>
        </>
      ) : (
        <td colSpan={3} class="muted">
          {ta('rooms.direct')}
        </td>
      )}
      <td>
        <Button variant="quiet" aria-label={ta('rooms.end-room', { room: id })} onClick={onEnd}>
          {ta('rooms.end')}
        </Button>
      </td>
    </tr>
  );
}
