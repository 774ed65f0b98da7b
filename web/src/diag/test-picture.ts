/** A moving test picture that is hard to compress, so that it fills what a camera would fill. */
export function createTestPicture(): { track: MediaStreamTrack; stop(): void } {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [640, 360];
  const context = canvas.getContext('2d');
  let frame = 0;
  const draw = () => {
    frame += 1;
    if (!context) return;
    for (let x = 0; x < 16; x++) {
      for (let y = 0; y < 9; y++) {
        context.fillStyle = `hsl(${(x * 23 + y * 41 + frame * 3) % 360} ${40 + ((x * 7 + frame) % 40)}% ${35 + ((y * 11 + frame * 2) % 40)}%)`;
        context.fillRect(x * 40, y * 40, 40, 40);
      }
    }
    context.fillStyle = '#fff';
    context.font = '600 44px system-ui, sans-serif';
    context.textAlign = 'center';
    context.fillText((frame / 30).toFixed(1), 320, 196);
  };
  draw();
  const timer = setInterval(draw, 1000 / 30);
  const [track] = canvas.captureStream(30).getVideoTracks();
  if (!track) throw new Error('This browser cannot film a canvas.');
  return {
    track,
    stop() {
      clearInterval(timer);
      track.stop();
    },
  };
}
