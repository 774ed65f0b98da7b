import type { MediaProblem } from '../types.ts';

/**
 * Which problem an error of `getUserMedia` stands for. The names are those of the Media Capture specification and the
 * older ones of browsers still in use; what they mean differs a little from browser to browser.
 */
export function problemOf(error: unknown, secure: boolean): MediaProblem {
  if (!secure) return 'insecure';
  const { name = '', message = '' } = error as { name?: string; message?: string };
  switch (name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
      // Chromium: «Permission denied by system»; macOS and Windows have switches of their own for each program.
      return /system/i.test(message) ? 'denied-by-system' : 'denied';
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'DevicesNotFoundError':
    case 'OverconstrainedError':
      return 'not-found';
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      // The last is Firefox's «Starting videoinput failed», when another program has the camera.
      return 'in-use';
    default:
      return 'failed';
  }
}
