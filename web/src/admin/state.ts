import type { AdminStatus } from '@amphi/protocol';
import { signal } from '@preact/signals';
import { AdminError, readStatus, signIn as ask, signOut as leave } from './api.ts';

const EVERY_MS = 2000;
/** Two minutes. */
const HISTORY = 60;

export type SignInProblem = 'wrong' | 'slow' | 'unreachable';

/** Whether we are let in; `checking` until the first answer. */
export const phase = signal<'checking' | 'out' | 'in'>('checking');
export const problem = signal<SignInProblem | undefined>(undefined);
export const status = signal<AdminStatus | undefined>(undefined);
/** When the figures that are shown came, if the last attempt to get others failed. */
export const staleSince = signal<Date | undefined>(undefined);
/** Bits per second in and out, the latest last. */
export const history = signal<readonly { received: number; sent: number }[]>([]);

let lastAnswer = new Date();

/** Asks for new figures every two seconds while the page is seen. Answers what stops it. */
export function watchStatus(): () => void {
  const tick = () => {
    if (document.visibilityState === 'visible' && phase.value !== 'out') void refresh();
  };
  tick();
  const timer = setInterval(tick, EVERY_MS);
  document.addEventListener('visibilitychange', tick);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', tick);
  };
}

export async function refresh(): Promise<void> {
  try {
    const next = await readStatus();
    lastAnswer = new Date();
    staleSince.value = undefined;
    status.value = next;
    history.value = [...history.value, next.totals].slice(-HISTORY);
    phase.value = 'in';
  } catch (error) {
    if (error instanceof AdminError && error.code === 'unauthorized') goOut();
    else if (status.value !== undefined) staleSince.value = lastAnswer;
    else if (phase.value === 'checking') goOut('unreachable');
  }
}

export async function signIn(secret: string): Promise<void> {
  problem.value = undefined;
  try {
    await ask(secret);
  } catch (error) {
    const code = error instanceof AdminError ? error.code : 'unreachable';
    problem.value = code === 'rate-limited' ? 'slow' : code === 'unauthorized' ? 'wrong' : 'unreachable';
    return;
  }
  await refresh();
}

export async function signOut(): Promise<void> {
  await leave().catch(() => undefined);
  goOut();
}

function goOut(why?: SignInProblem): void {
  phase.value = 'out';
  problem.value = why;
  status.value = undefined;
  staleSince.value = undefined;
  history.value = [];
}
