import { format, type Message, type NamesOf } from './format.ts';
import { type Locale, locale } from './index.ts';
import { watchDe } from './watch.de.ts';
import { watchEn } from './watch.en.ts';

const catalogs: Readonly<Record<Locale, Record<keyof typeof watchEn, Message>>> = { en: watchEn, de: watchDe };

export type WatchKey = keyof typeof watchEn;

type Args<K extends WatchKey> = [NamesOf<(typeof watchEn)[K]>] extends [never]
  ? []
  : [params: Readonly<Record<NamesOf<(typeof watchEn)[K]>, string | number>>];

/** As `t`, for the watch page, whose texts come with it and not with every page. */
export function tw<K extends WatchKey>(key: K, ...args: Args<K>): string {
  return format(catalogs[locale()][key], args[0] ?? {}, locale());
}
