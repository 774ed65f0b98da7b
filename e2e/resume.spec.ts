import type { AppHandle } from './page/instruments.ts';
import { Cut } from './harness/cut.ts';
import { expect, test } from './harness/fixtures.ts';
import type { Person } from './harness/person.ts';

test.use({ roomOptions: { policy: { direct: false } } });

/** Counts comings and goings as `person` sees them, from now on. */
async function countMembership(person: Person): Promise<() => Promise<{ joined: number; left: number }>> {
  const counts = await person.page.evaluateHandle(() => {
    const { call } = (window as unknown as { amphi: AppHandle }).amphi;
    const seen = { joined: 0, left: 0 };
    let before = new Set(call.members.keys());
    call.on('members', () => {
      const now = new Set(call.members.keys());
      seen.joined += [...now].filter((id) => !before.has(id)).length;
      seen.left += [...before].filter((id) => !now.has(id)).length;
      before = now;
    });
    return seen;
  });
  return () => counts.jsonValue();
}

const presenceOf = (person: Person, name: string) =>
  person.inCall(
    ({ call }, wanted) => [...call.members.values()].find((member) => member.name === wanted)?.presence,
    name,
  );

const WAYS = [
  { how: 'refused', cut: (relay: Cut) => relay.refuse(), seconds: 12, noticedWithin: 5000 },
  { how: 'silent', cut: (relay: Cut) => relay.silence(), seconds: 20, noticedWithin: 15_000 },
];

for (const { how, cut, seconds, noticedWithin } of WAYS) {
  test(`the socket is ${how} for ${seconds} s: media goes on, nobody left, the same session goes on`, async ({
    people,
    room,
    serverForTest,
    measured,
  }) => {
    test.setTimeout(90_000);
    const relay = await Cut.before(serverForTest.origin);
    try {
      const ada = await people.join('Ada', room, { origin: relay.origin });
      const ben = await people.join('Ben', room);
      await Promise.all([ada.seeing('Ben'), ben.seeing('Ada'), ada.hearing('Ben'), ben.hearing('Ada')]);
      const selfId = await ada.inCall(({ call }) => call.selfId, null);
      const membership = await countMembership(ben);
      // Ben is going to mute himself, so only Ada's sound can be measured.
      const views = await Promise.all([ada.watch('Ben'), ben.watch('Ada')]);
      const ear = await ben.listenTo('Ada');
      await ada.page.waitForTimeout(1000);
      await Promise.all([...views, ear].map((meter) => meter.reset()));

      const cutAt = performance.now();
      cut(relay);
      await expect.poll(() => presenceOf(ben, 'Ada'), { timeout: noticedWithin }).toBe('reconnecting');
      measured('others see reconnecting after, ms', Math.round(performance.now() - cutAt));
      await expect(ben.tile('Ada')).toBeVisible();
      // Something that Ada misses and has to learn of afterwards.
      await ben.press('Mute');
      await ada.page.waitForTimeout(Math.max(0, seconds * 1000 - (performance.now() - cutAt)));

      const mendedAt = performance.now();
      relay.mend();
      await expect.poll(() => ada.inCall(({ call }) => call.state, null), { timeout: 15_000 }).toBe('joined');
      measured('resumed after, ms', Math.round(performance.now() - mendedAt));
      await expect.poll(() => presenceOf(ben, 'Ada')).toBe('here');
      await expect
        .poll(() => ada.inCall(({ call }) => [...call.members.values()][0]?.trackOf('microphone')?.muted, null))
        .toBe(true);
      expect(await ada.inCall(({ call }) => call.selfId, null)).toBe(selfId);
      expect(await membership()).toEqual({ joined: 0, left: 0 });

      const freezes = await Promise.all(views.map(async (view) => (await view.read()).longestGapMs));
      const silence = (await ear.read()).longestGapMs;
      measured('longest freeze, ms', Math.max(...freezes));
      measured('longest audio gap, ms', silence);
      for (const gap of [...freezes, silence]) expect(gap).toBeLessThan(1500);
    } finally {
      await relay.close();
    }
  });
}
