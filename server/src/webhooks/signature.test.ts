import { webhookSecret } from '@amphi/protocol/api';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { newWebhookSecret, signedHeaders } from './signature.ts';

const now = () => Math.floor(Date.now() / 1000);

test('an independent implementation of Standard Webhooks accepts the signature, and nothing that was changed', () => {
  const secret = newWebhookSecret();
  expect(webhookSecret.safeParse(secret).success).toBe(true);
  const body = JSON.stringify({ type: 'room.opened', data: { room: 'läb' } });
  const headers = signedHeaders(secret, 'msg_1', now(), body);
  const receiver = new Webhook(secret);
  expect(receiver.verify(body, headers)).toEqual(JSON.parse(body));
  expect(() => receiver.verify(`${body} `, headers)).toThrow('No matching signature');
  expect(() => receiver.verify(body, { ...headers, 'webhook-id': 'msg_2' })).toThrow('No matching signature');
  expect(() => new Webhook(newWebhookSecret()).verify(body, headers)).toThrow('No matching signature');
  expect(() => receiver.verify(body, signedHeaders(secret, 'msg_1', now() - 600, body))).toThrow('too old');
});

test.each(['', 'whsec_', 'whsec_c2hvcnQ=', `whsec_${'A'.repeat(44)}`, 'secret', `whsec_${'ab+/'.repeat(23)}`])(
  '%j is no secret',
  (secret) => {
    expect(webhookSecret.safeParse(secret).success).toBe(false);
  },
);
