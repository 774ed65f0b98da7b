/** One way to a relay, with what opens it. */
export type RelayServer = { url: string; username: string; credential: string };

export type Allocation =
  | { ok: true; address: string; tookMs: number }
  /** `code`: of the relay's refusal (RFC 8656), 701 when it was not reached, null when nothing was heard. */
  | { ok: false; code: number | null; text: string };

const WITHIN_MS = 6000;

/** Asks a TURN server for an address to relay from, over this way only. Never rejects. */
export async function allocate({ url, username, credential }: RelayServer): Promise<Allocation> {
  const since = performance.now();
  const connection = new RTCPeerConnection({
    iceServers: [{ urls: [url], username, credential }],
    iceTransportPolicy: 'relay',
  });
  try {
    return await new Promise<Allocation>((resolve) => {
      let heard: { code: number | null; text: string } = { code: null, text: '' };
      const fail = () => resolve({ ok: false, ...heard });
      connection.addEventListener('icecandidate', ({ candidate }) => {
        if (candidate?.type === 'relay') {
          const address = `${candidate.address ?? ''}:${candidate.port ?? ''}`;
          resolve({ ok: true, address, tookMs: Math.round(performance.now() - since) });
        }
      });
      connection.addEventListener('icecandidateerror', ({ errorCode: code, errorText: text }) => {
        // Browsers ask once without credentials, and some tell of that refusal as well: the last word counts.
        heard = { code, text };
      });
      connection.addEventListener('icegatheringstatechange', () => {
        if (connection.iceGatheringState === 'complete') fail();
      });
      setTimeout(fail, WITHIN_MS);
      connection.createDataChannel('probe');
      connection.setLocalDescription().catch(fail);
    });
  } finally {
    connection.close();
  }
}
