import { type BrowserContext, type Locator, type Page, expect } from '@playwright/test';
import type { CallStats, MediaPath, Source } from '@amphi/client';
import type { AppHandle, MeterReading } from '../page/instruments.ts';
import type { Guard } from './guard.ts';
import { Signaling } from './signaling.ts';

export type JoinChoices = { microphone?: boolean; camera?: boolean };

/** The media of one tile; the camera where nothing is said. */
export type Picture = { source?: Source };

/** Somebody with a browser window of their own. Does what people do through the interface, and sees what they see. */
export class Person {
  readonly name: string;
  readonly page: Page;
  readonly context: BrowserContext;
  readonly signaling: Signaling;
  /** Errors that nobody caught in the page. */
  readonly errors: string[] = [];
  readonly log: string[] = [];
  readonly #guard: Guard;

  constructor(name: string, context: BrowserContext, page: Page, guard: Guard) {
    this.name = name;
    this.context = context;
    this.page = page;
    this.#guard = guard;
    this.signaling = new Signaling(page);
    page.on('pageerror', (error) => this.errors.push(error.stack ?? error.message));
    page.on('console', (message) => this.log.push(`${message.type()}: ${message.text()}`));
  }

  // What the person does.

  async goTo(url: string): Promise<void> {
    await this.page.goto(url);
    await expect(this.joinButton).toBeVisible();
  }

