/** A text with `{placeholders}`, or one per plural category of `{count}`. */
export type Message = string | { readonly one: string; readonly other: string };
export type Params = Readonly<Record<string, string | number>>;

/** The names of the placeholders in a text, as a type. */
export type NamesIn<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;
export type NamesOf<M> = M extends { other: infer O } ? NamesIn<O> : NamesIn<M>;

/** Fills in a message; numbers are written, and plurals chosen, as the language does. */
export function format(message: Message, params: Params, locale: string): string {
  const text = typeof message === 'string' ? message : pluralOf(message, Number(params['count']), locale);
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? new Intl.NumberFormat(locale).format(value) : value;
  });
}

function pluralOf(message: { one: string; other: string }, count: number, locale: string): string {
  return new Intl.PluralRules(locale).select(count) === 'one' ? message.one : message.other;
}

/** The names of the placeholders in a text, sorted. */
export function placeholders(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').toSorted();
}
