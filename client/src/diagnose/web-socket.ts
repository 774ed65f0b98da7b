const WITHIN_MS = 6000;

/** Whether a WebSocket to the server opens and brings something: proxies like to let the first through and not the second. */
export function opensWebSocket(server: string = location.origin): Promise<boolean> {
  const url = new URL('/socket.io/?EIO=4&transport=websocket', server);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url);
  return new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), WITHIN_MS);
    const end = (opens: boolean) => {
      clearTimeout(timer);
      resolve(opens);
    };
    socket.addEventListener('message', () => end(true));
    socket.addEventListener('close', () => end(false));
  }).finally(() => socket.close());
}
