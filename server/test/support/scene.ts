import type { Cast, Person } from './cast.ts';
import type { TestServer } from './server.ts';
import type { WireClient } from './wire-client.ts';

/**
 * What every method is tried in: a room in which Alice, who calls, and Bob are, with Vera on its prejoin page; and another
 * room with Sam, who sends, and Nora, neither of whom is ever to notice anything.
 */
export type Scene = {
  server: TestServer;
  cast: Cast;
  room: string;
  alice: Person;
  aliceCamera: string;
  bob: Person;
  bobCamera: string;
  vera: WireClient;
  sam: Person;
  samCamera: string;
  nora: Person;
  /** Alice's consumer of Bob's camera, Bob's of Alice's, Nora's of Sam's. */
  consumers: { alice: string; bob: string; nora: string };
};

export async function setScene(server: TestServer, cast: Cast, direct: boolean): Promise<Scene> {
  const [room, elsewhere] = await Promise.all([server.createRoom({ policy: { direct } }), server.createRoom()]);
  const [[alice, bob], [sam, nora]] = await Promise.all([
    cast.gather(['Alice', 'Bob'], { room, direct }),
    cast.gather(['Sam', 'Nora'], { room: elsewhere }),
  ]);
  if (!alice || !bob || !sam || !nora) throw new Error('not everybody came');
  const vera = await cast.visit(room);
  const [aliceCamera, bobCamera, samCamera] = await Promise.all([
    alice.publishCamera(),
    bob.publishCamera(),
    sam.publishCamera(),
  ]);
  const [ofAlice, ofBob, ofNora] = await Promise.all(
    [alice, bob, nora].map(({ wire }) => wire.take('consumer.created')),
  );
  const consumers = {
    alice: ofAlice?.consumer.id ?? '',
    bob: ofBob?.consumer.id ?? '',
    nora: ofNora?.consumer.id ?? '',
  };
  const scene = { server, cast, room, alice, aliceCamera, bob, bobCamera, vera, sam, samCamera, nora, consumers };
  await hush(scene);
  return scene;
}

/** Waits until all that was said has arrived, and forgets it. */
export async function hush({ alice, bob, vera, sam, nora }: Scene): Promise<void> {
  await Promise.all([...[alice, bob, sam, nora].map((person) => person.caughtUp()), vera.call('session.ping', {})]);
  for (const { inbox } of [alice.wire, bob.wire, vera, sam.wire, nora.wire]) inbox.clear();
}

/** What the others heard since the last {@link hush} and did not take, those in the other room above all. */
export async function overheard({ bob, sam, nora }: Scene): Promise<string[]> {
  const heard = await Promise.all(
    Object.entries({ bob, sam, nora }).map(async ([who, person]) => {
      await person.caughtUp();
      return person.wire.inbox.rest().map(({ name, data }) => `${who} heard ${name} ${JSON.stringify(data)}`);
    }),
  );
  return heard.flat();
}

/** How the rooms look to Bob and to Nora. */
export async function views({ bob, nora }: Scene): Promise<unknown> {
  return Promise.all([bob.sync(), nora.sync()]);
}
