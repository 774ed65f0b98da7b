import { type Endpoint, endpoints } from '@amphi/protocol/api';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { openApi } from './openapi.ts';

test('the document is one by the rules of OpenAPI 3.1, whose references lead somewhere', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(openApi());
  expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  expect(validator.version).toBe('3.1');
  const text = JSON.stringify(openApi());
  const { schemas } = openApi().components as { schemas: Record<string, unknown> };
  for (const [, name = ''] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
    expect(schemas).toHaveProperty(name);
  expect(text.match(/"\$ref":"(?!#\/components\/schemas\/)[^"]*"/g)).toBeNull();
});

test('every endpoint is in it, with its scope, its refusals and every parameter of its path', () => {
  const { paths } = openApi() as { paths: Record<string, Record<string, { [key: string]: unknown }>> };
  for (const { path, verb, scope, errors = [] } of Object.values<Endpoint>(endpoints)) {
    const operation = paths[path]?.[verb];
    expect(operation).toMatchObject({
      description: expect.stringContaining(scope),
      responses: { 401: {}, 403: {}, 429: {} },
    });
    if (errors.length > 0) expect(JSON.stringify(operation?.responses)).toContain(errors[0]);
    const named = ((operation?.parameters ?? []) as { name: string; in: string }[]).filter((one) => one.in === 'path');
    expect(named.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
  }
});
