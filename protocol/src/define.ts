import type { z } from 'zod';
import type { Permission } from './permissions.ts';

/** How often one session may call a method: a token bucket of `burst` tokens, refilled with `perSecond` tokens a second. */
export type Rate = { burst: number; perSecond: number };

/**
 * Where in its life a session may call a method: `connected` before it has joined the room
 * (the prejoin page), `joined` once it is a member, `any` in both.
 */
export type Stage = 'connected' | 'joined' | 'any';

/** One method, said once: both sides infer their types from it, the server enforces the rest. */
export type MethodSpec<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> = {
  input: I;
  output: O;
  /** What the caller must be allowed to do. A function where it depends on the (already validated) input. */
  permission: Permission | ((input: z.output<I>) => Permission);
  stage: Stage;
  rate: Rate;
  /** The largest JSON-encoded input in bytes. */
  maxBytes: number;
  /** One sentence for the generated reference. */
  about: string;
};

/** One event from the server. */
export type EventSpec<D extends z.ZodType = z.ZodType> = { data: D; about: string };

const DEFAULT_RATE: Rate = { burst: 30, perSecond: 10 };

/**
 * Declares a method. `stage` defaults to `joined`, `rate` to 10 a second with bursts of 30, `maxBytes` to 4096.
 */
export function method<I extends z.ZodType, O extends z.ZodType>(
  spec: Omit<MethodSpec<I, O>, 'stage' | 'rate' | 'maxBytes'> &
    Partial<Pick<MethodSpec<I, O>, 'stage' | 'rate' | 'maxBytes'>>,
): MethodSpec<I, O> {
  return { stage: 'joined', rate: DEFAULT_RATE, maxBytes: 4096, ...spec };
}

/** Declares an event. */
export function event<D extends z.ZodType>(spec: EventSpec<D>): EventSpec<D> {
  return spec;
}

export type MethodMap = Record<string, MethodSpec>;
export type EventMap = Record<string, EventSpec>;

/** What the caller of a method passes. */
export type InputOf<M extends MethodMap, K extends keyof M> = z.input<M[K]['input']>;
/** What the server's handler receives: the input after validation, with defaults filled in. */
export type ParsedInputOf<M extends MethodMap, K extends keyof M> = z.output<M[K]['input']>;
/** What the caller of a method gets back. */
export type OutputOf<M extends MethodMap, K extends keyof M> = z.output<M[K]['output']>;
/** What an event carries. */
export type DataOf<E extends EventMap, K extends keyof E> = z.output<E[K]['data']>;
