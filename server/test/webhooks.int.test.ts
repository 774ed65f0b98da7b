import { rmSync } from 'node:fs';
import { webhookEvents, type WebhookEventName } from '@amphi/protocol/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newWebhookSecret } from '../src/webhooks/signature.ts';
import { Api } from './support/api.ts';
import { Cast } from './support/cast.ts';
import { Receiver } from './support/receiver.ts';
import { startTestServer, type TestServer } from './support/server.ts';

const allowed = { webhooks: { allowed: ['127.0.0.1'] } };
const PATIENCE = { timeout: 15_000 };

describe('webhooks', () => {
  let receiver: Receiver;
  let port: number;
  let server: TestServer | undefined;

  beforeEach(async () => {
    receiver = new Receiver();
    port = await receiver.listen();
  });
  afterEach(async () => {
    receiver.close();
    await server?.close();
    server = undefined;
  });

  /** A call from its first member to its last. */
  async function meet(on: TestServer): Promise<string> {
    const room = await on.createRoom();
    const cast = new Cast(on);
    const ada = await cast.join(room, { name: 'Ada' });
    await cast.join(room, { name: 'Bob' });
    await new Api(on).do('delete', `/rooms/${room}/members/${ada.id}`);
    cast.leave();
    return room;
  }

  const types = () => receiver.messages.map(({ type }) => type);
  const WHOLE = ['room.opened', 'member.joined', 'member.joined', 'member.left', 'member.left', 'room.closed'];

  test('tell of a whole call, signed, in the form that is declared', async () => {
    server = await startTestServer(allowed);
    const api = new Api(server);
    const url = `http://127.0.0.1:${port}/hook`;
    const { id, secret } = await api.do<{ id: string; secret: string }>('post', '/webhooks', { url });
    receiver.secret = secret;
    const room = await meet(server);
    await expect.poll(types, PATIENCE).toEqual(WHOLE);
    for (const { type, data } of receiver.messages) {
      expect(webhookEvents[type as WebhookEventName].strict().parse(data)).toEqual(data);
      expect(data.room).toBe(room);
    }
    expect(receiver.messages[1]?.data).toMatchObject({
      member: { name: 'Ada', identity: expect.stringMatching(/^guest:/) },
    });
    expect(receiver.messages[3]?.data).toMatchObject({ member: { name: 'Ada' }, reason: 'removed' });
    expect(new Set(receiver.ids).size).toBe(WHOLE.length);
    expect(receiver.refused).toEqual([]);
    await api.do('post', `/webhooks/${id}/test`);
    await expect.poll(types, PATIENCE).toEqual([...WHOLE, 'webhook.test']);
    const { deliveries } = await api.do<{ deliveries: object[] }>('get', `/webhooks/${id}/deliveries`);
    expect(deliveries).toHaveLength(7);
    expect(deliveries[0]).toMatchObject({ event: 'webhook.test', state: 'delivered', status: 204, attempts: 1 });
  });

  test('that could not be delivered are after a restart, when the receiver is back', async () => {
    const secret = newWebhookSecret();
    receiver.secret = secret;
    receiver.status = 503;
    const events: WebhookEventName[] = ['room.opened', 'member.joined'];
    const webhooks = { ...allowed.webhooks, endpoints: [{ url: `http://127.0.0.1:${port}/`, secret, events }] };
    const first = await startTestServer({ webhooks });
    await meet(first);
    const [hook] = (await new Api(first).do<{ webhooks: { id: string }[] }>('get', '/webhooks')).webhooks;
    const states = async (on: TestServer) => {
      const path = `/webhooks/${hook?.id}/deliveries`;
      return (await new Api(on).do<{ deliveries: { state: string; status: number }[] }>('get', path)).deliveries;
    };
    await expect.poll(() => states(first), PATIENCE).toMatchObject([{ status: 503 }, { status: 503 }, { status: 503 }]);
    await first.stop();
    receiver.status = 200;
    server = await startTestServer({ webhooks, dataDir: first.dataDir });
    await expect.poll(types, PATIENCE).toHaveLength(3);
    expect(types().toSorted()).toEqual(['member.joined', 'member.joined', 'room.opened']);
    await expect
      .poll(() => states(server as TestServer), PATIENCE)
      .toMatchObject([...[{ state: 'delivered' }, { state: 'delivered' }, { state: 'delivered' }]]);
    rmSync(first.dataDir, { recursive: true, force: true });
  });

  test('reach no internal address where the operator has not allowed it', async () => {
    server = await startTestServer();
    const api = new Api(server);
    for (const url of [
      `http://127.0.0.1:${port}/`,
      `https://localhost:${port}/`,
      `https://[::ffff:127.0.0.1]:${port}/`,
    ]) {
      const reply = await api.ask('post', '/webhooks', { url });
      expect([reply.status, reply.body]).toMatchObject([
        400,
        { error: { path: 'url', message: expect.stringMatching(/internal address/) } },
      ]);
    }
  });

  test('of the configuration are checked when they are posted to, not only when they are made', async () => {
    const secret = newWebhookSecret();
    receiver.secret = secret;
    const endpoints = [{ url: `http://127.0.0.1:${port}/`, secret }];
    server = await startTestServer({ webhooks: { endpoints } });
    const api = new Api(server);
    const [hook] = (await api.do<{ webhooks: { id: string }[] }>('get', '/webhooks')).webhooks;
    await api.do('post', `/webhooks/${hook?.id}/test`);
    const last = async () =>
      (await api.do<{ deliveries: object[] }>('get', `/webhooks/${hook?.id}/deliveries`)).deliveries[0];
    await expect
      .poll(last, PATIENCE)
      .toMatchObject({ attempts: 1, error: expect.stringContaining('internal address') });
    expect([receiver.messages, receiver.refused]).toEqual([[], []]);
  });
});