  /** From the prejoin page into the call. */
  async join(choices: JoinChoices = {}): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Your name' }).fill(this.name);
    if (choices.microphone === false) await this.page.getByRole('button', { name: 'Turn off microphone' }).click();
    if (choices.camera === false) await this.page.getByRole('button', { name: 'Turn off camera' }).click();
    await this.joinButton.click();
    await expect(this.toolbar).toBeVisible();
  }

  async press(name: string): Promise<void> {
    await this.toolbar.getByRole('button', { name, exact: true }).click();
  }

  async chooseFromMenu(name: string): Promise<void> {
    await this.press('More');
    // From its beginning: a number may follow, and other names may hold this one.
    await this.page.getByRole('menuitem', { name: new RegExp(`^${name}`) }).click();
  }

  /** Chooses the last device of a list that is not the present one; answers what was chosen before. */
  async switchDevice(list: Locator): Promise<string> {
    const options = list.getByRole('option');
    await expect.poll(() => options.count()).toBeGreaterThanOrEqual(2);
    const before = await list.inputValue();
    const values = await options.evaluateAll((all) => all.map((option) => (option as HTMLOptionElement).value));
    await list.selectOption(values.findLast((value) => value !== before) ?? '');
    return before;
  }

  async leave(): Promise<void> {
    await this.press('Leave');
    await expect(this.toolbar).toBeHidden();
  }

  // What the person sees.

  get joinButton(): Locator {
    return this.page.getByRole('button', { name: 'Join now' });
  }

  get toolbar(): Locator {
    return this.page.getByRole('toolbar', { name: 'Call controls' });
  }

  get networkCheck(): Locator {
    return this.page.getByTestId('network-check');
  }

  get tiles(): Locator {
    return this.page.getByTestId('tile');
  }

  tile(name: string, { source = 'camera' }: Picture = {}): Locator {
    return this.page.locator(`[data-testid=tile][data-name="${name}"][data-source="${source}"]`);
  }

  /** The video of a tile that is on show; a change of path puts a second one there for a moment. */
  video(name: string, picture: Picture = {}): Locator {
    return this.tile(name, picture).locator('video[data-active]');
  }

  async expectPath(name: string, path: MediaPath, timeout = 15_000): Promise<void> {
    await expect(this.tile(name)).toHaveAttribute('data-path', path, { timeout });
  }

  /**
   * Waits until frames of that tile are decoded and show something, and answers what they look like. `plain`: they may be
   * of one colour, as those of Chromium's second fake camera are.
   */
  async seeing(
    name: string,
    { timeout = 15_000, plain = false, ...picture }: Picture & { timeout?: number; plain?: boolean } = {},
  ): Promise<{ width: number; height: number }> {
    const video = this.video(name, picture);
    await expect(video, `${this.name} has a picture of ${name}`).toBeVisible({ timeout });
    await this.tile(name, picture).evaluate((tile, ms) => window.amphiTest.frames(tile, 3, ms), timeout);
    const look = () => video.evaluate((element) => window.amphiTest.look(element as HTMLVideoElement));
    if (plain) return look();
    // The element may be emptied by a change of path just when it is looked at.
    await expect
      .poll(async () => (await look()).spread, { timeout, message: `${name}'s picture is not just one colour` })
      .toBeGreaterThan(20);
    return look();
  }

  /** Waits until sound of that person comes out of a playing element of the page. */
  async hearing(name: string, timeout = 15_000): Promise<void> {
    const meter = await this.listenTo(name);
    await expect
      .poll(async () => (await meter.read()).count, { timeout, message: `${name} is heard` })
      .toBeGreaterThan(10);
    await meter.stop();
    const id = await this.memberId(name);
    const isPlayed = () => this.#inCall(isAudible, id);
    await expect.poll(isPlayed, { timeout, message: `${name}'s microphone is played` }).toBe(true);
  }

  async memberId(name: string): Promise<string> {
    let id: string | undefined;
    const look = async (): Promise<boolean> => {
      id = await this.#inCall(
        (amphi, wanted) => [...amphi.call.members.values()].find((member) => member.name === wanted)?.id,
        name,
      );
      return id !== undefined;
    };
    // The toolbar is there before the answer to the join is.
    await expect.poll(look, { timeout: 15_000, message: `${this.name} knows somebody called ${name}` }).toBe(true);
    return String(id);
  }

  // What instruments see.

  /** Measures the gaps between the frames shown of somebody, from now on. */
  async watch(name: string, { source = 'camera' }: Picture = {}): Promise<PageMeter> {
    const id = await this.memberId(name);
    const key = `video ${id} ${source} ${Math.random()}`;
    await this.page.evaluate(
      ([meter, member, what]) => window.amphiTest.meters.set(meter, window.amphiTest.watchVideo(member, what)),
      [key, id, source] as const,
    );
    return new PageMeter(this.page, key);
  }

  /** Measures the gaps in the sound received from somebody, from now on. */
  async listenTo(name: string): Promise<PageMeter> {
    const id = await this.memberId(name);
    const key = `audio ${id} ${Math.random()}`;
    await this.page.evaluate(
      ([meter, member]) => window.amphiTest.meters.set(meter, window.amphiTest.watchAudio(member)),
      [key, id] as const,
    );
    return new PageMeter(this.page, key);
  }

  stats(): Promise<CallStats> {
    return this.#inCall((amphi) => amphi.call.stats(), undefined);
  }

  /** Fails when the page asked third parties for anything or left an error uncaught. */
  async close(): Promise<void> {
    if (!this.page.isClosed()) {
      this.#guard.checkIce(await this.page.evaluate(() => window.amphiTest.iceUrls).catch(() => []));
    }
    await this.context.close();
  }

  /** Runs a function with the app's handle in the page. */
  inCall<A, R>(work: (amphi: AppHandle, argument: A) => R | Promise<R>, argument: A): Promise<R> {
    return this.#inCall(work, argument);
  }

  async #inCall<A, R>(work: (amphi: AppHandle, argument: A) => R | Promise<R>, argument: A): Promise<R> {
    const handle = await this.page.evaluateHandle(() => (window as unknown as { amphi: AppHandle }).amphi);
    try {
      return (await handle.evaluate(work as never, argument as never)) as R;
    } finally {
      await handle.dispose();
    }
  }
}

/** A meter that runs in a page. */
export class PageMeter {
  readonly #page: Page;
  readonly #key: string;

  constructor(page: Page, key: string) {
    this.#page = page;
    this.#key = key;
  }

  async read(): Promise<MeterReading> {
    const reading = await this.#page.evaluate((key) => window.amphiTest.meters.get(key)?.read(), this.#key);
    if (!reading) throw new Error('The meter went with its page: it was loaded anew.');
    return reading;
  }

  async stop(): Promise<void> {
    await this.#page.evaluate((key) => {
      window.amphiTest.meters.get(key)?.stop();
      window.amphiTest.meters.delete(key);
    }, this.#key);
  }

  reset(): Promise<void> {
    return this.#page.evaluate((key) => window.amphiTest.meters.get(key)?.reset(), this.#key);
  }
}

/** In the page: whether this member's microphone comes out of the loudspeaker. */
function isAudible({ call }: AppHandle, memberId: string): boolean {
  const track = call.members.get(memberId)?.trackOf('microphone')?.mediaTrack;
  return [...document.querySelectorAll<HTMLMediaElement>('audio, video')].some(
    ({ paused, muted, volume, srcObject }) =>
      !paused && !muted && volume > 0 && srcObject instanceof MediaStream && srcObject.getTrackById(track?.id ?? ''),
  );
}
