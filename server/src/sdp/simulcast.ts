import { type MediaDescription, parseSimulcastStreamList } from 'sdp-transform';

type Rid = { id: string; params: string };

/** Names of layers that are in use, from the lowest to the highest. */
const LADDERS = [
  ['q', 'h', 'f'],
  ['l', 'm', 'h'],
  ['low', 'mid', 'high'],
  ['low', 'medium', 'high'],
  ['r0', 'r1', 'r2', 'r3'],
  ['lo', 'mi', 'hi'],
] as const;

/** The rids that a section sends, in the order in which it lists them (RFC 8853); empty without simulcast. */
export function offeredRids(media: MediaDescription): string[] {
  const sent = new Set((media.rids ?? []).filter(({ direction }) => direction === 'send').map(({ id }) => String(id)));
  const { simulcast } = media;
  const list = simulcast?.dir1 === 'send' ? simulcast.list1 : simulcast?.dir2 === 'send' ? simulcast.list2 : undefined;
  if (list === undefined) return [];
  // Of alternatives the first.
  const rids = parseSimulcastStreamList(list).flatMap(([first]) => (first ? [String(first.scid)] : []));
  return [...new Set(rids)].filter((rid) => sent.has(rid));
}

/**
 * Puts rids into the order from the lowest layer to the highest. What the offer says of their sizes decides, then names that
 * are in use; else the list is taken to begin with the best, as RFC 8853 has it and OBS does ("0" is its largest).
 */
export function fromLowToHigh(rids: readonly string[], media: MediaDescription): string[] {
  const byId = new Map((media.rids ?? []).map(({ id, params }): [string, Rid] => [String(id), ridOf(id, params)]));
  const sizes = rids.map((rid) => sizeOf(byId.get(rid)?.params ?? ''));
  if (sizes.every((size) => size !== undefined) && new Set(sizes).size === sizes.length) {
    return rids.toSorted((a, b) => (sizes[rids.indexOf(a)] ?? 0) - (sizes[rids.indexOf(b)] ?? 0));
  }
  const ladder = LADDERS.find((names) => rids.every((rid) => (names as readonly string[]).includes(rid.toLowerCase())));
  if (ladder) {
    const rank = (rid: string) => (ladder as readonly string[]).indexOf(rid.toLowerCase());
    return rids.toSorted((a, b) => rank(a) - rank(b));
  }
  return rids.toReversed();
}

/** Of more layers than can be forwarded, the lowest for those with a thin link, and the highest ones. */
export function atMost(layers: readonly string[], most: number): string[] {
  return layers.length <= most ? [...layers] : [...layers.slice(0, 1), ...layers.slice(1 - most)];
}

function ridOf(id: number | string, params: string | undefined): Rid {
  return { id: String(id), params: params ?? '' };
}

/** By the restrictions of RFC 8851, section 5, whichever there are. */
function sizeOf(params: string): number | undefined {
  const found = new Map([...params.matchAll(/(max-[a-z]+)=(\d+)/g)].map(([, key, value]) => [key, Number(value)]));
  return found.get('max-height') ?? found.get('max-width') ?? found.get('max-fs') ?? found.get('max-br');
}
