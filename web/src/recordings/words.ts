import type { ApiRecording } from '@amphi/protocol/api';
import { locale } from '../i18n/index.ts';
import { tr } from '../i18n/recordings.ts';
import { RequestError } from './api.ts';

/** A length as a clock shows it: 0:07, 1:02:03. */
export function clock(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

export function dateTime(at: number): string {
  return new Date(at).toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'short' });
}

export function day(at: number): string {
  return new Date(at).toLocaleDateString(locale(), { dateStyle: 'medium' });
}

export function size(bytes: number): string {
  const digits = bytes < 1e7 ? 1 : 0;
  return `${(bytes / 1e6).toLocaleString(locale(), { maximumFractionDigits: digits })} MB`;
}

type Chapter = ApiRecording['chapters'][number];

export function chapterTitle({ kind, name }: Chapter): string {
  return kind === 'start' ? tr('chapter.start') : tr(`chapter.${kind}`, { name });
}

const SOURCES = ['camera', 'microphone', 'screen', 'screen-audio'] as const;

/** A track's label, `name · source`, in the language of the page. */
export function trackLabel(label: string): string {
  const at = label.lastIndexOf(' · ');
  const source = SOURCES.find((known) => known === label.slice(at + 3));
  return source === undefined ? label : `${label.slice(0, at)} · ${tr(`source.${source}`)}`;
}

/** A film's label, `grid 720p`, in the language of the page. */
export function filmLabel(label: string): string {
  const [layout = '', lines] = label.split(' ');
  const known = (['grid', 'speaker', 'screen', 'audio'] as const).find((name) => name === layout);
  if (known === undefined) return label;
  return lines === undefined ? tr(`layout.${known}`) : `${tr(`layout.${known}`)}, ${lines}`;
}

/** How far a film is that is on its way. */
export function jobText({ state, progress }: ApiRecording['jobs'][number]): string {
  if (state === 'waiting' || state === 'storage') return tr(`film.${state}`);
  return tr('film.running', { percent: Math.round(progress * 100) });
}

export function problemText(error: unknown): string {
  const reason = error instanceof RequestError && error.message !== '' ? error.message : tr('unreachable');
  return tr('failed', { reason });
}

/** Whether a recording is to be in a storage, and is not there yet. */
export function isOnTheWay(storage: ApiRecording['storage']): storage is 'moving' | 'waiting' {
  return storage === 'moving' || storage === 'waiting';
}
