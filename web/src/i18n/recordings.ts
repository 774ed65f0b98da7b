import { format, type Message, type NamesOf } from './format.ts';
import { type Locale, locale } from './index.ts';
import { recordingsDe } from './recordings.de.ts';
import { recordingsEn } from './recordings.en.ts';

export type RecordingsKey = keyof typeof recordingsEn;

const catalogs: Readonly<Record<Locale, Record<RecordingsKey, Message>>> = { en: recordingsEn, de: recordingsDe };

type Args<K extends RecordingsKey> = [NamesOf<(typeof recordingsEn)[K]>] extends [never]
  ? []
  : [params: Readonly<Record<NamesOf<(typeof recordingsEn)[K]>, string | number>>];

/** As `t`, for the pages of recordings, whose texts come with them and not with every page. */
export function tr<K extends RecordingsKey>(key: K, ...args: Args<K>): string {
  return format(catalogs[locale()][key], args[0] ?? {}, locale());
}
