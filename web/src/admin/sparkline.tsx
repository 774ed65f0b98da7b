const WIDTH = 120;
const HEIGHT = 32;

/** The path of a line through these values, the latest at the right edge, scaled to the largest. */
export function linePath(values: readonly number[], slots: number): string {
  const most = Math.max(...values, 1);
  const step = WIDTH / (slots - 1);
  const first = WIDTH - (values.length - 1) * step;
  return values
    .map((value, index) => {
      const y = HEIGHT - 1 - (value / most) * (HEIGHT - 2);
      return `${index === 0 ? 'M' : 'L'}${(first + index * step).toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}

/** How a figure went lately; the figure itself stands beside it. */
export function Sparkline({ values, label, slots = 60 }: { values: readonly number[]; label: string; slots?: number }) {
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {values.length > 1 && <path d={linePath(values, slots)} />}
    </svg>
  );
}
