import { isOn, type Person } from './people.ts';

/** Something about another person that is worth a word. */
export type News = { kind: 'joined' | 'left' | 'reconnecting' | 'back' | 'share'; name: string };

/** What happened to the others between two moments. */
export function newsBetween(before: readonly Person[], after: readonly Person[]): News[] {
  const news: News[] = [];
  const then = new Map(before.map((person) => [person.id, person]));
  const now = new Set(after.map((person) => person.id));
  for (const person of after) {
    if (person.self) continue;
    const { name } = person;
    const old = then.get(person.id);
    if (old === undefined) news.push({ kind: 'joined', name });
    else if (old.presence !== person.presence) {
      news.push({ kind: person.presence === 'here' ? 'back' : 'reconnecting', name });
    }
    const shared = old !== undefined && isOn(old, 'screen');
    if (!shared && isOn(person, 'screen')) news.push({ kind: 'share', name });
  }
  for (const person of before) {
    if (!person.self && !now.has(person.id)) news.push({ kind: 'left', name: person.name });
  }
  return news;
}
