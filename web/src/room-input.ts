/** The names that the server takes: 3 to 64 of a-z, 0-9 and single dashes between them. */
const ROOM_ID = /^(?=.{3,64}$)[a-z0-9](?:-?[a-z0-9])+$/;

export function isRoomId(text: string): boolean {
  return ROOM_ID.test(text);
}

/** What a person typed or pasted, a name or a whole link, as the name of a room. Null when it can be neither. */
export function readRoomInput(text: string): string | null {
  const trimmed = text.trim();
  const fromLink = /\/r\/([^/?#\s]+)/.exec(trimmed)?.[1];
  const name = suggestRoomId(fromLink ?? trimmed);
  return isRoomId(name) ? name : null;
}

/** The fragment of a pasted link, which may carry a host key or a token; else nothing. */
export function fragmentOf(text: string): string {
  return /\/r\/[^/?#\s]+[^#\s]*(#\S+)/.exec(text.trim())?.[1] ?? '';
}

/** The nearest allowed name: `Team Sync!` becomes `team-sync`. It can be too short still. */
export function suggestRoomId(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 64)
    .replaceAll(/^-+|-+$/g, '');
}
