import type { Call } from '@amphi/client';
import type { InputOf, OutputOf } from '@amphi/protocol';
import type { PushMethods, PushTarget } from './protocol.ts';

export type { PushReason, PushStatus, PushTarget } from './protocol.ts';

type Added = InputOf<PushMethods, 'push.add'>;
type Changed = InputOf<PushMethods, 'push.change'>;

/** Where the room's event is pushed to; for the host. Methods reject with the server's AmphiError. */
export interface Push {
  /** Undefined until the server has told it. */
  readonly targets: readonly PushTarget[] | undefined;
  load(): Promise<void>;
  add(target: Added): Promise<void>;
  change(change: Changed): Promise<void>;
  remove(id: string): Promise<void>;
  start(id: string): Promise<void>;
  stop(id: string): Promise<void>;
  /** Calls back after every change; returns the unsubscriber. */
  onChange(listener: (targets: readonly PushTarget[]) => void): () => void;
  close(): void;
}

/** Makes the client half of pushing; nothing is asked until {@link Push.load}. */
export function createPush(call: Call): Push {
  const listeners = new Set<(targets: readonly PushTarget[]) => void>();
  let targets: readonly PushTarget[] | undefined;

  const set = (next: readonly PushTarget[]) => {
    targets = next;
    for (const listener of listeners) listener(next);
  };
  const request = <K extends keyof PushMethods>(method: K, data: InputOf<PushMethods, K>) =>
    call.request(method, data) as Promise<OutputOf<PushMethods, K>>;
  // What an answer says was told by an event before it.
  const unsubscribe = call.onEvent('push.changed', (data: { targets: PushTarget[] }) => set(data.targets));

  return {
    get targets() {
      return targets;
    },
    load: async () => set((await request('push.list', {})).targets),
    add: async (target) => void (await request('push.add', target)),
    change: async (change) => void (await request('push.change', change)),
    remove: async (id) => void (await request('push.remove', { id })),
    start: async (id) => void (await request('push.start', { id })),
    stop: async (id) => void (await request('push.stop', { id })),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      unsubscribe();
      listeners.clear();
    },
  };
}
