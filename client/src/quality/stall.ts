import { ofType, type Report, selectedPair } from '../stats/report.ts';

/** Chromium checks an idle pair every 2.5 s, so that after this long without an answer there is none to come. */
const IDLE_MS = 4000;
/** Who sends media hears of it many times a second (RTCP); connecting anew for nothing would do no harm. */
const SENDING_MS = 900;

type Heard = { received: number; at: number; sent: number };

/**
 * Notices that a connection went silent: seconds before the browser says `disconnected`, and where it announces no
 * change of the network at all. Each connection has a key of its own.
 */
export class StallWatch {
  #heard = new Map<string, Heard>();

  /** Takes a report made at `now`, in milliseconds of any clock. Answers whether the connection just went silent. */
  add(key: string, report: Report, now: number): boolean {
    const pair = selectedPair(report)?.pair;
    if (!pair) return false;
    const received = (pair.bytesReceived ?? 0) + (pair.responsesReceived ?? 0);
    const sent = ofType(report, 'outbound-rtp').reduce((sum, stat) => sum + (stat.packetsSent ?? 0), 0);
    const last = this.#heard.get(key);
    if (!last || received !== last.received) {
      this.#heard.set(key, { received, at: now, sent });
      return false;
    }
    const sending = sent > last.sent;
    const silent = now - last.at >= (sending ? SENDING_MS : IDLE_MS);
    // Said once, and again after as long without a change for the better.
    this.#heard.set(key, { ...last, sent, at: silent ? now : last.at });
    return silent;
  }

  /** Forgets what was heard, for connections that were not looked at for a while. */
  clear(): void {
    this.#heard.clear();
  }
}
