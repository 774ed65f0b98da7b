import { events, methods } from '@amphi/features/protocols.ts';
import * as protocol from '@amphi/protocol';
import { z } from 'zod';

const { ERROR_CODES, PROTOCOL_VERSION, ROLES } = protocol;

/** Schemas that are shown once, under their names. */
const NAMED = {
  ConsumerInfo: protocol.consumerInfo,
  DirectInfo: protocol.directInfo,
  DirectCandidate: protocol.directCandidate,
  DirectDescription: protocol.directDescription,
  DtlsParameters: protocol.dtlsParameters,
  IceParameters: protocol.iceParameters,
  IceServer: protocol.iceServer,
  MediaSettings: protocol.mediaSettings,
  MemberInfo: protocol.memberInfo,
  ProducerInfo: protocol.producerInfo,
  Quality: protocol.quality,
  RoomPolicy: protocol.roomPolicy,
  RtpCapabilities: protocol.rtpCapabilities,
  RtpParameters: protocol.rtpParameters,
  Snapshot: protocol.snapshot,
  TransportInfo: protocol.transportInfo,
  TransportPair: protocol.transportPair,
} satisfies Record<string, z.ZodType>;

const registry = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });

type Schema = {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  format?: string;
  default?: unknown;
  $defs?: Record<string, Schema>;
};

/** Longer types than this are written over several lines. */
const WIDTH = 100;

/** docs/protocol.md */
export function protocolReference(): string {
  return `# Signaling protocol, version ${PROTOCOL_VERSION}

Over Socket.IO, path \`/socket.io/\`. The handshake's \`auth\` is \`{protocol: ${PROTOCOL_VERSION}, room, resume?: {token, seq}}\`.
A refused connection is a \`connect_error\` whose \`data\` is \`{code, message, retryAfterMs?}\`.

Requests: the event \`request\` with \`{id, method, data}\`, acknowledged with \`{ok: true, data}\` or
\`{ok: false, error: {code, message, path?, retryAfterMs?}}\`. A session's requests are performed one after the other. A
repeat with the same id gets the first answer. Events: the event \`event\` with \`{seq, name, data}\`; \`seq\` grows by one, and
is 0 for events that are not kept for a resume.

Error codes: ${ERROR_CODES.map((name) => `\`${name}\``).join(', ')}.

Roles: ${Object.entries(ROLES)
    .map(([role, permissions]) => `\`${role}\` (${permissions.join(', ')})`)
    .join('; ')}.

This page is made from the schemas by \`node server/src/docs.ts\`.

# Methods

${Object.entries(methods as protocol.MethodMap)
  .map(([name, spec]) => methodSection(name, spec))
  .join('\n')}
# Events

${Object.entries(events as protocol.EventMap)
  .map(([name, { about, data }]) => `## ${name}\n\n${about}\n\n${code(render(jsonSchema(data, 'output'), ''))}`)
  .join('\n')}
# Types

${Object.entries(NAMED)
  .map(([name, schema]) => code(`type ${name} = ${render(jsonSchema(schema, 'output', name), '')}`))
  .join('\n')}`;
}

function methodSection(name: string, spec: protocol.MethodMap[string]): string {
  const { burst, perSecond } = spec.rate;
  const facts = [
    `stage: ${spec.stage}`,
    `permission: ${typeof spec.permission === 'function' ? 'depends on the input' : spec.permission}`,
    `rate: ${perSecond} a second, bursts of ${burst}`,
    `at most ${spec.maxBytes} bytes`,
  ];
  const input = render(jsonSchema(spec.input, 'input'), '');
  const output = render(jsonSchema(spec.output, 'output'), '');
  return `## ${name}\n\n${spec.about}\n\n${facts.join(' · ')}\n\n${code(`input: ${input}\noutput: ${output}`)}`;
}

/** Named schemas inside become references; `own` names the one that is asked for, which does not. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', own?: string): Schema {
  const json = z.toJSONSchema(schema, { io, unrepresentable: 'any', metadata: registry }) as Schema;
  const name = own ?? '';
  return json.$ref === `#/$defs/${name}` ? (json.$defs?.[name] ?? json) : json;
}

function code(text: string): string {
  // No language, because formatters would rewrite the types.
  return `\`\`\`\n${text}\n\`\`\`\n`;
}

/** A JSON schema as a TypeScript type. */
function render(schema: Schema, indent: string): string {
  if (schema.$ref) return schema.$ref.replace('#/$defs/', '');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map((choice) => render(choice, indent)).join(' | ');
  if (schema.type === 'array') return renderArray(render(schema.items ?? {}, indent));
  if (schema.type === 'object') return renderObject(schema, indent);
  if (schema.type === 'string') return schema.format === 'uuid' ? 'string /* UUID */' : 'string';
  if (schema.type === 'integer') return 'number';
  return typeof schema.type === 'string' ? schema.type : 'unknown';
}

function renderArray(item: string): string {
  return item.includes(' | ') && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
}

function renderObject({ properties, required = [], additionalProperties }: Schema, indent: string): string {
  if (!properties) {
    const value = typeof additionalProperties === 'object' ? render(additionalProperties, indent) : 'unknown';
    return `Record<string, ${value}>`;
  }
  const deeper = `${indent}  `;
  const fields = Object.entries(properties).map(([name, schema]) => {
    const mark = required.includes(name) ? '' : '?';
    const value = schema.default === undefined ? '' : ` /* default ${JSON.stringify(schema.default)} */`;
    return `${name}${mark}: ${render(schema, deeper)}${value}`;
  });
  if (fields.length === 0) return '{}';
  const short = `{ ${fields.join('; ')} }`;
  if (short.length <= WIDTH && !short.includes('\n')) return short;
  return `{\n${fields.map((field) => `${deeper}${field};`).join('\n')}\n${indent}}`;
}
