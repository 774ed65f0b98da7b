import { type Clock, type Logger, systemClock } from '@amphi/rooms';
import { messageOf } from '../fatal.ts';
import { type Outbound, TargetRefused } from '../net/outbound.ts';
import type { DeliveryRecord, WebhookRecord, WebhookTables } from '../store/webhooks.ts';
import { type Retry, RETRY, waitMs } from './retry.ts';
import { signedHeaders } from './signature.ts';

export type DelivererOptions = {
  tables: WebhookTables;
  outbound: Outbound;
  logger: Logger;
  clock?: Clock;
  retry?: Retry;
};

/** Posts what waits in the queue, which is on disk, so that neither a crash nor a restart loses a message. */
export interface Deliverer {
  /** Something may be due. */
  wake(): void;
  /** Ends what is under way, which is tried again after the next start. */
  close(): Promise<void>;
}

const TIMEOUT_MS = 10_000;
/** Webhooks that are posted to at once; one message at a time to each, so that order is kept while all is well. */
const AT_ONCE = 8;
/** The receiver says that there is nothing any more (Standard Webhooks). */
const GONE = 410;
/** A timer cannot wait longer. */
const LONGEST_WAIT_MS = 60 * 60 * 1000;

export function createDeliverer({ tables, outbound, logger, ...options }: DelivererOptions): Deliverer {
  const clock = options.clock ?? systemClock;
  const retry = options.retry ?? RETRY;
  const busy = new Map<string, Promise<void>>();
  let cancel = () => {};
  const closing = new AbortController();

  function wake(): void {
    if (closing.signal.aborted) return;
    cancel();
    const now = clock.now();
    for (const webhook of tables.list()) {
      if (busy.size >= AT_ONCE) return;
      if (!webhook.enabled || busy.has(webhook.id)) continue;
      const delivery = tables.due(webhook.id, now);
      if (delivery) begin(webhook, delivery);
    }
    const next = tables.nextDue();
    // What is due now waits for its webhook's turn, after which all is looked at again.
    if (next !== undefined && next > now) cancel = clock.after(Math.min(next - now, LONGEST_WAIT_MS), wake);
  }

  function begin(webhook: WebhookRecord, delivery: DeliveryRecord): void {
    const work = attempt(webhook, delivery)
      .catch((error: unknown) => logger.error({ err: error, webhookId: webhook.id }, 'a webhook failed'))
      .then(() => {
        busy.delete(webhook.id);
        wake();
      });
    busy.set(webhook.id, work);
  }

  async function attempt(webhook: WebhookRecord, delivery: DeliveryRecord): Promise<void> {
    const { number, id, body } = delivery;
    let status: number | null = null;
    let error: string;
    try {
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'Amphi',
        ...signedHeaders(webhook.secret, id, Math.floor(clock.now() / 1000), body),
      };
      ({ status } = await outbound.post(webhook.url, { headers, body, timeoutMs: TIMEOUT_MS, signal: closing.signal }));
      if (status >= 200 && status < 300) {
        tables.delivered(number, status);
        if (webhook.failingSince !== null) tables.setFailingSince(webhook.id, null);
        return;
      }
      error = status >= 300 && status < 400 ? 'redirects are not followed' : `it answered ${status}`;
    } catch (thrown) {
      // The message is still in the queue, and goes out after the next start.
      if (closing.signal.aborted) return;
      error = thrown instanceof TargetRefused ? thrown.message : reasonOf(thrown);
    }
    const now = clock.now();
    const failingSince = webhook.failingSince ?? now;
    const attempts = delivery.attempts + 1;
    const nextAt = now + waitMs(retry, attempts);
    const isFinal = nextAt - delivery.createdAt > retry.giveUpMs;
    tables.missed(number, { nextAt: isFinal ? null : nextAt, status, error });
    logger.info({ webhookId: webhook.id, attempts, status }, 'a webhook was not delivered');
    if (webhook.failingSince === null) tables.setFailingSince(webhook.id, now);
    if (status === GONE || now - failingSince > retry.giveUpMs) disable(webhook, error);
  }

  function disable({ id }: WebhookRecord, error: string): void {
    const webhook = tables.get(id);
    if (!webhook) return;
    tables.update({ ...webhook, enabled: false });
    tables.abandon(id, error);
    logger.warn({ webhookId: id }, 'a webhook was disabled, since nothing arrives there');
  }

  return {
    wake,
    async close() {
      closing.abort();
      cancel();
      await Promise.all(busy.values());
    },
  };
}

function reasonOf(error: unknown): string {
  const { code, name } = error as NodeJS.ErrnoException;
  if (name === 'TimeoutError' || name === 'AbortError') return 'it did not answer in time';
  return code ?? messageOf(error);
}
