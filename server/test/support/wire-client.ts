import { randomUUID } from 'node:crypto';
import { type Events, events as eventSpecs, type Methods, methods as methodSpecs } from '@amphi/features/protocols.ts';
import {
  type Answer,
  AmphiError,
  answer as answerSchema,
  type DataOf,
  type ErrorBody,
  EVENT,
  type EventEnvelope,
  eventEnvelope,
  type EventMap,
  type Handshake,
  type InputOf,
  type MethodMap,
  type OutputOf,
  PROTOCOL_VERSION,
  REQUEST,
} from '@amphi/protocol';
import { io, type Socket } from 'socket.io-client';
import type { z } from 'zod';
import { Inbox } from './inbox.ts';

export type Welcome = DataOf<Events, 'session.welcome'>;
type Resume = { token: string; seq: number };
/** What somebody shows at the door; and, where the server trusts a proxy, the address that the proxy saw. */
export type Credentials = Pick<Handshake, 'token' | 'hostKey' | 'guest' | 'audience'> & { from?: string | undefined };

/** How long anything that is to come may take. */
const PATIENCE_MS = 8000;

/**
 * A client that knows no more than Socket.IO and the protocol's words. Whatever it receives is held against the
 * schemas; what does not fit is in {@link violations}.
 */
export class WireClient {
  readonly inbox = new Inbox(PATIENCE_MS);
  readonly violations: string[] = [];
  /** What was received beyond what the schemas declare. */
  readonly undeclared = new Set<string>();
  readonly #url: string;
  readonly #room: string;
  readonly #credentials: Credentials;
  #socket: Socket | undefined;
  #welcome: Welcome | undefined;
  #seq = 0;

  constructor(url: string, room: string, credentials: Credentials = {}) {
    this.#url = url;
    this.#room = room;
    this.#credentials = credentials;
  }

  /** Opens the first connection. Rejects with the AmphiError of the refusal. */
  static async connect(url: string, room: string, resume?: Resume): Promise<WireClient> {
    const client = new WireClient(url, room);
    await client.open(resume);
    return client;
  }

  get welcome(): Welcome {
    if (!this.#welcome) throw new Error('not connected yet');
    return this.#welcome;
  }

  get id(): string {
    return this.welcome.sessionId;
  }

  /** The number of the last event received. */
  get seq(): number {
    return this.#seq;
  }

  get connected(): boolean {
    return this.socket.connected;
  }

  get socket(): Socket {
    if (!this.#socket) throw new Error('not connected yet');
    return this.#socket;
  }

  async open(resume?: Resume): Promise<Welcome> {
    const { from, ...credentials } = this.#credentials;
    const auth = { protocol: PROTOCOL_VERSION, room: this.#room, ...credentials, ...(resume ? { resume } : {}) };
    const extraHeaders: Record<string, string> = from === undefined ? {} : { 'X-Forwarded-For': from };
    const options = { transports: ['websocket'], forceNew: true, reconnection: false, auth, extraHeaders };
    const socket = io(this.#url, options);
    this.#socket = socket;
    socket.on(EVENT, (envelope: unknown) => this.#receive(envelope));
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('connect_error', (error: Error & { data?: ErrorBody }) =>
        reject(error.data ? AmphiError.fromBody(error.data) : error),
      );
    });
    this.#welcome = await this.inbox.take('session.welcome');
    if (!this.#welcome.resumed) this.#seq = 0;
    return this.#welcome;
  }

  /** Opens another connection for the same session. */
  resume(seq: number = this.#seq): Promise<Welcome> {
    return this.open({ token: this.welcome.resumeToken, seq });
  }

  /** Sends a request and waits for its answer, whatever that is. */
  async send(method: string, data: unknown, id: string = randomUUID()): Promise<Answer> {
    return this.raw(method, { id, method, data });
  }

  /** Sends an envelope as it is. */
  async raw(method: string, ...args: unknown[]): Promise<Answer> {
    const raw: unknown = await this.socket.timeout(PATIENCE_MS).emitWithAck(REQUEST, ...args);
    const parsed = answerSchema.safeParse(raw);
    if (!parsed.success) throw new Error(`${method} was answered with ${JSON.stringify(raw)}`);
    const answer = parsed.data as Answer;
    const spec = (methodSpecs as MethodMap)[method];
    if (answer.ok && spec) this.#hold(`the answer to ${method}`, spec.output, answer.data);
    return answer;
  }

  /** Sends a request and leaves, without caring for its answer. */
  fire(method: string, data: unknown, id: string = randomUUID()): void {
    this.socket.emit(REQUEST, { id, method, data }, () => {});
  }

  /** Calls a method; rejects with an AmphiError when it is refused. */
  async call<K extends keyof Methods & string>(method: K, data: InputOf<Methods, K>): Promise<OutputOf<Methods, K>> {
    const answer = await this.send(method, data);
    if (!answer.ok) throw AmphiError.fromBody(answer.error);
    return answer.data as OutputOf<Methods, K>;
  }

  /** The next event of that name that was not taken yet, which may be here already. */
  take<K extends keyof Events & string>(
    name: K,
    match: (data: DataOf<Events, K>) => boolean = () => true,
    patienceMs?: number,
  ): Promise<DataOf<Events, K>> {
    return this.inbox.take(name, match, patienceMs);
  }

  /** Drops the connection without a goodbye, as a network does, from the sender's point of view at once. */
  async drop(): Promise<void> {
    const { socket } = this;
    const closed = new Promise((resolve) => socket.once('disconnect', resolve));
    socket.io.engine.close();
    await closed;
  }

  /** Waits until the server has closed the connection. */
  async closed(): Promise<void> {
    const { socket } = this;
    if (socket.connected) await new Promise((resolve) => socket.once('disconnect', resolve));
  }

  /** Says goodbye. */
  close(): void {
    this.#socket?.disconnect();
  }

  #receive(raw: unknown): void {
    const parsed = eventEnvelope.safeParse(raw);
    if (!parsed.success) {
      this.violations.push(`an event of the wrong shape: ${JSON.stringify(raw)}`);
      return;
    }
    const envelope = parsed.data as EventEnvelope;
    const spec = (eventSpecs as EventMap)[envelope.name];
    if (spec) this.#hold(`the event ${envelope.name}`, spec.data, envelope.data);
    else this.violations.push(`an event that is not in the protocol: ${envelope.name}`);
    if (envelope.seq > 0) this.#seq = envelope.seq;
    this.inbox.add(envelope);
  }

  #hold(what: string, schema: z.ZodType, data: unknown): void {
    const parsed = schema.safeParse(data);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      this.violations.push(`${what} does not fit its schema at ${issue?.path.join('.')}: ${issue?.message}`);
      return;
    }
    const undeclared = keysOnlyIn(data, parsed.data);
    if (undeclared !== undefined) this.undeclared.add(`${what}: ${undeclared}`);
  }
}

/** The path of the first key that one value has and the other, which was made of it, has not. */
function keysOnlyIn(value: unknown, known: unknown, path = ''): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, entry] of Object.entries(value)) {
    const here = path === '' ? key : `${path}.${key}`;
    if (typeof known !== 'object' || known === null || !Object.hasOwn(known, key)) return here;
    const deeper = keysOnlyIn(entry, (known as Record<string, unknown>)[key], here);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}
