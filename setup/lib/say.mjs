const tty = process.stdout.isTTY === true;

/** One line of progress. */
export function say(text) {
  process.stdout.write(`${text}\n`);
}

export function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

/** Announces a step, runs it, and says how long it took. */
export async function step(name, work) {
  const since = performance.now();
  say(`amphi: ${name} ...`);
  const result = await work();
  say(`amphi: ${name}: done in ${seconds(since)}`);
  return result;
}

/**
 * A percentage that grows in place on a terminal, and is a line for every ten percent elsewhere, so that a log file
 * stays short.
 */
export function percentage(name) {
  const since = performance.now();
  let shown = -1;
  return (done, total) => {
    const percent = Math.floor((done / total) * 100);
    if (tty) {
      process.stdout.write(`\r  ${name} ${percent} % (${seconds(since)})${done === total ? '\n' : ''}`);
      return;
    }
    const tens = Math.floor(percent / 10) * 10;
    if (tens === shown) return;
    shown = tens;
    say(`  ${name} ${tens} % (${seconds(since)})`);
  };
}
