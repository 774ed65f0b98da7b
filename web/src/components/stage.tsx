import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { useCall } from '../state/use-call.ts';
import { AloneCard } from './alone-card.tsx';
import { TileView } from './tile.tsx';

/** The tiles of the page that is looked at, each where the layout puts it. */
export function Stage() {
  const { layout, store } = useCall();
  const element = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (element.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const { width, height } = entry.contentRect;
      layout.box.value = { width, height };
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [layout]);

  const { tiles } = layout.arrangement.value;
  const byKey = new Map(layout.tiles.value.map((tile) => [tile.key, tile]));
  const alone = store.people.value.length === 1 && store.state.value === 'joined';

  return (
    <section class="stage" aria-label={t('call.stage')}>
      <div ref={element} class="stage-box">
        {tiles.map(({ key, rect, role }) => {
          const tile = byKey.get(key);
          return tile === undefined ? null : <TileView key={key} tile={tile} rect={rect} role={role} />;
        })}
      </div>
      {alone && <AloneCard />}
    </section>
  );
}
