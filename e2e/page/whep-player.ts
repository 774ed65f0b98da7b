/** What a player in a page says of itself. */
export type PlayerReport = { status: number; location: string | null; detail: string };

/** How the player's offer is made other than the browser makes it. */
export type PlayerOptions = {
  url: string;
  bearer?: string;
  /** Only this codec, as `H264`. */
  videoCodec?: string;
  /** Payload types that are replaced in the offer. */
  payloadTypes?: [from: number, to: number][];
};

/**
 * In the page: a plain WHEP player with nothing but the browser's own means. It shows what it receives in the element
 * `#whep`, which says how long after the offer the first picture came, and takes a counter-offer where it is given one. Sent as its source, so it must not use anything from outside.
 */
export async function playByWhep({ url, bearer, videoCodec, payloadTypes = [] }: PlayerOptions): Promise<PlayerReport> {
  document.body.innerHTML = '<video id="whep" autoplay playsinline></video>';
  const video = document.querySelector('video') as HTMLVideoElement;
  const stream = new MediaStream();
  video.srcObject = stream;
  const make = () => {
    const connection = new RTCPeerConnection();
    connection.addEventListener('track', ({ track }) => stream.addTrack(track));
    return connection;
  };
  let connection = make();
  connection.addTransceiver('audio', { direction: 'recvonly' });
  const transceiver = connection.addTransceiver('video', { direction: 'recvonly' });
  if (videoCodec !== undefined) {
    const { codecs } = RTCRtpReceiver.getCapabilities('video') ?? { codecs: [] };
    transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => mimeType === `video/${videoCodec}`));
  }
  const offer = await connection.createOffer();
  let sdp = offer.sdp ?? '';
  for (const [from, to] of payloadTypes) {
    sdp = sdp
      .replaceAll(new RegExp(`^(a=(?:rtpmap|fmtp|rtcp-fb):)${from}\\b`, 'gm'), `$1${to}`)
      .replaceAll(new RegExp(`\\bapt=${from}\\b`, 'g'), `apt=${to}`)
      .replaceAll(new RegExp(`^(m=.*) ${from}\\b`, 'gm'), `$1 ${to}`);
  }
  await connection.setLocalDescription({ type: 'offer', sdp });
  const headers = {
    'content-type': 'application/sdp',
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
  };
  const since = performance.now();
  video.requestVideoFrameCallback((now) => (video.dataset['firstFrameMs'] = `${Math.round(now - since)}`));
  const response = await fetch(url, { method: 'POST', headers, body: sdp });
  const detail = await response.text();
  const location = response.headers.get('location');
  if (response.status === 201) await connection.setRemoteDescription({ type: 'answer', sdp: detail });
  if (response.status === 406 && location !== null) {
    connection.close();
    connection = make();
    await connection.setRemoteDescription({ type: 'offer', sdp: detail });
    await connection.setLocalDescription();
    const body = connection.localDescription?.sdp ?? '';
    const patched = await fetch(location, { method: 'PATCH', headers, body });
    if (patched.status !== 204) return { status: patched.status, location, detail: await patched.text() };
  }
  return { status: response.status, location, detail };
}
