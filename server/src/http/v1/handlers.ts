import type { ApiInput, ApiOutput, Endpoint } from '@amphi/protocol/api';
import type { Caller } from '../../keys/keys.ts';

/** A file as an answer, made while it is sent. */
export type FileAnswer = { type: string; name: string; lines: Iterable<string> };

/** What a handler knows of the request beside its input. */
export type Call = {
  caller: Caller;
  /** The origin for links that are given out. */
  origin: string;
};

type Answered<E extends Endpoint> = E extends { file: readonly string[] } ? FileAnswer : ApiOutput<E>;

/** What has no answer may say nothing. */
type Result<T> = T extends undefined ? void | Promise<void> : T | Promise<T>;

/** One function for each endpoint of a map. The input is validated, and the caller's scope checked. */
export type ApiHandlers<M> = {
  [K in keyof M]: M[K] extends Endpoint ? (input: ApiInput<M[K]>, call: Call) => Result<Answered<M[K]>> : never;
};
