import { describe, expect, test } from 'vitest';
import { EventStream } from './event-stream.ts';
import { FakeLink } from './testing/index.ts';

const event = (n: number) => ({ name: 'test.event', data: { n } });
const snapshot = { name: 'session.snapshot', data: {} };

function stream(options: { maxEvents?: number; maxBytes?: number } = {}) {
  return new EventStream({ ...options, onGap: () => snapshot });
}

const seqs = (link: FakeLink) => link.sent.map(({ seq }) => seq);

describe('event stream', () => {
  test('numbers events from one', () => {
    const events = stream();
    const link = new FakeLink();
    events.attach(link, 0);
    events.push(event(1));
    events.push(event(2));
    expect(seqs(link)).toEqual([1, 2]);
  });

  test('gives another connection what was missed, in order and only once', () => {
    const events = stream();
    const first = new FakeLink();
    events.attach(first, 0);
    for (let n = 1; n <= 3; n++) events.push(event(n));
    expect(events.detach(first)).toBe(true);
    for (let n = 4; n <= 5; n++) events.push(event(n));
    const second = new FakeLink();
    events.attach(second, 2);
    events.push(event(6));
    expect(second.sent.map(({ data }) => (data as { n: number }).n)).toEqual([3, 4, 5, 6]);
    expect(seqs(first)).toEqual([1, 2, 3]);
  });

  test('gives a snapshot when too many were missed', () => {
    const events = stream({ maxEvents: 3 });
    for (let n = 1; n <= 10; n++) events.push(event(n));
    const link = new FakeLink();
    events.attach(link, 6);
    events.push(event(11));
    expect(link.sent.map(({ seq, name }) => [seq, name])).toEqual([
      [11, 'session.snapshot'],
      [12, 'test.event'],
    ]);
  });

  test('gives no snapshot when just enough are kept', () => {
    const events = stream({ maxEvents: 3 });
    for (let n = 1; n <= 10; n++) events.push(event(n));
    const link = new FakeLink();
    events.attach(link, 7);
    expect(seqs(link)).toEqual([8, 9, 10]);
  });

  test('gives a snapshot when the kept events are too many bytes', () => {
    const events = stream({ maxBytes: 500 });
    for (let n = 0; n < 10; n++) events.push({ name: 'test.event', data: { text: 'x'.repeat(100) } });
    const link = new FakeLink();
    events.attach(link, 2);
    expect(link.names()).toEqual(['session.snapshot']);
  });

  test('gives a snapshot to who claims events that never were', () => {
    const events = stream();
    events.push(event(1));
    const link = new FakeLink();
    events.attach(link, 50);
    expect(link.sent).toMatchObject([{ seq: 2, name: 'session.snapshot' }]);
  });

  test('sends volatile events with number zero and does not keep them', () => {
    const events = stream();
    events.push({ name: 'room.speakers', data: {} });
    const link = new FakeLink();
    events.attach(link, 0);
    events.push({ name: 'room.speakers', data: {} });
    events.push(event(1));
    expect(seqs(link)).toEqual([0, 1]);
  });

  test('corked, it holds back what comes after, over a change of connection as well', () => {
    const events = stream();
    const first = new FakeLink();
    events.attach(first, 0);
    events.push(event(1));
    events.cork();
    events.push(event(2));
    events.push({ name: 'room.speakers', data: {} });
    expect(seqs(first)).toEqual([1]);
    const second = new FakeLink();
    events.attach(second, 0);
    expect(seqs(second)).toEqual([1]);
    events.uncork();
    expect(seqs(second)).toEqual([1, 2]);
  });

  test('forgets only the connection that it has', () => {
    const events = stream();
    const [first, second] = [new FakeLink(), new FakeLink()];
    events.attach(first, 0);
    events.attach(second, 0);
    expect(events.detach(first)).toBe(false);
    expect(events.link).toBe(second);
  });
});
