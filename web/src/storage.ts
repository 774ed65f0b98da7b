/** Reads JSON that this browser keeps for us. Anything unreadable, or no storage at all, is the fallback. */
export function load<T>(key: string, fallback: T): T {
  try {
    const text = localStorage.getItem(`amphi.${key}`);
    return text === null ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback;
  }
}

/** Keeps JSON in this browser, where it can. */
export function save(key: string, value: unknown): void {
  try {
    localStorage.setItem(`amphi.${key}`, JSON.stringify(value));
  } catch {
    // Private windows and full disks refuse; the app works without memory.
  }
}
