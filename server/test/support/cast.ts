import type { InputOf, OutputOf, Snapshot, TransportPair } from '@amphi/protocol';
import type { Methods } from '@amphi/features/protocols.ts';
import { camera, microphone } from './rtp.ts';
import type { TestServer } from './server.ts';
import { type Credentials, WireClient } from './wire-client.ts';

type Track = InputOf<Methods, 'producer.create'>;
type JoinOptions = { name?: string; direct?: boolean } & Credentials;

/** Somebody in a room. */
export class Person {
  readonly wire: WireClient;
  /** As they were when the person joined. */
  readonly transports: TransportPair;
  readonly snapshot: Snapshot;

  constructor(wire: WireClient, joined: OutputOf<Methods, 'join'>) {
    this.wire = wire;
    // Only who comes to watch may get none.
    this.transports = joined.transports as TransportPair;
    this.snapshot = joined.snapshot;
  }

  get id(): string {
    return this.wire.id;
  }

  /** Sends a track and answers its id. */
  async publish(track: Track): Promise<string> {
    await this.wire.call('producer.create', track);
    return track.producerId;
  }

  publishCamera(): Promise<string> {
    return this.publish(camera(this.transports.send.id));
  }

  publishMicrophone(): Promise<string> {
    return this.publish(microphone(this.transports.send.id));
  }

  /** The room as the server tells it to this person now. */
  async sync(): Promise<Snapshot> {
    return (await this.wire.call('session.sync', {})).snapshot;
  }

  /**
   * Waits for the answer to a request that does nothing. Events and answers keep their order, so that whatever the server
   * had said to this person before has arrived; whether the person may ask it does not matter for that.
   */
  async caughtUp(): Promise<void> {
    await this.wire.send('direct.report', { epoch: 0, state: 'failed' });
  }
}

/** A server in this process or in another. */
export type CastServer = Pick<TestServer, 'url' | 'createRoom' | 'hostKeyOf'>;

/** The people of one test. */
export class Cast {
  readonly #server: CastServer;
  readonly #clients: WireClient[] = [];

  constructor(server: CastServer) {
    this.#server = server;
  }

  get violations(): string[] {
    return this.#clients.flatMap((client) => client.violations);
  }

  /** What was received that is in no schema. */
  get undeclared(): string[] {
    return [...new Set(this.#clients.flatMap((client) => [...client.undeclared]))];
  }

  /** Somebody on the prejoin page; by way of another address where that is given. */
  async visit(
    room: string,
    options: { resume?: { token: string; seq: number }; url?: string } & Credentials = {},
  ): Promise<WireClient> {
    const { resume, url = this.#server.url, token, hostKey, guest, audience, from } = options;
    const client = new WireClient(url, room, { token, hostKey, guest, audience, from });
    this.#clients.push(client);
    await client.open(resume);
    return client;
  }

  async join(room: string, options: JoinOptions = {}): Promise<Person> {
    return joinWith(await this.visit(room, options), options);
  }

  /** Somebody in a room of {@link TestServer.createRoom} who came by its host link. */
  async host(room: string, options: JoinOptions = {}): Promise<Person> {
    return this.join(room, { ...options, hostKey: this.#server.hostKeyOf(room) });
  }

  /** So many in a new room, who all know of each other already. */
  async gather(names: readonly string[], options: JoinOptions & { room?: string } = {}): Promise<Person[]> {
    const room = options.room ?? (await this.#server.createRoom());
    const people: Person[] = [];
    for (const name of names) people.push(await this.join(room, { ...options, name }));
    for (const person of people) {
      await person.caughtUp();
      person.wire.inbox.clear();
    }
    return people;
  }

  leave(): void {
    for (const client of this.#clients) client.close();
  }
}

export function joinInput(wire: WireClient, options: JoinOptions = {}): InputOf<Methods, 'join'> {
  const { name = 'Somebody', direct = false } = options;
  return { name, direct, rtpCapabilities: wire.welcome.rtpCapabilities };
}

export async function joinWith(wire: WireClient, options: JoinOptions = {}): Promise<Person> {
  return new Person(wire, await wire.call('join', joinInput(wire, options)));
}
