/** Waits until something is so, by letting promises and callbacks run; throws after a second. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 1000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`this did not come about: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
