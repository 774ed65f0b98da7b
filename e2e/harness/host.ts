import type { JoinChoices, Person } from './person.ts';
import type { Room } from './server.ts';

/** Somebody who comes by the host link. */
export async function joinAsHost(
  people: { open(name: string): Promise<Person> },
  name: string,
  room: Room,
  choices?: JoinChoices,
): Promise<Person> {
  const host = await people.open(name);
  await host.goTo(room.hostPath);
  await host.join(choices);
  return host;
}
