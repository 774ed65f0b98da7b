import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LaunchOptions } from '@playwright/test';
import { voiceWav } from './voice.ts';

/** Debian's Chromium; another one by the environment. */
export const CHROMIUM = process.env['AMPHI_CHROMIUM'] ?? '/usr/bin/chromium';

function voiceFile(): string {
  const path = join(tmpdir(), `amphi-voice-${process.getuid?.() ?? 0}.wav`);
  writeFileSync(path, voiceWav());
  return path;
}

/** Of the fake camera; 15 are enough to see and cheap to encode. */
export type BrowserOptions = { framesPerSecond?: number; args?: readonly string[] };

/** How every test browser is started: fake devices, no prompts, and nothing that talks to the network by itself. */
export function launchOptions({ framesPerSecond = 15, args = [] }: BrowserOptions = {}): LaunchOptions {
  return {
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--use-fake-ui-for-media-stream',
      // More than one of each device, so that one can switch. The second camera is a depth camera (Y16), which
      // shows in a page and is not sent by WebRTC.
      `--use-fake-device-for-media-stream=device-count=3,fps=${framesPerSecond}`,
      `--use-file-for-fake-audio-capture=${voiceFile()}`,
      '--autoplay-policy=no-user-gesture-required',
      // Browsers on one machine without any network reach each other over loopback.
      '--allow-loopback-in-peer-connection',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  };
}
