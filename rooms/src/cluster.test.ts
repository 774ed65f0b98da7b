import { expect, test } from 'vitest';
import { createMemoryCluster } from './cluster.ts';

test('a room has one owner until it is given up', async () => {
  const a = createMemoryCluster();
  const b = a.peer();
  expect(await a.claimRoom('lab')).toBe(a.nodeId);
  expect(await b.claimRoom('lab')).toBe(a.nodeId);
  await b.releaseRoom('lab');
  expect(await b.claimRoom('lab')).toBe(a.nodeId);
  await a.releaseRoom('lab');
  expect(await b.claimRoom('lab')).toBe(b.nodeId);
});

test('every node can find a session', async () => {
  const a = createMemoryCluster();
  const b = a.peer();
  await a.claimSession('hash');
  expect(await b.nodeOfSession('hash')).toBe(a.nodeId);
  await b.releaseSession('hash');
  expect(await b.nodeOfSession('hash')).toBe(a.nodeId);
  await a.releaseSession('hash');
  expect(await b.nodeOfSession('hash')).toBeUndefined();
});

test('messages reach all who listen to the topic, until they do no more', async () => {
  const a = createMemoryCluster();
  const b = a.peer();
  const heard: string[] = [];
  a.subscribe('room.changed', ({ roomId }) => heard.push(`a ${roomId}`));
  const unsubscribe = b.subscribe('room.changed', ({ roomId }) => heard.push(`b ${roomId}`));
  b.subscribe('session.replaced', () => heard.push('wrong'));
  await a.publish('room.changed', { roomId: 'lab' });
  unsubscribe();
  await a.publish('room.changed', { roomId: 'hall' });
  expect(heard).toEqual(['a lab', 'b lab', 'a hall']);
});

test('a node that closes gives up what it has', async () => {
  const a = createMemoryCluster();
  const b = a.peer();
  await a.claimRoom('lab');
  await a.claimSession('hash');
  await a.close();
  expect(await b.claimRoom('lab')).toBe(b.nodeId);
  expect(await b.nodeOfSession('hash')).toBeUndefined();
});
