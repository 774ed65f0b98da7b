import { methods } from '@amphi/features/protocols.ts';
import type { InputOf, MethodMap, MethodSpec, OutputOf } from '@amphi/protocol';
import type { Methods } from '@amphi/features/protocols.ts';
import type { Scene } from '../scene.ts';
import type { WireClient } from '../wire-client.ts';
import { accessEntries } from './access.ts';
import { directEntries } from './direct.ts';
import type { Entries, Entry, MethodName } from './entry.ts';
import { ingestEntries } from './ingest.ts';
import { libraryEntries } from './library.ts';
import { liveEntries } from './live.ts';
import { mediaEntries } from './media.ts';
import { moderationEntries } from './moderation.ts';
import { pushEntries } from './push.ts';
import { recordingEntries } from './recording.ts';
import { sessionEntries } from './session.ts';
import { streamKeyEntries } from './stream-keys.ts';

/** How each method of the protocol is tried. */
export const entries: Entries<MethodName> = {
  ...sessionEntries,
  ...mediaEntries,
  ...directEntries,
  ...accessEntries,
  ...moderationEntries,
  ...ingestEntries,
  ...liveEntries,
  ...streamKeyEntries,
  ...pushEntries,
  ...recordingEntries,
  ...libraryEntries,
};

/** Every method of the registry, whether there is an entry or not. */
export const methodNames = Object.keys(methods) as MethodName[];

export function specOf(method: MethodName): MethodSpec {
  const spec = (methods as MethodMap)[method];
  if (!spec) throw new Error(`${method} is not in the protocol`);
  return spec;
}

/** An entry whose types are those of any method: for what goes over all of them. */
export type AnyEntry = Omit<Entry<'self.update'>, 'good' | 'effect'> & {
  good(scene: Scene): InputOf<Methods, MethodName>;
  effect(scene: Scene, output: OutputOf<Methods, MethodName>, input: InputOf<Methods, MethodName>): Promise<void>;
};

export function entryOf(method: MethodName): AnyEntry {
  const entry = (entries as Partial<Record<string, unknown>>)[method] as AnyEntry | undefined;
  if (!entry) throw new Error(`server/test/support/entries has no entry for ${method}: say how it is to be tried`);
  return entry;
}

/** Who calls the method: Vera, who has not joined, where it is for such. */
export function callerOf(method: MethodName, scene: Scene): WireClient {
  const { alice, vera } = scene;
  return entryOf(method).by?.(scene) ?? (specOf(method).stage === 'connected' ? vera : alice.wire);
}
