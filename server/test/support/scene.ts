import type { Cast, Person } from './cast.ts';
import { type KeptRecording, keepRecording } from './kept-recording.ts';
import type { TestServer } from './server.ts';
import type { WireClient } from './wire-client.ts';

/** What a method needs of its scene beside what every scene has. */
export type Setting = {
  /** The room allows direct connections, and Alice and Bob are building one. */
  direct?: true;
  /** The room has a lobby: Vera stands before it, and Wanda waits in it. */
  lobby?: true;
  /** Carol is in the room as well. */
  third?: true;
  /** Carol was, and is banned. */
  ban?: true;
  /** The room has an event, and Walt came to watch it before it was live. */
  watched?: 'backstage' | 'live';
  /** With `watched` only: how far Walt is on the way to the stage. */
  hand?: 'invited' | 'on-stage';
  /** The room has a stream key, and the other room has one. */
  streamKey?: true;
  /** The event is pushed somewhere, and that of the other room as well; neither is to be reached. */
  pushed?: true;
  /** The room is being recorded. */
  recorded?: true;
  /** There is a recording of the room, and one of the other room. */
  kept?: true;
};

/**
 * What every method is tried in: a room in which Alice, its host, who calls, and Bob are, with Vera on its prejoin page;
 * and another room with Sam, its host, who sends, and Nora, neither of whom is ever to notice anything.
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
  /** With `lobby` only. */
  wanda?: WireClient;
  /** With `third` or `ban` only. */
  carol?: Person;
  /** With `ban` only. */
  banId?: string;
  /** With `watched` only. */
  walt?: Person;
  /** With `streamKey` only; `foreign` is the id of the other room's. */
  streamKey?: { id: string; key: string; passphrase: string; foreign: string };
  /** With `pushed` only; `foreign` is the id of the other room's. */
  push?: { id: string; foreign: string };
  /** With `kept` only; `foreign` is the id of the other room's. */
  kept?: KeptRecording & { foreign: string };
};

export async function setScene(server: TestServer, cast: Cast, setting: Setting): Promise<Scene> {
  const direct = setting.direct === true;
  const [room, elsewhere] = await Promise.all([server.createRoom({ policy: { direct } }), server.createRoom()]);
  const [[alice, bob], [sam, nora]] = await Promise.all([
    hostAndGuest(cast, room, ['Alice', 'Bob'], direct),
    hostAndGuest(cast, elsewhere, ['Sam', 'Nora'], false),
  ]);
  const carol = setting.third || setting.ban ? await cast.join(room, { name: 'Carol' }) : undefined;
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
  const scene: Scene = {
    ...{ server, cast, room, alice, aliceCamera, bob, bobCamera, vera, sam, samCamera, nora, consumers },
    ...(carol ? { carol } : {}),
    ...(setting.ban && carol ? { banId: await ban(alice, carol) } : {}),
    ...(setting.lobby ? { wanda: await openLobby(alice, () => cast.visit(room)) } : {}),
    ...(setting.watched ? { walt: await openEvent(alice, () => cast.join(room, WALT), setting) } : {}),
    ...(setting.streamKey ? { streamKey: await makeStreamKeys(alice, sam) } : {}),
    ...(setting.pushed ? { push: await addTargets(alice, sam) } : {}),
    ...(setting.kept ? { kept: await keepRecordings(server, room, elsewhere) } : {}),
  };
  if (setting.recorded) await alice.wire.call('recording.start', {});
  await hush(scene);
  return scene;
}

async function hostAndGuest(
  cast: Cast,
  room: string,
  [host, guest]: readonly [string, string],
  direct: boolean,
): Promise<[Person, Person]> {
  return [await cast.host(room, { name: host, direct }), await cast.join(room, { name: guest, direct })];
}

/** Answers the ban's id. */
async function ban(alice: Person, carol: Person): Promise<string> {
  await alice.wire.call('moderate.remove', { memberId: carol.id, ban: true });
  await carol.wire.closed();
  const { bans } = await alice.wire.call('moderate.bans', {});
  return bans[0]?.id ?? '';
}

/** Gives the room a lobby. Answers somebody who waits in it. */
async function openLobby(alice: Person, visit: () => Promise<WireClient>): Promise<WireClient> {
  await alice.wire.call('room.setPolicy', { lobby: true });
  const wanda = await visit();
  await wanda.call('lobby.knock', { name: 'Wanda' });
  return wanda;
}

const WALT = { name: 'Walt', audience: true };

/** Answers the one who watches. */
async function openEvent(alice: Person, watch: () => Promise<Person>, { watched, hand }: Setting): Promise<Person> {
  await alice.wire.call('live.prepare', { title: 'Launch' });
  const walt = await watch();
  if (watched === 'live') {
    await alice.wire.call('live.start', {});
    await walt.wire.take('session.snapshot');
  }
  if (hand) await alice.wire.call('live.invite', { memberId: walt.id });
  if (hand === 'on-stage') {
    await walt.wire.call('live.answer', { accept: true });
    await walt.wire.take('self.changed', ({ self }) => self.role === 'speaker');
  }
  return walt;
}

async function makeStreamKeys(alice: Person, sam: Person): Promise<Scene['streamKey']> {
  const [own, other] = await Promise.all([alice, sam].map(({ wire }) => wire.call('live.createKey', { name: 'OBS' })));
  return { ...given(own), foreign: given(other).id };
}

async function addTargets(alice: Person, sam: Person): Promise<Scene['push']> {
  const target = { name: 'Tube', url: 'rtmp://127.0.0.1/live', key: 'a-key-of-the-host', auto: false };
  const [own, other] = await Promise.all([alice, sam].map(({ wire }) => wire.call('push.add', target)));
  return { id: given(own).target.id, foreign: given(other).target.id };
}

async function keepRecordings(server: TestServer, room: string, elsewhere: string): Promise<Scene['kept']> {
  const [own, other] = [await keepRecording(server, room), await keepRecording(server, elsewhere)];
  return { ...own, foreign: other.id };
}

/** Those of a scene who need its setting: fails where that was not asked for. */
export function given<T>(somebody: T | undefined): T {
  if (somebody === undefined) throw new Error('the setting of this entry has no such person');
  return somebody;
}

/** Waits until all that was said has arrived, and forgets it. */
export async function hush({ alice, bob, vera, sam, nora, carol, wanda, walt }: Scene): Promise<void> {
  const people = [alice, bob, sam, nora, ...(carol ? [carol] : []), ...(walt ? [walt] : [])];
  const visitors = [vera, ...(wanda ? [wanda] : [])];
  await Promise.all([
    ...people.filter(({ wire }) => wire.connected).map((person) => person.caughtUp()),
    ...visitors.map((visitor) => visitor.call('session.ping', {})),
  ]);
  for (const { inbox } of [...people.map(({ wire }) => wire), ...visitors]) inbox.clear();
}

/** What the others heard since the last {@link hush} and did not take, those in the other room above all. */
export async function overheard({ bob, sam, nora, carol, walt }: Scene): Promise<string[]> {
  const heard = await Promise.all(
    Object.entries({ bob, sam, nora, ...(carol ? { carol } : {}), ...(walt ? { walt } : {}) }).map(
      async ([who, person]) => {
        if (person.wire.connected) await person.caughtUp();
        return person.wire.inbox.rest().map(({ name, data }) => `${who} heard ${name} ${JSON.stringify(data)}`);
      },
    ),
  );
  return heard.flat();
}

/** How the rooms look to Bob and to Nora. */
export async function views({ bob, nora }: Scene): Promise<unknown> {
  return Promise.all([bob.sync(), nora.sync()]);
}
