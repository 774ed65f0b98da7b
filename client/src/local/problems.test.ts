import { expect, it } from 'vitest';
import { cameraConstraints, DEFAULT_CAPTURE, microphoneConstraints } from './constraints.ts';
import { problemOf } from './problems.ts';

it.each([
  ['NotAllowedError', 'Permission denied', 'denied'],
  ['NotAllowedError', 'Permission denied by system', 'denied-by-system'],
  ['PermissionDeniedError', '', 'denied'],
  ['SecurityError', '', 'denied'],
  ['NotFoundError', 'Requested device not found', 'not-found'],
  ['OverconstrainedError', '', 'not-found'],
  ['NotReadableError', 'Could not start video source', 'in-use'],
  ['AbortError', 'Starting videoinput failed', 'in-use'],
  ['TypeError', '', 'failed'],
])('%s «%s» is %s', (name, message, problem) => {
  expect(problemOf({ name, message }, true)).toBe(problem);
});

it('is insecure wherever there is no HTTPS', () => {
  expect(problemOf(new TypeError('mediaDevices is undefined'), false)).toBe('insecure');
});

it('asks for exactly the chosen device, and only prefers the remembered one', () => {
  expect(cameraConstraints({ id: 'x', exact: true }, DEFAULT_CAPTURE).deviceId).toEqual({ exact: 'x' });
  expect(cameraConstraints({ id: 'x', exact: false }, DEFAULT_CAPTURE)).toMatchObject({
    deviceId: { ideal: 'x' },
    width: { ideal: 1280 },
    height: { ideal: 720 },
  });
});

it('clears speech and leaves music alone', () => {
  const processing = (on: boolean) => ({ echoCancellation: on, noiseSuppression: on, autoGainControl: on });
  expect(microphoneConstraints(null, false)).toMatchObject(processing(true));
  expect(microphoneConstraints(null, true)).toMatchObject({ ...processing(false), channelCount: { ideal: 2 } });
});
