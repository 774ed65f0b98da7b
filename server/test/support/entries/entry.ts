import type { Methods } from '@amphi/features/protocols.ts';
import type { ErrorCode, InputOf, OutputOf } from '@amphi/protocol';
import type { Scene, Setting } from '../scene.ts';
import type { WireClient } from '../wire-client.ts';

export type MethodName = keyof Methods & string;

/**
 * How one method is tried. It is called by Alice, the host, or by Vera where it is meant for those who have not joined,
 * unless the entry says by whom.
 */
export type Entry<K extends MethodName> = Setting & {
  /** Who calls, where that is neither of these. */
  by?(scene: Scene): WireClient;
  /** An input that is performed. */
  good(scene: Scene): InputOf<Methods, K>;
  /** Waits for all that the call does to others and to the state; whatever else they hear is a failure. */
  effect(scene: Scene, output: OutputOf<Methods, K>, input: InputOf<Methods, K>): Promise<void>;
  /** Inputs that do not fit the schema, and the path that the refusal names. */
  bad: readonly BadInput<InputOf<Methods, K>>[];
  /** Well-formed inputs that the state or the ids in them speak against; `ok` where they are passed over. */
  refused?: readonly RefusedInput<InputOf<Methods, K>>[];
  /** Called again with another id, what comes: `ok` by default. */
  again?: ErrorCode;
};

export type BadInput<I> = readonly [what: string, make: (good: I) => unknown, path: string];
export type RefusedInput<I> = readonly [what: string, make: (good: I, scene: Scene) => unknown, code: ErrorCode | 'ok'];

export type Entries<K extends MethodName> = { [M in K]: Entry<M> };

/** The good input with some keys replaced. */
export function but<I extends object>(change: Record<string, unknown>): (good: I) => unknown {
  return (good) => ({ ...good, ...change });
}

/** The good input without a key. */
export function without<I extends object>(key: string): (good: I) => unknown {
  return (good) => Object.fromEntries(Object.entries(good).filter(([name]) => name !== key));
}

/** Nothing happens that anybody could hear. */
export async function nothing(): Promise<void> {}
