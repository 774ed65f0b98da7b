import type { Call } from '@amphi/client';
import { describe, expect, it, vi } from 'vitest';
import { createChat, mergeMessages } from './client.ts';
import type { ChatMessage } from './protocol.ts';

const message = (id: string, at: number): ChatMessage => ({ id, memberId: 'm', name: 'Ann', text: id, at });

function setUp(history: ChatMessage[] = []) {
  const listeners = new Map<string, (data: never) => void>();
  const listen = (name: string, listener: (data: never) => void) => {
    listeners.set(name, listener);
    return () => void listeners.delete(name);
  };
  const request = vi.fn((method: string, data: { text?: string }) =>
    Promise.resolve(method === 'chat.send' ? { message: message(data.text ?? '', 5) } : { messages: history }),
  );
  const chat = createChat({ on: listen, onEvent: listen, request } as unknown as Call);
  const emit = (name: string, data: unknown) => listeners.get(name)?.(data as never);
  return { chat, request, emit, listeners };
}

describe('createChat', () => {
  it('keeps what is written, told by the event and by the own answer, once', async () => {
    const { chat, emit } = setUp();
    const seen: number[] = [];
    chat.onChange((messages) => void seen.push(messages.length));
    emit('chat.message', { message: message('hello', 5) });
    await expect(chat.send('hello')).resolves.toMatchObject({ id: 'hello' });
    emit('chat.message', { message: message('again', 6) });
    expect(chat.messages.map(({ id }) => id)).toEqual(['hello', 'again']);
    expect(seen).toEqual([1, 1, 2]);
  });

  it('asks for the history after every join', async () => {
    const { chat, emit, request } = setUp([message('old', 1)]);
    emit('state', 'connecting');
    expect(request).not.toHaveBeenCalled();
    emit('state', 'joined');
    await vi.waitFor(() => expect(chat.messages).toHaveLength(1));
    expect(request).toHaveBeenCalledWith('chat.history', {});
  });

  it('close() stops listening', () => {
    const { chat, listeners } = setUp();
    chat.close();
    expect(listeners.size).toBe(0);
  });
});

it('mergeMessages orders by time', () => {
  const merged = mergeMessages([message('b', 2)], [message('a', 1), message('b', 2), message('c', 3)]);
  expect(merged.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
});
