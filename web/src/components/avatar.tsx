/** The first letters of the first and the last word of a name. */
export function initialsOf(name: string): string {
  const words = name
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  const picked = words.length > 1 ? [words[0], words.at(-1)] : words;
  return picked
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toLocaleUpperCase();
}

/** One of a few colours, always the same for the same name. */
export function hueOf(name: string): number {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 997;
  return hash % 8;
}

/** Stands for somebody whose camera is off. */
export function Avatar({ name, small = false }: { name: string; small?: boolean }) {
  return (
    <div class={`avatar avatar-${hueOf(name)} ${small ? 'avatar-small' : ''}`} aria-hidden="true">
      {initialsOf(name)}
    </div>
  );
}
