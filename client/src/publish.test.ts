import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Manifest = {
  name: string;
  version: string;
  exports: Record<string, unknown>;
  dependencies: Record<string, string>;
};

const read = (path: string) =>
  JSON.parse(readFileSync(new URL(`../../${path}/package.json`, import.meta.url), 'utf8')) as Manifest;

describe.each(['client', 'protocol'])('the published package.json of %s', (folder) => {
  const [inside, published] = [read(folder), read(`${folder}/npm`)];

  it('is of the same package, version and entries', () => {
    expect(published.name).toBe(inside.name);
    expect(published.version).toBe(inside.version);
    expect(Object.keys(published.exports)).toEqual(Object.keys(inside.exports));
  });

  it('needs the same packages', () => {
    const expected = { ...inside.dependencies };
    if ('@amphi/protocol' in expected) expected['@amphi/protocol'] = read('protocol').version;
    expect(published.dependencies).toEqual(expected);
  });
});

it('the README shows the example that the tests run', () => {
  const text = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
  const [, ...shown] = text('examples/first-call.ts').split('\n');
  expect(text('README.md')).toContain(shown.join('\n'));
});
