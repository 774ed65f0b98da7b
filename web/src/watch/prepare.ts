import { watchFor } from '../prefs.ts';

let isDone = false;

/** Has the browser do what takes it long, while the server is asked who is on stage. */
export function prepare(): void {
  if (isDone) return;
  isDone = true;
  // The largest part of the page, which only those need who watch the stream.
  if (watchFor.value === 'quality') import('./hls-js.ts').catch(() => undefined);
  else wakeWebRtc();
}

/** The first connection of a page waits until the browser knows its codecs; the next ones do not. */
function wakeWebRtc(): void {
  if (typeof RTCPeerConnection !== 'function') return;
  const probe = new RTCPeerConnection();
  probe.addTransceiver('video', { direction: 'recvonly' });
  probe.createOffer().then(
    () => probe.close(),
    () => probe.close(),
  );
}
