import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { missingCoturn } from './support/turn/coturn.ts';

const NAMESPACE = `amphi-${process.pid}-ports`;
const SCRIPT = join(import.meta.dirname, 'support', 'turn', 'port-limit.ts');

/** Why it cannot be run here; undefined when it can. */
function missing(): string | undefined {
  if (missingCoturn) return missingCoturn;
  try {
    execFileSync('ip', ['netns', 'add', NAMESPACE]);
    execFileSync('ip', ['netns', 'exec', NAMESPACE, 'nft', 'list', 'ruleset']);
    return undefined;
  } catch {
    return 'SKIP: the limit of relayed ports is not tested: it takes network namespaces and nftables';
  } finally {
    execFileSync('sh', ['-c', `ip netns del ${NAMESPACE} 2>/dev/null || true`]);
  }
}

const reason = missing();
if (reason) console.warn(reason);

test.skipIf(reason)(
  'with the rules of docs/relay.nft the relay reaches the media port of the SFU and no other',
  async () => {
    execFileSync('ip', ['netns', 'add', NAMESPACE]);
    try {
      const { stdout } = await promisify(execFile)('ip', ['netns', 'exec', NAMESPACE, process.execPath, SCRIPT]);
      // Without them it reaches others: what coturn can do ends at addresses.
      expect(JSON.parse(stdout)).toEqual({ status: 'running', before: [5353, 44_400], after: [44_400] });
    } finally {
      execFileSync('ip', ['netns', 'del', NAMESPACE]);
    }
  },
  60_000,
);
