import type { Locator } from '@playwright/test';
import type { Person } from './person.ts';
import type { Room } from './server.ts';

/** A host without camera and microphone, and the panel of the event, which is prepared: for what a program sends. */
export async function openStudio(
  people: { visit(name: string, room: Room): Promise<Person> },
  room: Room,
): Promise<{ hanna: Person; panel: Locator }> {
  const hanna = await people.visit('Hanna', { ...room, path: room.hostPath });
  await hanna.join({ camera: false, microphone: false });
  await hanna.press('Live');
  const panel = hanna.page.getByRole('complementary', { name: 'Live' });
  await panel.getByRole('button', { name: 'Prepare the event' }).click();
  return { hanna, panel };
}

/** Makes a stream key in that panel, whose section of keys stays open; and where it is for, by WHIP. */
export async function newStreamKey(panel: Locator): Promise<{ key: string; url: string }> {
  await panel.getByText('Send with OBS or another program').click();
  await panel.getByRole('button', { name: 'New stream key' }).click();
  const key = await panel.getByRole('textbox', { name: 'Stream key' }).inputValue();
  return { key, url: await panel.getByRole('textbox', { name: 'Address', exact: true }).inputValue() };
}
