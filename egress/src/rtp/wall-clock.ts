import { Unwrapper } from './unwrap.ts';

/** A moment in both clocks: RTP ticks (unwrapped), and milliseconds since the epoch. */
export type ClockPoint = { rtp: number; wall: number };

/** What a sender report says. `shift`: by so many milliseconds all that {@link WallClock.wallOf} said before was wrong. */
export type Reported = ClockPoint & { shift: number };

/** A difference as large as this is no noise of reports or of the network: the clock stood still, in milliseconds. */
const STEP_MS = 250;
/** So long after a clock may have stood still, reports may tell of the time before; two intervals of reports. */
const DOUBT_MS = 10_000;
/** Media is not on its way for longer than this; a report that says so tells of a time before a pause. */
const MAX_LAG_MS = 1000;
/** What comes without having been captured later shows within this time by coming faster than it is heard. */
const BURST_MS = 500;
/** How fast the time follows what reports say, so that neither their noise nor a slow drift makes gaps or overlaps. */
const SLEW = 0.002;
const FAST_SLEW = 0.02;
const FAST_SLEW_FROM_MS = 60;
/** How fast it follows what the first packets behind a pause say together, of which one alone said when they were. */
const SETTLING_SLEW = 0.1;
/** How slowly the lag that is taken for normal grows; it falls at once. */
const LAG_RISE = 0.001;
/** How fast the usual lag follows. */
const USUAL_RATE = 0.002;

/**
 * Says when something with an RTP timestamp was captured, by this machine's clock: by the sender reports, and before the
 * first one by when the first packet arrived. The time never goes back, and follows a drift of the sender's clock.
 *
 * With `stops`, the clock may stand still while nothing is sent. That of browsers' sound does (it counts samples), and what
 * is said in reports for some seconds after it is the time from before, so that only the arrival tells.
 */
export class WallClock {
  readonly #ticksPerMs: number;
  readonly #stops: boolean;
  readonly #timestamps = new Unwrapper(32);
  /** A point of the line from RTP to wall time, and by how much the line is wrong there: made up for bit by bit. */
  #reference: (ClockPoint & { owed: number; slew?: number }) | undefined;
  #last: { rtp: number; arrived: number } | undefined;
  /** How long media is normally on its way here. */
  #lag = 0;
  /** As above, but of packets neither early nor late. */
  #usualLag = 0;
  /** Of so many packets; what is more than some hundreds makes no difference. */
  #heard = 0;
  #isReported = false;
  /** Whether what came before the first report may be put right as a whole. */
  #isWhole = true;
  #doubtUntil = 0;
  #wasPaused = false;
  /** Since when packets come late as if the clock had stood still, and by how much the least late of them. */
  #late: { since: number; least: number } | undefined;
  /** How late packets are since a pause, by what the first of them said. */
  #settling: { since: number; lates: number[] } | undefined;

  constructor(clockRate: number, { stops = false }: { stops?: boolean } = {}) {
    this.#ticksPerMs = clockRate / 1000;
    this.#stops = stops;
  }

  /** Whether a sender report has come. */
  get isReported(): boolean {
    return this.#isReported;
  }

