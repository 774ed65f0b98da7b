export type PageHandlers = {
  /** The network is back or another one: what was open may be dead. */
  networkChanged(): void;
  /** The page goes away and will not come back. */
  leaving(): void;
};

type NetworkInformation = EventTarget;

/** Watches the page and its network. Returns the function that stops it. Does nothing where there is no page. */
export function watchPage(handlers: PageHandlers): () => void {
  if (typeof window === 'undefined' || typeof window.addEventListener !== 'function') return () => undefined;
  const connection = (navigator as Navigator & { connection?: NetworkInformation }).connection;
  const onHide = (event: PageTransitionEvent) => {
    // A persisted page may be shown again from the back-forward cache; the session is then resumed.
    if (!event.persisted) handlers.leaving();
  };
  const onShow = (event: PageTransitionEvent) => {
    if (event.persisted) handlers.networkChanged();
  };
  window.addEventListener('online', handlers.networkChanged);
  connection?.addEventListener('change', handlers.networkChanged);
  window.addEventListener('pagehide', onHide);
  window.addEventListener('pageshow', onShow);
  return () => {
    window.removeEventListener('online', handlers.networkChanged);
    connection?.removeEventListener('change', handlers.networkChanged);
    window.removeEventListener('pagehide', onHide);
    window.removeEventListener('pageshow', onShow);
  };
}
