/** Rows of seats, from the stage outwards: radius and count of seats. */
const ROWS = [
  { radius: 74, seats: 9 },
  { radius: 112, seats: 13 },
  { radius: 150, seats: 17 },
  { radius: 188, seats: 21 },
];
/** The seats that are taken, by row and seat. */
const TAKEN = new Set(['0-2', '0-6', '1-4', '1-9', '2-2', '2-8', '2-13', '3-5', '3-12', '3-17']);

function seat(radius: number, index: number, count: number) {
  const angle = Math.PI * (1.06 - (1.12 * index) / (count - 1));
  return { x: 220 + radius * Math.cos(angle), y: 232 - radius * Math.sin(angle) };
}

/** An amphitheatre from above: tiers of seats around the stage where two talk. */
export function HeroArt() {
  return (
    <svg class="hero-art" viewBox="0 0 440 330" aria-hidden="true" focusable="false">
      {ROWS.map(({ radius, seats }, row) =>
        Array.from({ length: seats }, (_, index) => {
          const { x, y } = seat(radius, index, seats);
          const taken = TAKEN.has(`${row}-${index}`);
          return (
            <circle
              key={`${row}-${index}`}
              class={taken ? 'seat seat-taken' : 'seat'}
              cx={x}
              cy={y}
              r={taken ? 11 : 7}
            />
          );
        }),
      )}
      <ellipse class="hero-stage" cx="220" cy="248" rx="46" ry="16" />
      <path class="hero-line" d="M200 246h40" />
      <circle class="hero-one" cx="200" cy="240" r="13" />
      <circle class="hero-two" cx="240" cy="240" r="13" />
    </svg>
  );
}
