import type { Call, MediaSettings } from '@amphi/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { captureSettings } from './capture-settings.ts';

const media = { cameraHeight: 360 } as MediaSettings;

function fakeCall() {
  let listener: ((state: Call['state']) => void) | undefined;
  const call = {
    media: null as MediaSettings | null,
    on: ((_name: string, told: (state: Call['state']) => void) => {
      listener = told;
      return () => (listener = undefined);
    }) as Call['on'],
  };
  return { call, tell: (state: Call['state']) => listener?.(state), heard: () => listener !== undefined };
}

describe('the capture settings', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('are there at once when the call is connected', async () => {
    expect(await captureSettings({ ...fakeCall().call, media })).toBe(media);
  });

  it('come with the connection', async () => {
    const { call, tell, heard } = fakeCall();
    const asked = captureSettings(call);
    tell('connecting');
    call.media = media;
    tell('connected');
    expect(await asked).toBe(media);
    expect(heard()).toBe(false);
  });

  it('are not waited for when the call is refused', async () => {
    const { call, tell } = fakeCall();
    const asked = captureSettings(call);
    tell('ended');
    expect(await asked).toBeUndefined();
  });

  it('are not waited for when the server does not answer', async () => {
    const asked = captureSettings(fakeCall().call);
    await vi.advanceTimersByTimeAsync(1500);
    expect(await asked).toBeUndefined();
  });
});
