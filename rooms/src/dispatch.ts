import { type Answer, AmphiError, type MethodMap, type MethodSpec, type RequestEnvelope } from '@amphi/protocol';
import { TokenBucket } from './bucket.ts';
import type { Clock } from './clock.ts';
import type { ServerFeature } from './feature.ts';
import { coreHandlers, coreSpecs } from './handlers.ts';
import { jsonBytes } from './json-size.ts';
import type { Logger } from './logger.ts';
import type { Session } from './session.ts';

/** The way of a request: method, size and rate on arrival; stage, schema and permission when its turn comes. */
export interface Dispatcher {
  /** Throws an {@link AmphiError} to refuse; else answers what performs the request. */
  admit(session: Session, envelope: RequestEnvelope): () => Promise<unknown>;
  /** The answer for whatever was thrown. What is not an {@link AmphiError} is logged, and nothing of it told. */
  refuse(error: unknown, session: Session, envelope: RequestEnvelope): Answer;
}

type Method = { spec: MethodSpec; call: (session: Session, input: unknown) => unknown };

/**
 * Makes the dispatcher for the core's methods and those of the features.
 * @throws when a feature declares a method that there is already, or lacks a handler once it is called.
 */
export function createDispatcher(options: {
  features: readonly ServerFeature[];
  logger: Logger;
  clock: Clock;
}): Dispatcher {
  const { logger, clock } = options;
  const methods = methodTable(options.features);

  return {
    admit(session, envelope) {
      const method = methods.get(envelope.method);
      if (!method) throw new AmphiError('unknown-method', `there is no method "${envelope.method}"`);
      const { spec } = method;
      // Before the size, so that nothing is measured for somebody who calls too often.
      takeToken(session, envelope.method, spec, clock);
      const data = envelope.data ?? {};
      if (jsonBytes(data) > spec.maxBytes) {
        throw new AmphiError('too-large', `${envelope.method} takes at most ${spec.maxBytes} bytes`);
      }
      return async () => {
        checkStage(session, spec, envelope.method);
        const input = parse(spec, data);
        const permission = typeof spec.permission === 'function' ? spec.permission(input as never) : spec.permission;
        if (!session.may(permission)) {
          throw new AmphiError('forbidden', `${envelope.method} needs the permission "${permission}"`);
        }
        return method.call(session, input);
      };
    },

    refuse(error, session, envelope) {
      if (error instanceof AmphiError) return { ok: false, error: error.toBody() };
      const details = { err: error, sessionId: session.id, requestId: envelope.id, method: envelope.method };
      logger.error(details, 'a request failed');
      return { ok: false, error: { code: 'internal', message: 'the server failed at this request' } };
    },
  };
}

/** A map, so that names like `constructor` find nothing. */
function methodTable(features: readonly ServerFeature[]): Map<string, Method> {
  const table = new Map<string, Method>();
  const add = (name: string, method: Method) => {
    if (table.has(name)) throw new Error(`the method ${name} is declared twice`);
    table.set(name, method);
  };
  const specs = coreSpecs as MethodMap;
  for (const [name, call] of Object.entries(coreHandlers as Record<string, Method['call']>)) {
    const spec = specs[name];
    if (spec) add(name, { spec, call });
  }
  for (const feature of features) {
    for (const [name, spec] of Object.entries(feature.methods as MethodMap)) {
      add(name, { spec, call: (session, input) => callFeature(feature.name, name, session, input) });
    }
  }
  return table;
}

function callFeature(feature: string, name: string, session: Session, input: unknown): unknown {
  const handler = session.room.feature(feature)?.handlers[name];
  if (!handler) throw new Error(`the feature ${feature} has no handler for ${name}`);
  return handler(session, input);
}

function takeToken(session: Session, name: string, spec: MethodSpec, clock: Clock): void {
  const bucket = session.buckets.get(name) ?? new TokenBucket(spec.rate, clock);
  session.buckets.set(name, bucket);
  const retryAfterMs = bucket.take();
  if (retryAfterMs > 0) throw new AmphiError('rate-limited', `${name} is called too often`, { retryAfterMs });
}

function checkStage(session: Session, spec: MethodSpec, name: string): void {
  if (session.stage === 'ended') throw new AmphiError('session-ended', 'the session is over');
  if (spec.stage === 'any' || spec.stage === session.stage) return;
  const when = spec.stage === 'joined' ? 'before joining' : 'after joining';
  throw new AmphiError('wrong-state', `${name} cannot be called ${when}`);
}

function parse(spec: MethodSpec, data: unknown): unknown {
  const parsed = spec.input.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.');
  throw new AmphiError('bad-request', issue?.message ?? 'the input is not valid', path ? { path } : {});
}
