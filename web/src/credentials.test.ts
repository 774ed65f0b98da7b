import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  credentialsFor,
  forgetHostKey,
  hostFragment,
  keepHostKey,
  keepPass,
  readFragment,
  takeSecrets,
} from './credentials.ts';

class FakeStorage {
  items = new Map<string, string>();
  getItem = (key: string) => this.items.get(key) ?? null;
  setItem = (key: string, value: string) => void this.items.set(key, value);
  removeItem = (key: string) => void this.items.delete(key);
}

const replaceState = vi.fn();

function goTo(hash: string): void {
  vi.stubGlobal('location', { hash, pathname: '/r/hall', search: '' });
}

beforeEach(() => {
  vi.unstubAllGlobals();
  replaceState.mockClear();
  vi.stubGlobal('localStorage', new FakeStorage());
  vi.stubGlobal('sessionStorage', new FakeStorage());
  vi.stubGlobal('history', { state: null, replaceState });
});

it('reads what a link carries', () => {
  expect(readFragment(hostFragment('a+b=c'))).toEqual({ host: 'a+b=c' });
  expect(readFragment('#token=x.y.z')).toEqual({ token: 'x.y.z' });
  expect(readFragment('#host=')).toEqual({});
  expect(readFragment('')).toEqual({});
});

describe('the secrets of a link', () => {
  it('are kept for the room and leave the address bar', () => {
    goTo('#host=key');
    takeSecrets('hall');
    expect(replaceState).toHaveBeenCalledWith(null, '', '/r/hall');
    expect(credentialsFor('hall').hostKey).toBe('key');
    expect(credentialsFor('other').hostKey).toBeUndefined();
    forgetHostKey('hall');
    expect(credentialsFor('hall').hostKey).toBeUndefined();
  });

  it('are nothing where there are none', () => {
    goTo('');
    takeSecrets('hall');
    expect(replaceState).not.toHaveBeenCalled();
    expect(Object.keys(credentialsFor('hall'))).toEqual(['guest']);
  });

  it('a token comes before the pass of who was here before', () => {
    keepPass('hall', 'pass');
    expect(credentialsFor('hall').pass).toBe('pass');
    goTo('#token=new');
    takeSecrets('hall');
    expect(credentialsFor('hall')).toMatchObject({ token: 'new' });
    expect(credentialsFor('hall').pass).toBeUndefined();
  });
});

it('the guest is the same in every room and on every visit', () => {
  keepHostKey('hall', 'key');
  expect(credentialsFor('hall').guest).toBe(credentialsFor('other').guest);
});
