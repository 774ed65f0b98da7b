/**
 * Runs in a page: sends a picture from one connection to another and plays it until one is shown, as in a browser in which
 * somebody has watched or called before.
 */
export async function playToItself(): Promise<void> {
  const [from, to] = [new RTCPeerConnection(), new RTCPeerConnection()];
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  const stream = canvas.captureStream(15);
  for (const track of stream.getTracks()) from.addTrack(track, stream);
  from.addEventListener('icecandidate', ({ candidate }) => void to.addIceCandidate(candidate ?? undefined));
  to.addEventListener('icecandidate', ({ candidate }) => void from.addIceCandidate(candidate ?? undefined));
  const video = document.createElement('video');
  video.muted = true;
  document.body.append(video);
  const shown = new Promise<unknown>((resolve) => video.requestVideoFrameCallback(resolve));
  to.addEventListener('track', ({ streams: [received] }) => {
    video.srcObject = received ?? null;
    void video.play();
  });
  await from.setLocalDescription();
  if (from.localDescription) await to.setRemoteDescription(from.localDescription);
  await to.setLocalDescription();
  if (to.localDescription) await from.setRemoteDescription(to.localDescription);
  // A canvas that nothing is drawn on gives no pictures.
  const drawing = setInterval(() => context?.fillRect(0, 0, Math.random() * canvas.width, canvas.height), 50);
  await shown;
  clearInterval(drawing);
  from.close();
  to.close();
}
