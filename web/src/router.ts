import { signal } from '@preact/signals';

export type Route =
  | { page: 'landing' | 'admin' | 'diag' | 'unknown' }
  | { page: 'room' | 'watch' | 'recordings'; room: string }
  | { page: 'share'; id: string };

/** The page that a path names. Room names are folded to lower case, as the server does. */
export function parseRoute(path: string): Route {
  if (path === '/' || path === '') return { page: 'landing' };
  if (/^\/admin\/?$/.test(path)) return { page: 'admin' };
  if (/^\/diag\/?$/.test(path)) return { page: 'diag' };
  const [, kind, room, below] = /^\/([rsw])\/([^/]+?)(?:\/(recordings))?\/?$/.exec(path) ?? [];
  if (room === undefined || (below && kind !== 'r')) return { page: 'unknown' };
  if (kind === 's') return { page: 'share', id: room };
  try {
    return {
      page: below ? 'recordings' : kind === 'w' ? 'watch' : 'room',
      room: decodeURIComponent(room).toLowerCase(),
    };
  } catch {
    return { page: 'unknown' };
  }
}

export function roomPath(room: string): string {
  return `/r/${encodeURIComponent(room)}`;
}

/** The link that brings somebody else into the room. */
export function roomLink(room: string): string {
  return new URL(roomPath(room), location.origin).href;
}

export const route = signal<Route>({ page: 'landing' });

export function navigate(path: string): void {
  history.pushState(null, '', path);
  route.value = parseRoute(location.pathname);
  scrollTo(0, 0);
}

export function startRouter(): void {
  route.value = parseRoute(location.pathname);
  // A host link that is opened in the tab of its room changes nothing else of the address.
  addEventListener('hashchange', () => {
    if (location.hash !== '') location.reload();
  });
  addEventListener('popstate', () => {
    route.value = parseRoute(location.pathname);
  });
}
