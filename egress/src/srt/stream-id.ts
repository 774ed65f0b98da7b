/** What a caller wants, by its stream id. */
export type SrtRequest = {
  key: string;
  /** Whether it is going to send, and nothing else. */
  publishes: boolean;
};

/**
 * The stream key is the whole stream id, or the resource in one that is written as SRT recommends it, "#!::r=KEY,m=publish"
 * (SRT Access Control Guidelines). Some programs, FFmpeg 5 among them, send it as it was written in an address.
 */
export function readStreamRequest(streamId: string): SrtRequest {
  const text = decoded(streamId);
  if (!text.startsWith('#!::')) return { key: text, publishes: true };
  const pairs = text
    .slice(4)
    .split(',')
    .map((pair) => pair.split('='));
  const valueOf = (name: string): string | undefined => pairs.find(([key]) => key === name)?.[1];
  return { key: valueOf('r') ?? '', publishes: (valueOf('m') ?? 'publish') === 'publish' };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
