import { type SoundProfile, soundSettings } from '../media/encodings.ts';

/** Opus settings that each side writes into what it was told, for what it sends itself: RFC 7587 §6.1. */
export function tuneOpus(sdp: string, profile: SoundProfile): string {
  const { stereo, dtx, bitrate } = soundSettings(profile);
  const wanted: Record<string, string> = {
    stereo: stereo ? '1' : '0',
    usedtx: dtx ? '1' : '0',
    maxaveragebitrate: `${bitrate}`,
  };
  const payloadTypes = new Set([...sdp.matchAll(/^a=rtpmap:(\d+) opus\/48000\/2\r?$/gim)].map((match) => match[1]));
  return sdp.replace(/^a=fmtp:(\d+) ([^\r\n]*)/gm, (line, payloadType: string, parameters: string) => {
    if (!payloadTypes.has(payloadType)) return line;
    const merged = new Map(parameters.split(';').map((pair) => pair.trim().split('=') as [string, string]));
    for (const [name, value] of Object.entries(wanted)) merged.set(name, value);
    return `a=fmtp:${payloadType} ${[...merged].map(([name, value]) => `${name}=${value}`).join(';')}`;
  });
}

/**
 * Lets the bandwidth estimation begin at this rate, in kilobits per second, rather than at Chromium's 300, from which the
 * way up takes seconds. A setting of libwebrtc; other browsers pass over it.
 */
export function startVideoAt(sdp: string, kilobits: number): string {
  const setting = `x-google-start-bitrate=${kilobits}`;
  return sdp
    .replace(/^a=rtpmap:(\d+) (?:VP8|VP9|H264|AV1)\/90000\r?\n/gm, (line, payloadType: string) => {
      const hasFmtp = new RegExp(`^a=fmtp:${payloadType} `, 'm').test(sdp);
      return hasFmtp ? line : `${line}a=fmtp:${payloadType} ${setting}\r\n`;
    })
    .replace(/^(a=fmtp:(\d+) [^\r\n]*)/gm, (line, _all, payloadType: string) => {
      const isVideo = new RegExp(`^a=rtpmap:${payloadType} (?:VP8|VP9|H264|AV1)/90000`, 'm').test(sdp);
      return isVideo && !line.includes(setting) ? `${line};${setting}` : line;
    });
}

/** The codecs with the preferred ones first and the rest in their order, as `setCodecPreferences` wants them. */
export function preferCodecs<C extends { mimeType: string }>(codecs: readonly C[], preferred: readonly string[]): C[] {
  const rank = (codec: C) => {
    const index = preferred.indexOf(codec.mimeType.toLowerCase());
    return index < 0 ? preferred.length : index;
  };
  return codecs.toSorted((a, b) => rank(a) - rank(b));
}
