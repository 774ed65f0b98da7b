import { expect, test } from 'vitest';
import { splitLinks } from './view.tsx';

test('web addresses become links, without the punctuation behind them', () => {
  expect(splitLinks('See https://example.org/a?b=c, or (http://example.org).')).toEqual([
    { text: 'See ', link: false },
    { text: 'https://example.org/a?b=c', link: true },
    { text: ', or (', link: false },
    { text: 'http://example.org', link: true },
    { text: ').', link: false },
  ]);
});

test('nothing but http and https becomes a link', () => {
  for (const text of ['javascript:alert(1)', 'data:text/html,x', 'just words', 'ftp://example.org/']) {
    expect(splitLinks(text)).toEqual([{ text, link: false }]);
  }
});
