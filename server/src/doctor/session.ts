import { randomUUID } from 'node:crypto';
import {
  type CoreMethods,
  type CreateRoomOutput,
  EVENT,
  type OutputOf,
  PROTOCOL_VERSION,
  REQUEST,
} from '@amphi/protocol';

const PATIENCE_MS = 8000;

/** As much of a client as asks the server what it tells browsers of media: Socket.IO over a bare WebSocket. */
export type DoctorSession = {
  prepare(): Promise<OutputOf<CoreMethods, 'media.prepare'>>;
  close(): void;
};

/** Makes a room that nobody else knows of. Rejects when the server does not. */
export async function makeRoom(origin: string): Promise<string> {
  const response = await fetch(new URL('/api/rooms', origin), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!response.ok) throw new Error(`it made no room: ${response.status} ${await response.text()}`);
  return ((await response.json()) as CreateRoomOutput).id;
}

/** Opens a session in the room. Rejects when the WebSocket or the session is refused. */
export async function openSession(origin: string, room: string): Promise<DoctorSession> {
  const url = new URL('/socket.io/?EIO=4&transport=websocket', origin);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url);
  const welcomed = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<unknown>();
  const over = (reason: string) => {
    welcomed.reject(new Error(reason));
    answered.reject(new Error(reason));
  };
  // One of the two is waited for at a time.
  answered.promise.catch(() => undefined);
  const timer = setTimeout(() => over('it did not answer in time'), PATIENCE_MS);
  socket.addEventListener('error', () => over('no WebSocket opens'));
  socket.addEventListener('close', () => over('it closed the connection'));
  socket.addEventListener('message', ({ data }) => {
    const text = String(data);
    // Packets of Engine.IO 4 (0 open, 2 ping) and Socket.IO 5 (40 connected, 42 event, 43 answer, 44 refused).
    if (text.startsWith('0')) socket.send(`40${JSON.stringify({ protocol: PROTOCOL_VERSION, room })}`);
    else if (text === '2') socket.send('3');
    else if (text.startsWith('44')) over(`it refuses the session: ${text.slice(2)}`);
    else if (text.startsWith('42') && text.includes(`"${EVENT}"`)) welcomed.resolve();
    else if (text.startsWith('430')) answered.resolve((JSON.parse(text.slice(3)) as unknown[])[0]);
  });
  await welcomed.promise;
  return {
    async prepare() {
      const request = { id: randomUUID(), method: 'media.prepare', data: {} };
      socket.send(`420${JSON.stringify([REQUEST, request])}`);
      const answer = (await answered.promise) as { ok: boolean; data: never; error?: { message: string } };
      if (!answer.ok) throw new Error(answer.error?.message ?? 'it refuses to prepare media');
      return answer.data;
    },
    close() {
      clearTimeout(timer);
      socket.close();
    },
  };
}
