import { locale } from '../index.ts';
import { format, type Params } from '../format.ts';
import { de } from './de.ts';
import { en } from './en.ts';

export type DiagKey = keyof typeof en;

const catalogs = { en, de };

/** A text of the connection check, in the language of the page. */
export function d(key: DiagKey, params: Params = {}): string {
  return format(catalogs[locale()][key], params, locale());
}