  /** The unwrapped timestamp of a packet that arrived at `now`, in milliseconds since the epoch. */
  packet(timestamp: number, now: number): number {
    const rtp = this.#timestamps.unwrap(timestamp);
    if (this.#reference === undefined) {
      this.#reference = { rtp, wall: now, owed: 0 };
      this.#doubtUntil = now + DOUBT_MS;
    }
    const late = now - this.wallOf(rtp) - this.#lag;
    if (this.#settling) this.#settle(rtp, now, late);
    else if (this.#stops) this.#watch(rtp, now, late);
    if (!this.#settling) this.#learn(rtp, now, late);
    if (rtp >= (this.#last?.rtp ?? rtp)) this.#last = { rtp, arrived: now };
    return rtp;
  }

  /** Nothing is sent, or it is again. */
  paused(): void {
    this.#wasPaused = true;
    this.#settling = undefined;
  }

  /** Takes a sender report; answers undefined before the first packet, and for one that tells of a time before a pause. */
  report(report: { rtpTimestamp: number; capturedAt: number }): Reported | undefined {
    const last = this.#last;
    if (last === undefined) return undefined;
    const point = { rtp: this.#timestamps.peek(report.rtpTimestamp), wall: report.capturedAt };
    const wall = point.wall + (last.rtp - point.rtp) / this.#ticksPerMs;
    const lag = last.arrived - wall;
    // Nothing arrives before it is captured: where it seems so, an earlier report was held up on its way.
    const known = this.#isReported ? Math.max(0, this.#lag) + STEP_MS : MAX_LAG_MS;
    const inDoubt = last.arrived < this.#doubtUntil;
    if (inDoubt && (this.#stops || !this.#isReported) && lag > known) return undefined;
    const owed = wall - this.wallOf(last.rtp);
    // The worker's first reports go by the arrival as well; they get better as it learns of the sender's clock.
    const wasGuess = this.#isWhole && (!this.#isReported || inDoubt);
    this.#isReported = true;
    if (wasGuess || owed >= STEP_MS) {
      this.#reference = { rtp: last.rtp, wall, owed: 0 };
      // Of a guess all lags were wrong; where the clock stood still, they are what they were before.
      this.#lag = Math.min(wasGuess ? this.#lag - owed : this.#lag, lag);
      this.#usualLag -= owed;
      if (!wasGuess) this.#isWhole = false;
      return { ...point, shift: wasGuess ? owed : 0 };
    }
    this.#reference = { rtp: last.rtp, wall: this.wallOf(last.rtp), owed };
    return { ...point, shift: 0 };
  }

  /** Milliseconds since the epoch, of an unwrapped timestamp. */
  wallOf(rtp: number): number {
    const { rtp: known, wall, owed, slew } = this.#reference ?? { rtp, wall: 0, owed: 0 };
    const elapsed = (rtp - known) / this.#ticksPerMs;
    const most = Math.max(0, elapsed) * (slew ?? (Math.abs(owed) >= FAST_SLEW_FROM_MS ? FAST_SLEW : SLEW));
    return wall + elapsed + Math.sign(owed) * Math.min(Math.abs(owed), most);
  }

  /** How late packets are at least, and usually. */
  #learn(rtp: number, now: number, late: number): void {
    if (late < 0) this.#lag += late;
    else if (late < STEP_MS) this.#lag += late * LAG_RISE;
    if (late >= STEP_MS) return;
    // The mean at first, and then one of some seconds.
    const rate = Math.max(USUAL_RATE, 1 / ++this.#heard);
    this.#usualLag += (now - this.wallOf(rtp) - this.#usualLag) * rate;
  }

  /** Notices that the clock stood still: at once where a pause was told of, else when no burst has come after a gap. */
  #watch(rtp: number, now: number, late: number): void {
    const last = this.#last;
    if (last === undefined) return;
    if (this.#wasPaused) {
      this.#wasPaused = false;
      // One packet says how late it is, and not how late the earliest are.
      if (late >= STEP_MS) {
        this.#step(rtp, now, late - this.#excess);
        this.#settling = { since: now, lates: [] };
      }
      return;
    }
    const stood = now - last.arrived - (rtp - last.rtp) / this.#ticksPerMs;
    if (this.#late === undefined && stood >= STEP_MS) this.#late = { since: now, least: late };
    if (this.#late === undefined) return;
    this.#late.least = Math.min(this.#late.least, late);
    const { since, least } = this.#late;
    if (least < STEP_MS) this.#late = undefined;
    else if (now - since >= BURST_MS) this.#step(rtp, now, least);
  }

  /** By how much more than at least packets are usually late. */
  get #excess(): number {
    return Math.max(0, this.#usualLag - this.#lag);
  }

  /** Puts right what the first packet behind a pause said, which may have been held up: most of those behind it were not. */
  #settle(rtp: number, now: number, late: number): void {
    if (!this.#settling) return;
    const { since, lates } = this.#settling;
    lates.push(late);
    if (now - since < BURST_MS) return;
    this.#settling = undefined;
    const ordered = lates.toSorted((one, other) => one - other);
    const [least = 0, middle = 0] = [ordered[0], ordered[ordered.length >> 1]];
    const owed = Math.min(least, middle - this.#excess);
    this.#reference = { rtp, wall: this.wallOf(rtp), owed, slew: SETTLING_SLEW };
  }

  #step(rtp: number, now: number, byMs: number): void {
    this.#reference = { rtp, wall: this.wallOf(rtp) + byMs, owed: 0 };
    this.#isWhole = false;
    this.#doubtUntil = now + DOUBT_MS;
    this.#late = undefined;
  }
}
