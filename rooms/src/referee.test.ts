import { beforeEach, describe, expect, test } from 'vitest';
import type { CoreEvent } from './member.ts';
import { type Contender, DirectReferee } from './referee.ts';
import { FakeClock } from './testing/index.ts';

describe('direct referee', () => {
  let clock: FakeClock;
  let sent: [to: string, event: CoreEvent][];
  let referee: DirectReferee;

  const contender = (id: string, rest: Partial<Contender> = {}): Contender => ({
    id,
    direct: true,
    here: true,
    ...rest,
  });
  const members = (...ids: string[]) => referee.setMembers(ids.map((id) => contender(id)));

  /** What was sent since the last call: `a start 1`, `b live 1`. */
  function said(): string[] {
    return sent.splice(0).map(([to, { name, data }]) => {
      if (name === 'direct.start') return `${to} start ${data.epoch}${data.offerer ? ' offerer' : ''}`;
      if (name === 'direct.state') return `${to} ${data.state} ${data.epoch}`;
      return `${to} ${name}`;
    });
  }

  function report(state: 'connected' | 'failed' | 'released', epoch: number, ...ids: string[]) {
    for (const id of ids) referee.report(id, epoch, state);
  }

  /** Two members, connected directly. */
  function live() {
    members('a', 'b');
    report('connected', 1, 'a', 'b');
    said();
  }

  beforeEach(() => {
    clock = new FakeClock();
    sent = [];
    referee = new DirectReferee({ clock, policy: true, send: (to, event) => sent.push([to, event]) });
  });

  test('starts at once when the second joins; the first makes the offer', () => {
    members('a');
    expect(said()).toEqual([]);
    members('a', 'b');
    expect(sent.map(([to, event]) => [to, event.data])).toEqual([
      ['a', { epoch: 1, peerId: 'b', offerer: true }],
      ['b', { epoch: 1, peerId: 'a', offerer: false }],
    ]);
  });

  test('is live once both decode', () => {
    members('a', 'b');
    said();
    report('connected', 1, 'a', 'a');
    expect(said()).toEqual([]);
    report('connected', 1, 'b');
    expect(said()).toEqual(['a live 1', 'b live 1']);
    clock.advance(600_000);
    expect(said()).toEqual([]);
  });

  test.each([
    ['by policy', () => referee.setPolicy(false)],
    ['by a need of the server', () => void referee.requireSfu()],
  ])('does not start where it is forbidden %s', (_how, forbid) => {
    forbid();
    members('a', 'b');
    clock.advance(60_000);
    expect(said()).toEqual([]);
  });

  test('does not start with somebody who cannot', () => {
    referee.setMembers([contender('a'), contender('b', { direct: false })]);
    expect(said()).toEqual([]);
  });

  test('waits for somebody whose connection is down', () => {
    referee.setMembers([contender('a'), contender('b', { here: false })]);
    expect(said()).toEqual([]);
    members('a', 'b');
    expect(said()).toEqual(['a start 1 offerer', 'b start 1']);
  });

  test('a dropped connection does not disturb direct media', () => {
    live();
    referee.setMembers([contender('a'), contender('b', { here: false })]);
    members('a', 'b');
    expect(said()).toEqual([]);
  });

  test('the third ends it, and it closes once both have the SFU again', () => {
    live();
    members('a', 'b', 'c');
    expect(said()).toEqual(['a ending 1', 'b ending 1']);
    report('released', 1, 'a');
    expect(said()).toEqual([]);
    report('released', 1, 'b');
    expect(said()).toEqual(['a closed 1', 'b closed 1']);
  });

  test('it closes after 5 s when somebody does not report', () => {
    live();
    members('a', 'b', 'c');
    said();
    report('released', 1, 'a');
    clock.advance(4999);
    expect(said()).toEqual([]);
    clock.advance(1);
    expect(said()).toEqual(['a closed 1', 'b closed 1']);
  });

  test('the third during an attempt closes it at once', () => {
    members('a', 'b');
    said();
    members('a', 'b', 'c');
    expect(said()).toEqual(['a closed 1', 'b closed 1']);
  });

  test('back to two, it starts again after 4 s, with another epoch', () => {
    members('a', 'b', 'c');
    members('b', 'c');
    clock.advance(3999);
    expect(said()).toEqual([]);
    clock.advance(1);
    expect(said()).toEqual(['b start 1 offerer', 'c start 1']);
  });

  test('somebody who comes within the 4 s prevents that', () => {
    members('a', 'b', 'c');
    members('a', 'b');
    clock.advance(2000);
    members('a', 'b', 'd');
    clock.advance(60_000);
    expect(said()).toEqual([]);
  });

  test('back to two while it was ending, it ends first', () => {
    live();
    members('a', 'b', 'c');
    said();
    members('a', 'b');
    expect(said()).toEqual([]);
    report('released', 1, 'a', 'b');
    expect(said()).toEqual(['a closed 1', 'b closed 1']);
    clock.advance(4000);
    expect(said()).toEqual(['a start 2 offerer', 'b start 2']);
  });

  test.each(['connecting', 'live', 'ending'] as const)('one who leaves while %s closes it for the other', (phase) => {
    members('a', 'b');
    if (phase !== 'connecting') report('connected', 1, 'a', 'b');
    if (phase === 'ending') referee.setPolicy(false);
    said();
    members('a');
    expect(said()).toEqual(['a closed 1']);
  });

  test('a failure before it is live closes it at once; another attempt comes after 30 s', () => {
    members('a', 'b');
    said();
    report('connected', 1, 'a');
    report('failed', 1, 'b');
    expect(said()).toEqual(['a closed 1', 'b closed 1']);
    clock.advance(29_999);
    expect(said()).toEqual([]);
    clock.advance(1);
    expect(said()).toEqual(['a start 2 offerer', 'b start 2']);
  });

  test('after a failure, a change of members allows another attempt sooner', () => {
    members('a', 'b');
    report('failed', 1, 'b');
    said();
    members('a');
    members('a', 'c');
    expect(said()).toEqual(['a start 2 offerer', 'c start 2']);
  });

  test('after a failure, presence alone does not', () => {
    members('a', 'b');
    report('failed', 1, 'b');
    said();
    referee.setMembers([contender('a'), contender('b', { here: false })]);
    members('a', 'b');
    expect(said()).toEqual([]);
  });

  test('a failure after it was live goes over ending', () => {
    live();
    report('failed', 1, 'a');
    expect(said()).toEqual(['a ending 1', 'b ending 1']);
    report('failed', 1, 'b');
    expect(said()).toEqual([]);
    report('released', 1, 'a', 'b');
    expect(said()).toEqual(['a closed 1', 'b closed 1']);
    clock.advance(30_000);
    expect(said()).toEqual(['a start 2 offerer', 'b start 2']);
  });

  test('an attempt of which nobody reports fails after 10 s', () => {
    members('a', 'b');
    said();
    report('connected', 1, 'a');
    clock.advance(10_000);
    expect(said()).toEqual(['a closed 1', 'b closed 1']);
  });

  test('policy off ends it, on starts it again', () => {
    live();
    referee.setPolicy(false);
    expect(said()).toEqual(['a ending 1', 'b ending 1']);
    report('released', 1, 'a', 'b');
    said();
    referee.setPolicy(true);
    expect(said()).toEqual(['a start 2 offerer', 'b start 2']);
  });

  test('it comes back when the last need of the server is over', () => {
    live();
    const [first, second] = [referee.requireSfu(), referee.requireSfu()];
    report('released', 1, 'a', 'b');
    said();
    first();
    first();
    expect(said()).toEqual([]);
    second();
    expect(said()).toEqual(['a start 2 offerer', 'b start 2']);
  });

  test('reports of another epoch, of others, or out of place are void', () => {
    members('a', 'b');
    said();
    report('connected', 2, 'a', 'b');
    report('connected', 1, 'x', 'y');
    report('released', 1, 'a', 'b');
    expect(said()).toEqual([]);
    report('connected', 1, 'a', 'b');
    report('connected', 1, 'a', 'b');
    expect(said()).toEqual(['a live 1', 'b live 1']);
  });

  test('says who the other is, and only to the two', () => {
    expect(referee.peerOf('a', 1)).toBeUndefined();
    members('a', 'b');
    expect(referee.peerOf('a', 1)).toBe('b');
    expect(referee.peerOf('b', 1)).toBe('a');
    expect(referee.peerOf('a', 2)).toBeUndefined();
    expect(referee.peerOf('c', 1)).toBeUndefined();
    expect(referee.infoFor('b')).toEqual({ epoch: 1, peerId: 'a', offerer: false });
    expect(referee.infoFor('c')).toBeUndefined();
  });

  test('closed, it has no timers and says nothing', () => {
    members('a', 'b');
    said();
    referee.close();
    expect(clock.waiting).toBe(0);
    members('a');
    members('a', 'b');
    expect(said()).toEqual([]);
  });
});
