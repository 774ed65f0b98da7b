import type { Answer, ErrorBody, EventEnvelope, Handshake, RequestEnvelope } from '@amphi/protocol';
import { EVENT, REQUEST } from '@amphi/protocol/constants';
import { io } from 'socket.io-client';

/** What signaling needs of a socket: one that tries once when told to and never by itself. */
export interface SignalSocket {
  /** Starts an attempt; ends in the first event, in `failed`, or in `closed`. */
  connect(): void;
  /** Gives up the connection or the attempt without a goodbye: the session is meant to go on. */
  drop(): void;
  /** Says goodbye: the server ends the session at once. */
  close(): void;
  send(envelope: RequestEnvelope, ack: (answer: Answer) => void): void;
}

export type SocketHandlers = {
  event(envelope: EventEnvelope): void;
  /** The attempt failed; with a body when the server refused it, without one when it was not reached. */
  failed(body: ErrorBody | undefined): void;
  closed(): void;
};

export type SocketFactory = (
  server: string | undefined,
  auth: () => Handshake,
  handlers: SocketHandlers,
) => SignalSocket;

/** How long one attempt may take, in milliseconds, before the next is made. */
export const ATTEMPT_MS = 5000;

/**
 * A Socket.IO socket: WebSocket first, polling where that is blocked. Its own reconnection is off, because it
 * can't be hurried when the network comes back and gives no say over refusals.
 */
export const openSocketIo: SocketFactory = (server, auth, handlers) => {
  const options = {
    autoConnect: false,
    forceNew: true,
    reconnection: false,
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    timeout: ATTEMPT_MS,
    auth: (use: (data: object) => void) => use(auth()),
  };
  const socket = server === undefined ? io(options) : io(server, options);
  socket.on(EVENT, (envelope: EventEnvelope) => handlers.event(envelope));
  socket.on('connect_error', (error: Error & { data?: ErrorBody }) => handlers.failed(error.data));
  socket.on('disconnect', () => handlers.closed());
  return {
    connect: () => void socket.connect(),
    drop() {
      // A connected Socket.IO socket has no other way to end without its goodbye packet.
      if (socket.connected) socket.io.engine.close();
      else socket.disconnect();
    },
    close: () => void socket.disconnect(),
    send: (envelope, ack) => void socket.emit(REQUEST, envelope, ack),
  };
};
