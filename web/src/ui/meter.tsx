import { useEffect, useRef } from 'preact/hooks';

/** A level that moves: read many times a second and written to the element itself, so that nothing renders again. */
export function Meter({ label, read }: { label: string; read: () => number }) {
  const bar = useRef<HTMLDivElement>(null);
  const reader = useRef(read);
  reader.current = read;

  useEffect(() => {
    let frame = 0;
    let shown = 0;
    const draw = () => {
      const level = Math.min(1, Math.max(0, reader.current()));
      // Rises at once and falls slowly, as the eye expects of a level.
      shown = Math.max(level, shown * 0.88);
      bar.current?.style.setProperty('--level', shown.toFixed(3));
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, []);

  return (
    <div ref={bar} class="meter" role="img" aria-label={label}>
      <div class="meter-fill" />
    </div>
  );
}
