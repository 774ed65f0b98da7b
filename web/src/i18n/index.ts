import { signal } from '@preact/signals';
import { load, save } from '../storage.ts';
import { en } from './en.ts';
import { format, type Message, type NamesOf, type Params } from './format.ts';

export type MessageKey = keyof typeof en;
export type Catalog = Record<MessageKey, Message>;
export type Locale = 'en' | 'de';

/** The languages there are, by the name that their speakers use. */
export const LOCALES: Readonly<Record<Locale, string>> = { en: 'English', de: 'Deutsch' };

/** English is always there; the others are fetched when they are wanted. */
const loaders: Readonly<Record<Locale, () => Promise<Catalog>>> = {
  en: async () => en,
  de: async () => (await import('./de.ts')).de,
};

const current = signal<{ locale: Locale; catalog: Catalog }>({ locale: 'en', catalog: en });

export function locale(): Locale {
  return current.value.locale;
}

type Args<K extends MessageKey> = [NamesOf<(typeof en)[K]>] extends [never]
  ? []
  : [params: Readonly<Record<NamesOf<(typeof en)[K]>, string | number>>];

/** The text for a key in the language of the page. Components that call it render again when the language changes. */
export function t<K extends MessageKey>(key: K, ...args: Args<K>): string {
  const { locale: language, catalog } = current.value;
  return format(catalog[key], (args[0] ?? {}) as Params, language);
}

/** Switches the language and remembers it. */
export async function setLocale(next: Locale): Promise<void> {
  const catalog = await loaders[next]();
  current.value = { locale: next, catalog };
  document.documentElement.lang = next;
  save('language', next);
}

/** The first of the wanted languages that we have. */
export function pickLocale(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split('-')[0] ?? '';
    if (Object.hasOwn(LOCALES, language)) return language as Locale;
  }
  return 'en';
}

export async function startI18n(): Promise<void> {
  const wanted = pickLocale([load('language', ''), ...navigator.languages]);
  if (wanted !== 'en') {
    // A page in English is better than none when the catalog cannot be fetched.
    await setLocale(wanted).catch(() => undefined);
  }
}

/** As {@link t}, for keys that are known only when the program runs; the placeholders are then the caller's care. */
export function translate(key: MessageKey, params: Params = {}): string {
  return format(current.value.catalog[key], params, current.value.locale);
}
