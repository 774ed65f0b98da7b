import { watchFor } from '../prefs.ts';

let isDone = false;

/** Has the browser do what takes it long, while the server is asked who is on stage. */
export function prepare(): void {
  if (isDone) return;
  isDone = true;
  // The largest part of the page, which only those need who watch the stream.
  if (watchFor.value === 'quality' || !hasWebRtc()) import('./hls-js.ts').catch(() => undefined);
  else wakeWebRtc();
}

/** Whether this browser can play in real time at all. */
export function hasWebRtc(): boolean {
  return typeof RTCPeerConnection === 'function';
}

/** The first connection of a page waits until the browser knows its codecs; the next ones do not. */
function wakeWebRtc(): void {
  if (!hasWebRtc()) return;
  const probe = new RTCPeerConnection();
  probe.addTransceiver('video', { direction: 'recvonly' });
  probe.createOffer().then(
    () => probe.close(),
    () => probe.close(),
  );
}
