import type { View } from '@amphi/client';

/** Reports how large an element is shown, in device pixels, and whether it can be seen at all. Answers what ends it. */
export function watchView(element: Element, report: (view: View) => void): () => void {
  let onScreen = true;
  let width = 0;
  let height = 0;
  const send = () => {
    const visible = onScreen && document.visibilityState === 'visible';
    report({ visible, width: Math.round(width * devicePixelRatio), height: Math.round(height * devicePixelRatio) });
  };
  const sizes = new ResizeObserver(([entry]) => {
    if (entry === undefined) return;
    ({ width, height } = entry.contentRect);
    send();
  });
  const sight = new IntersectionObserver(([entry]) => {
    onScreen = entry?.isIntersecting ?? true;
    send();
  });
  sizes.observe(element);
  sight.observe(element);
  document.addEventListener('visibilitychange', send);
  return () => {
    sizes.disconnect();
    sight.disconnect();
    document.removeEventListener('visibilitychange', send);
  };
}
