import { deLive } from './de-live.ts';
import { enLive } from './en-live.ts';
import { format, type Message, type Params } from './format.ts';
import { type Locale, locale, type MessageKey, translate } from './index.ts';

const catalogs: Readonly<Record<Locale, Record<keyof typeof enLive, Message>>> = { en: enLive, de: deLive };

/** As `translate`, with the texts of live events and recordings, which come with the features' views and not before. */
export function featureText(key: MessageKey | keyof typeof enLive, params: Params = {}): string {
  const own: Partial<Record<string, Message>> = catalogs[locale()];
  const message = own[key];
  return message === undefined ? translate(key as MessageKey, params) : format(message, params, locale());
}
