import { createCall } from '@amphi/client';

/**
 * The page of the bench: one button, and the moments that matter on `window.bench`. It is the SDK alone, so that cold
 * means that nothing at all was done before the click.
 */
const room = location.pathname.slice(1);
const warm = new URLSearchParams(location.search).has('warm');
const call = createCall({ room, direct: false });

const bench = { ready: false, clickedAt: 0, firstFrameAt: 0 };
Object.assign(window, { bench });

const devices = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 360 } });
const [camera] = devices.getVideoTracks();
const [microphone] = devices.getAudioTracks();
if (!camera || !microphone) throw new Error('The bench needs a (fake) camera and a microphone.');

call.on('track', (track) => {
  if (track.source !== 'camera' || !track.mediaTrack || document.querySelector('video')) return;
  const video = document.createElement('video');
  video.muted = true;
  video.autoplay = true;
  video.srcObject = new MediaStream([track.mediaTrack]);
  video.requestVideoFrameCallback((now) => (bench.firstFrameAt = now));
  document.body.append(video);
});

const button = document.createElement('button');
button.textContent = 'Join';
button.addEventListener('click', (event) => {
  bench.clickedAt = event.timeStamp;
  void call.join({
    name: 'Ada',
    publish: [
      { source: 'camera', track: camera },
      { source: 'microphone', track: microphone },
    ],
  });
});
document.body.append(button);

if (warm) {
  await call.connect();
  await call.warm();
}
bench.ready = true;
