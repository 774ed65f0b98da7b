const KEY = 'amphi.devices';

/** What is remembered from visit to visit. */
export type Remembered = { camera?: string; microphone?: string; speaker?: string };

/** Reads what was remembered; nothing where there is no storage, or where it is refused. */
export function recall(): Remembered {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof value !== 'object' || value === null) return {};
    const known = Object.entries(value).filter(([, id]) => typeof id === 'string');
    return Object.fromEntries(known) as Remembered;
  } catch {
    return {};
  }
}

export function remember(change: Remembered): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...recall(), ...change }));
  } catch {
    // Private windows and full disks refuse; the choice then lasts as long as the page.
  }
}
