import { call, startRooms } from '@amphi/rooms/testing';
import { expect, test } from 'vitest';
import { chat } from './server.ts';

async function twoPeople() {
  const rooms = startRooms({ features: [chat] });
  const join = async (name: string) => {
    const connected = await rooms.connect('lab');
    await call(connected.session, 'join', { name, rtpCapabilities: {}, direct: false });
    return connected;
  };
  return { rooms, ada: await join('Ada'), bob: await join('Bob') };
}

test('a message reaches everybody, the writer too', async () => {
  const { ada, bob, rooms } = await twoPeople();
  const answer = await call(ada.session, 'chat.send', { text: '  hello ' });
  const message = { memberId: ada.session.id, name: 'Ada', text: 'hello', at: rooms.clock.now() };
  expect(answer).toMatchObject({ ok: true, data: { message } });
  for (const { link } of [ada, bob]) {
    expect(link.sent.at(-1)).toMatchObject({ name: 'chat.message', data: { message } });
  }
});

test('the name is that of the time of writing', async () => {
  const { ada, bob } = await twoPeople();
  await call(ada.session, 'chat.send', { text: 'one' });
  await call(ada.session, 'self.update', { name: 'Countess' });
  await call(ada.session, 'chat.send', { text: 'two' });
  const history = await call(bob.session, 'chat.history');
  expect(history).toMatchObject({
    data: {
      messages: [
        { name: 'Ada', text: 'one' },
        { name: 'Countess', text: 'two' },
      ],
    },
  });
});

test('a repeated request is not written twice', async () => {
  const { ada, bob } = await twoPeople();
  const first = await call(ada.session, 'chat.send', { text: 'once' }, 'same');
  expect(await call(ada.session, 'chat.send', { text: 'once' }, 'same')).toEqual(first);
  const history = await call(bob.session, 'chat.history');
  expect(history).toMatchObject({ data: { messages: [{ text: 'once' }] } });
});

test('the last 200 messages are kept, oldest first', async () => {
  const { ada, bob, rooms } = await twoPeople();
  for (let n = 0; n < 203; n++) {
    rooms.clock.advance(1000);
    await call(ada.session, 'chat.send', { text: `${n}` });
  }
  const history = await call(bob.session, 'chat.history');
  const { messages } = (history as { data: { messages: { text: string }[] } }).data;
  expect([messages.length, messages[0]?.text, messages.at(-1)?.text]).toEqual([200, '3', '202']);
});

test('visitors may neither write nor read', async () => {
  const { rooms } = await twoPeople();
  const { session } = await rooms.connect('lab');
  expect(await call(session, 'chat.send', { text: 'hi' })).toMatchObject({ error: { code: 'wrong-state' } });
  expect(await call(session, 'chat.history')).toMatchObject({ error: { code: 'wrong-state' } });
});

test('empty and overlong messages are refused', async () => {
  const { ada } = await twoPeople();
  expect(await call(ada.session, 'chat.send', { text: '   ' })).toMatchObject({ error: { code: 'bad-request' } });
  expect(await call(ada.session, 'chat.send', { text: 'x'.repeat(2001) })).toMatchObject({
    error: { code: 'bad-request' },
  });
});
