import type { Answer, ErrorBody, EventEnvelope, Handshake, RequestEnvelope, RoomPolicy } from '@amphi/protocol';
import type { SignalSocket, SocketFactory, SocketHandlers } from './socket.ts';
import type { Welcome } from './signaling.ts';

/** A socket of which the test plays the server. */
export class FakeSocket implements SignalSocket {
  attempts = 0;
  drops = 0;
  closed = false;
  connected = false;
  sent: { envelope: RequestEnvelope; ack: (answer: Answer) => void }[] = [];
  handlers!: SocketHandlers;
  auth!: () => Handshake;

  readonly factory: SocketFactory = (_server, auth, handlers) => {
    this.auth = auth;
    this.handlers = handlers;
    return this;
  };

  connect(): void {
    this.attempts += 1;
  }

  drop(): void {
    this.drops += 1;
    if (this.connected) this.lose();
  }

  close(): void {
    this.closed = true;
  }

  send(envelope: RequestEnvelope, ack: (answer: Answer) => void): void {
    this.sent.push({ envelope, ack });
  }

  /** The server accepts. */
  welcome(change: Partial<Welcome> = {}): void {
    this.connected = true;
    this.event('session.welcome', { ...WELCOME, ...change }, 0);
  }

  event(name: string, data: unknown, seq: number): void {
    this.handlers.event({ name, data, seq } satisfies EventEnvelope);
  }

  refuse(body?: ErrorBody): void {
    this.handlers.failed(body);
  }

  lose(): void {
    this.connected = false;
    this.handlers.closed();
  }

  /** The methods sent since the last call. */
  take(): string[] {
    return this.sent.splice(0).map(({ envelope }) => envelope.method);
  }
}

export const POLICY: RoomPolicy = {
  direct: true,
  capacity: 100,
  locked: false,
  lobby: false,
  password: false,
  muteOnEntry: false,
  allowAudio: true,
  allowVideo: true,
  allowScreen: true,
  allowChat: true,
  guestRole: 'speaker',
  recording: 'tell',
  recordingDays: null,
  audience: 'off',
  expiresAt: null,
};

export const WELCOME: Welcome = {
  sessionId: 's1',
  resumeToken: 'token-1',
  resumed: false,
  resumeWindowMs: 60_000,
  rtpCapabilities: {},
  media: {
    videoCodec: 'vp8',
    cameraHeight: 720,
    cameraFrameRate: 30,
    screenFrameRate: 30,
    cameraMaxBitrate: 1_700_000,
    screenMaxBitrate: 2_500_000,
  },
  room: { id: 'room', policy: POLICY },
  admission: 'open',
  role: 'speaker',
};
