import type { CallOptions } from '@amphi/client';
import { load, save } from './storage.ts';

type HostKeys = Record<string, string>;

/** What a link carries in its fragment, which browsers keep from servers: the key of a host link, a token, or the key of a private event. */
export type LinkSecrets = { host?: string; token?: string; key?: string };

export function readFragment(hash: string): LinkSecrets {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const secrets: LinkSecrets = {};
  const [host, token, key] = [fields.get('host'), fields.get('token'), fields.get('key')];
  if (host) secrets.host = host;
  if (token) secrets.token = token;
  if (key) secrets.key = key;
  return secrets;
}

/** The fragment that makes a host of whoever follows a link. */
export function hostFragment(key: string): string {
  return `#host=${encodeURIComponent(key)}`;
}

export function hostKeyOf(room: string): string | undefined {
  return load<HostKeys>('host-keys', {})[room];
}

export function keepHostKey(room: string, key: string): void {
  save('host-keys', { ...load<HostKeys>('host-keys', {}), [room]: key });
}

export function forgetHostKey(room: string): void {
  const { [room]: _, ...others } = load<HostKeys>('host-keys', {});
  save('host-keys', others);
}

/** Keeps what the address carries for this room, and takes it out of the address bar, where others might read it. */
export function takeSecrets(room: string): void {
  const { host, token } = readFragment(location.hash);
  if (host !== undefined) keepHostKey(room, host);
  if (token !== undefined) {
    // Who is sent here anew is who the token says, and not who was here before.
    keepInTab(`token.${room}`, token);
    keepInTab(`pass.${room}`, undefined);
  }
  if (location.hash !== '') history.replaceState(history.state, '', location.pathname + location.search);
}

/** The key of a private event that the address carries, kept for as long as the tab lives, and taken out of the address bar. */
export function takeWatchKey(room: string): string | undefined {
  const { key } = readFragment(location.hash);
  if (key !== undefined) {
    keepInTab(`watch-key.${room}`, key);
    history.replaceState(history.state, '', location.pathname + location.search);
  }
  return fromTab(`watch-key.${room}`);
}

/** For as long as the tab lives: brings its person back in after a reload, also into a room that is locked by then. */
export function keepPass(room: string, pass: string | undefined): void {
  keepInTab(`pass.${room}`, pass);
}

/** Who this browser is in the room. */
export function credentialsFor(room: string): Pick<CallOptions, 'guest' | 'hostKey' | 'token' | 'pass'> {
  const [hostKey, token, pass] = [hostKeyOf(room), fromTab(`token.${room}`), fromTab(`pass.${room}`)];
  return {
    guest: guestId(),
    ...(hostKey === undefined ? {} : { hostKey }),
    ...(token === undefined ? {} : { token }),
    ...(pass === undefined ? {} : { pass }),
  };
}

/** By this a server knows the same guest again; it tells nobody. */
function guestId(): string {
  const known = load('guest', '');
  if (known !== '') return known;
  const made = crypto.randomUUID();
  save('guest', made);
  return made;
}

function fromTab(key: string): string | undefined {
  try {
    return sessionStorage.getItem(`amphi.${key}`) ?? undefined;
  } catch {
    return undefined;
  }
}

function keepInTab(key: string, value: string | undefined): void {
  try {
    if (value === undefined) sessionStorage.removeItem(`amphi.${key}`);
    else sessionStorage.setItem(`amphi.${key}`, value);
  } catch {
    // Without storage the person goes through the door again after a reload.
  }
}
