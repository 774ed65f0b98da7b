export type PageHandlers = {
  /** The network is back or another one: what was open may be dead. */
  networkChanged(): void;
  /** The page goes away and will not come back. */
  leaving(): void;
};

type NetworkInformation = EventTarget & { readonly type?: string };

/** Watches the page and its network. Returns the function that stops it. Does nothing where there is no page. */
export function watchPage(handlers: PageHandlers): () => void {
  if (typeof window === 'undefined' || typeof window.addEventListener !== 'function') return () => undefined;
  const connection = (navigator as Navigator & { connection?: NetworkInformation }).connection;
  let type = connection?.type;
  // The event tells of every new estimate of the speed, too, which is no reason to connect anew.
  const onConnection = () => {
    if (connection?.type === type) return;
    type = connection?.type;
    handlers.networkChanged();
  };
  const onHide = (event: PageTransitionEvent) => {
    // A persisted page may be shown again from the back-forward cache; the session is then resumed.
    if (!event.persisted) handlers.leaving();
  };
  const onShow = (event: PageTransitionEvent) => {
    if (event.persisted) handlers.networkChanged();
  };
  window.addEventListener('online', handlers.networkChanged);
  connection?.addEventListener('change', onConnection);
  window.addEventListener('pagehide', onHide);
  window.addEventListener('pageshow', onShow);
  return () => {
    window.removeEventListener('online', handlers.networkChanged);
    connection?.removeEventListener('change', onConnection);
    window.removeEventListener('pagehide', onHide);
    window.removeEventListener('pageshow', onShow);
  };
}
