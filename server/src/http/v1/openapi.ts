import { ERROR_CODES, errorBody, type ErrorCode } from '@amphi/protocol';
import { type Endpoint, endpoints, webhookEvents } from '@amphi/protocol/api';
import { z } from 'zod';
import { STATUS } from '../status.ts';

type Json = Record<string, unknown>;

/** What every endpoint may refuse with. */
const COMMON: readonly ErrorCode[] = ['bad-request', 'unauthorized', 'forbidden', 'rate-limited'];

/** The OpenAPI 3.1 document of the REST API, made from the schemas that the server validates with. */
export function openApi(origin = 'http://localhost:3000'): Json {
  const components = new Map<string, Json>();
  const paths: Record<string, Json> = {};
  for (const [name, endpoint] of Object.entries(endpoints)) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.verb]: operation(name, endpoint, components) };
  }
  const webhooks = Object.fromEntries(
    Object.entries(webhookEvents).map(([name, data]) => [name, { post: webhook(name, data, components) }]),
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'Amphi',
      version: '1',
      description: 'Rooms, their people and their tokens for other sites. See docs/api.md.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: `${origin}/api/v1` }],
    security: [{ key: [] }],
    tags: [...new Set(Object.keys(endpoints).map(tagOf))].map((name) => ({ name })),
    paths,
    webhooks,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key.' } },
      schemas: {
        Error: schemaOf(z.object({ error: errorBody }), 'output', components),
        ...Object.fromEntries(components),
      },
    },
  };
}

function operation(name: string, endpoint: Endpoint, components: Map<string, Json>): Json {
  const { about, scope, params, query, body, output, file, status, errors = [] } = endpoint;
  const success = output || file ? String(status ?? 200) : '204';
  const refusals = [...new Set([...COMMON, ...errors].map((code) => String(STATUS[code] ?? 500)))];
  return {
    operationId: name.replace(/\.(\w)/, (_, letter: string) => letter.toUpperCase()),
    tags: [tagOf(name)],
    summary: about,
    description: `Needs a key that is good for \`${scope}\`.`,
    parameters: [
      ...parameters('path', params, components),
      ...parameters('query', query, components),
      ...(endpoint.verb === 'post' ? [IDEMPOTENCY_KEY] : []),
    ],
    ...(body
      ? {
          requestBody: {
            required: isNeeded(body),
            content: { 'application/json': { schema: schemaOf(body, 'input', components) } },
          },
        }
      : {}),
    responses: {
      [success]: { description: 'Done.', ...contentOf(endpoint, components) },
      ...Object.fromEntries(refusals.map((code) => [code, refusal([...COMMON, ...errors], code)])),
    },
  };
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Makes a repeat harmless for a day, or until the server restarts: it is answered as the first time.',
  schema: { type: 'string', minLength: 1, maxLength: 100 },
};

function contentOf({ output, file }: Endpoint, components: Map<string, Json>): Json {
  if (output) return { content: { 'application/json': { schema: schemaOf(output, 'output', components) } } };
  if (!file) return {};
  return { content: Object.fromEntries(file.map((type) => [type, { schema: { type: 'string' } }])) };
}

function refusal(codes: readonly ErrorCode[], status: string): Json {
  const names = ERROR_CODES.filter((code) => codes.includes(code) && String(STATUS[code] ?? 500) === status);
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };
  return { description: names.map((name) => `\`${name}\``).join(', '), content };
}

function webhook(name: string, data: z.ZodType, components: Map<string, Json>): Json {
  const schema = z.object({ type: z.literal(name), timestamp: z.iso.datetime(), data });
  return {
    operationId: name.replace(/\.(\w)/, (_, letter: string) => letter.toUpperCase()),
    summary: data.description,
    description: 'Signed as https://www.standardwebhooks.com says.',
    security: [],
    parameters: ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((header) => ({
      name: header,
      in: 'header',
      required: true,
      schema: { type: 'string' },
    })),
    requestBody: {
      required: true,
      content: { 'application/json': { schema: schemaOf(schema, 'output', components) } },
    },
    responses: {
      '2XX': { description: 'It was received. Any other answer, or none within 10 s, and it is sent again.' },
    },
  };
}

function parameters(where: 'path' | 'query', schema: z.ZodObject | undefined, components: Map<string, Json>): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, value]) => {
    const { description, ...rest } = schemaOf(value as z.ZodType, 'input', components);
    const required = where === 'path';
    return { name, in: where, required, ...(description === undefined ? {} : { description }), schema: rest };
  });
}

/** A schema as JSON Schema; what has a name of its own goes to the components. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', components: Map<string, Json>): Json {
  const made = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  const { $schema: _, $defs = {}, id, ...rest } = referring(made);
  for (const [name, { id: __, ...definition }] of Object.entries($defs as Record<string, Json>)) {
    components.set(name, definition);
  }
  if (typeof id !== 'string') return rest;
  components.set(id, rest);
  return { $ref: `#/components/schemas/${id}` };
}

function referring(value: Json): Json {
  return JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
}

function isNeeded(body: z.ZodObject): boolean {
  return !body.safeParse({}).success;
}

function tagOf(name: string): string {
  return name.split('.')[0] ?? name;
}
