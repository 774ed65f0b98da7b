import { describe, expect, it, vi } from 'vitest';
import { createEmitter } from './emitter.ts';

type TestEvents = { moved: [x: number, y: number]; stopped: [] };

describe('createEmitter', () => {
  it('calls listeners with the arguments, in the order in which they were added', () => {
    const emitter = createEmitter<TestEvents>();
    const calls: string[] = [];
    emitter.on('moved', (x, y) => void calls.push(`first ${x} ${y}`));
    emitter.on('moved', (x) => void calls.push(`second ${x}`));
    emitter.emit('moved', 1, 2);
    emitter.emit('stopped');
    expect(calls).toEqual(['first 1 2', 'second 1']);
  });

  it('removes one registration of a function that was added twice', () => {
    const emitter = createEmitter<TestEvents>();
    const listener = vi.fn();
    const off = emitter.on('stopped', listener);
    emitter.on('stopped', listener);
    off();
    off();
    emitter.emit('stopped');
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('calls the others when one throws, and does not call those removed by then', () => {
    const emitter = createEmitter<TestEvents>();
    const after = vi.fn();
    const thrown: (() => void)[] = [];
    vi.stubGlobal('queueMicrotask', (task: () => void) => thrown.push(task));
    emitter.on('stopped', () => {
      throw new Error('mine');
    });
    emitter.on('stopped', after);
    emitter.emit('stopped');
    vi.unstubAllGlobals();
    expect(after).toHaveBeenCalledOnce();
    expect(thrown[0]).toThrow('mine');
    emitter.clear();
    emitter.emit('stopped');
    expect(after).toHaveBeenCalledOnce();
  });
});
