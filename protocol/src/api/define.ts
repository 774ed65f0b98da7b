import type { z } from 'zod';
import type { ErrorCode } from '../errors.ts';
import type { Scope } from './scopes.ts';

/** One endpoint of the REST API, said once: server, command line and OpenAPI document follow from it. */
export type Endpoint = {
  verb: 'get' | 'post' | 'patch' | 'delete';
  /** Below `/api/v1`, with parameters in braces: `/rooms/{room}`. */
  path: string;
  /** What the API key has to be good for. */
  scope: Scope;
  /** Of the path. */
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodObject;
  /** The answer's body, as JSON. Without it there is none. */
  output?: z.ZodObject;
  /** The media types of an answer that is a file instead. */
  file?: readonly string[];
  /** 200 with an answer and 204 without unless it says otherwise. */
  status?: 201;
  /** Refusals beside those that every endpoint has. */
  errors?: readonly ErrorCode[];
  about: string;
};
export type EndpointMap = Readonly<Record<string, Endpoint>>;

/** Declares an endpoint. */
export function endpoint<const E extends Endpoint>(spec: E): E {
  return spec;
}

type Nothing = Record<never, never>;
type Parsed<E, K extends string> = E extends Record<K, z.ZodType> ? z.output<E[K]> : Nothing;
type Said<E, K extends string> = E extends Record<K, z.ZodType> ? z.input<E[K]> : undefined;

/** What an endpoint's handler receives: all of it validated, with defaults filled in. */
export type ApiInput<E extends Endpoint> = {
  params: Parsed<E, 'params'>;
  query: Parsed<E, 'query'>;
  body: Parsed<E, 'body'>;
};

/** What whoever calls an endpoint passes. */
export type ApiCall<E extends Endpoint> = {
  params?: Said<E, 'params'>;
  query?: Said<E, 'query'>;
  body?: Said<E, 'body'>;
};

/** What an endpoint answers; undefined where that is nothing, or a file. */
export type ApiOutput<E extends Endpoint> = E extends { output: z.ZodType } ? z.output<E['output']> : undefined;
