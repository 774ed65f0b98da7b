import type { Call } from '@amphi/client';
import type { InputOf, OutputOf } from '@amphi/protocol';
import type { ChatMessage, ChatMethods } from './protocol.ts';

export type { ChatMessage } from './protocol.ts';

/** The conversation in writing of one call. */
export interface Chat {
  /** What was written so far, oldest first. */
  readonly messages: readonly ChatMessage[];
  /** Writes to everybody. Rejects with the server's AmphiError: `bad-request`, `rate-limited`, … */
  send(text: string): Promise<ChatMessage>;
  /** Asks for what was written before; done by itself after every join. */
  load(): Promise<void>;
  /** Calls back after every change of the messages; returns the unsubscriber. */
  onChange(listener: (messages: readonly ChatMessage[]) => void): () => void;
  close(): void;
}

/** Puts messages together in the order of their time, each once. */
export function mergeMessages(known: readonly ChatMessage[], more: readonly ChatMessage[]): ChatMessage[] {
  const byId = new Map([...known, ...more].map((message) => [message.id, message]));
  return [...byId.values()].toSorted((a, b) => a.at - b.at);
}

/** Makes the chat of a call; it is there from the join on. */
export function createChat(call: Call): Chat {
  const listeners = new Set<(messages: readonly ChatMessage[]) => void>();
  let messages: readonly ChatMessage[] = [];

  const request = <K extends keyof ChatMethods>(method: K, data: InputOf<ChatMethods, K>) =>
    call.request(method, data) as Promise<OutputOf<ChatMethods, K>>;

  const add = (more: readonly ChatMessage[]) => {
    messages = mergeMessages(messages, more);
    for (const listener of listeners) listener(messages);
  };

  const load = async () => add((await request('chat.history', {})).messages);

  const unsubscribers = [
    call.onEvent('chat.message', ({ message }: { message: ChatMessage }) => add([message])),
    call.on('state', (state) => {
      // What was missed by a new session is only in the history.
      if (state === 'joined') load().catch(() => undefined);
    }),
  ];

  return {
    get messages() {
      return messages;
    },
    async send(text) {
      const { message } = await request('chat.send', { text });
      add([message]);
      return message;
    },
    load,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      for (const unsubscribe of unsubscribers) unsubscribe();
      listeners.clear();
    },
  };
}
