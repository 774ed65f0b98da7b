/** What the server wants captured; see `MediaSettings` of the protocol. */
export type CaptureSettings = { cameraHeight: number; cameraFrameRate: number; screenFrameRate: number };

export const DEFAULT_CAPTURE: CaptureSettings = { cameraHeight: 720, cameraFrameRate: 30, screenFrameRate: 30 };

/** A device that must be the one asked for, or one that only should. */
export type DeviceWish = { id: string; exact: boolean } | null;

function deviceId(wish: DeviceWish): Pick<MediaTrackConstraints, 'deviceId'> {
  if (!wish) return {};
  return { deviceId: wish.exact ? { exact: wish.id } : { ideal: wish.id } };
}

export function cameraConstraints(wish: DeviceWish, capture: CaptureSettings): MediaTrackConstraints {
  const height = capture.cameraHeight;
  return {
    ...deviceId(wish),
    height: { ideal: height },
    width: { ideal: Math.round((height * 16) / 9) },
    frameRate: { ideal: capture.cameraFrameRate, max: capture.cameraFrameRate },
    ...(wish ? {} : { facingMode: 'user' }),
  };
}

/** With `music` the sound is left as it is, in stereo; otherwise the browser clears it for speech. */
export function microphoneConstraints(wish: DeviceWish, music: boolean): MediaTrackConstraints {
  return {
    ...deviceId(wish),
    echoCancellation: !music,
    noiseSuppression: !music,
    autoGainControl: !music,
    channelCount: music ? { ideal: 2 } : 1,
  };
}

/** `systemAudio` and its like are newer than TypeScript's library. */
export function screenConstraints(capture: CaptureSettings): DisplayMediaStreamOptions {
  const options = {
    video: {
      width: { max: 1920 },
      height: { max: 1080 },
      frameRate: { ideal: capture.screenFrameRate, max: capture.screenFrameRate },
    },
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 2 },
    systemAudio: 'include',
    surfaceSwitching: 'include',
    selfBrowserSurface: 'exclude',
  };
  return options;
}
