import { adminDe } from './admin.de.ts';
import { adminEn } from './admin.en.ts';
import { format, type Message, type NamesOf } from './format.ts';
import { type Locale, locale } from './index.ts';

const catalogs: Readonly<Record<Locale, Record<keyof typeof adminEn, Message>>> = { en: adminEn, de: adminDe };

export type AdminKey = keyof typeof adminEn;

type Args<K extends AdminKey> = [NamesOf<(typeof adminEn)[K]>] extends [never]
  ? []
  : [params: Readonly<Record<NamesOf<(typeof adminEn)[K]>, string | number>>];

/** As `t`, for the admin page, whose texts come with it and not with every page. */
export function ta<K extends AdminKey>(key: K, ...args: Args<K>): string {
  return format(catalogs[locale()][key], args[0] ?? {}, locale());
}
