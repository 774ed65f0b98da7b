import type { Call, LobbyState, Standing } from '@amphi/client';
import { useEffect, useState } from 'preact/hooks';

export type LobbyMessage = { name: string; text: string };

/** What a person in front of the room sees of it. */
export type Door = {
  standing: Standing | null;
  lobby: LobbyState;
  /** What hosts wrote to those who wait, oldest first. */
  messages: readonly LobbyMessage[];
};

const doorOf = ({ standing, lobby }: Call, messages: readonly LobbyMessage[] = []): Door => ({
  standing,
  lobby,
  messages,
});

/** How the call stands before the join; the component renders again when that changes. */
export function useDoor(call: Call): Door {
  const [door, setDoor] = useState(() => doorOf(call));
  useEffect(() => {
    setDoor(doorOf(call));
    const refresh = () => setDoor(({ messages }) => doorOf(call, messages));
    const offs = [
      call.on('standing', refresh),
      call.on('lobby', refresh),
      call.on('lobbyMessage', (message) => setDoor(({ messages }) => doorOf(call, [...messages, message]))),
    ];
    return () => {
      for (const off of offs) off();
    };
  }, [call]);
  return door;
}
