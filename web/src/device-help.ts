import type { MediaProblem } from '@amphi/client';
import { t } from './i18n/index.ts';

export type BrowserKind = 'chrome' | 'firefox' | 'safari' | 'ios' | 'android' | 'other';

/** Which browser's words for site permissions to use. iPads call themselves Macs, but have a touch screen. */
export function browserKind(userAgent: string, touchPoints: number): BrowserKind {
  if (/iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && touchPoints > 1)) return 'ios';
  if (/Firefox\//.test(userAgent)) return 'firefox';
  if (/Android/.test(userAgent)) return 'android';
  if (/Chrome\/|Chromium\//.test(userAgent)) return 'chrome';
  if (/Safari\//.test(userAgent)) return 'safari';
  return 'other';
}

/** What to do about a device that cannot be used, step by step, for this browser. */
export function helpSteps(problem: MediaProblem): string[] {
  const kind = browserKind(navigator.userAgent, navigator.maxTouchPoints);
  const text = problem === 'denied' ? t(`problem.denied.${kind}`) : t(`problem.${problem}`);
  return text.split('\n');
}
