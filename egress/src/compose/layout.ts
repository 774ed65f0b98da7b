import { z } from 'zod';

/** Which film is made of a recording; `height` in pixels. */
export const filmChoice = z.object({
  /** `screen`: a shared screen with who speaks. */
  layout: z.enum(['grid', 'speaker', 'screen', 'audio']),
  height: z.union([z.literal(720), z.literal(1080)]),
});
export type FilmChoice = z.infer<typeof filmChoice>;
/** How the pictures of a recording are arranged. */
export type Layout = FilmChoice['layout'];

export type Rect = { x: number; y: number; width: number; height: number };

/** Somebody's camera, or a screen, that is to be seen. */
export type Shown = { key: string; kind: 'camera' | 'screen' };

const GAP = 8;

/**
 * Places what is shown on a canvas; what there is no room for is left out. `focus` is the key of who speaks.
 * `screen` shows screens large, with who speaks beside them; without a screen it is `speaker`. `audio` shows nothing.
 */
export function arrange(
  layout: Layout,
  shown: readonly Shown[],
  focus: string | undefined,
  canvas: { width: number; height: number },
): Map<string, Rect> {
  if (layout === 'audio') return new Map();
  const cameras = shown.filter(({ kind }) => kind === 'camera');
  const screens = shown.filter(({ kind }) => kind === 'screen');
  if (layout === 'grid') return grid([...screens, ...cameras], { x: 0, y: 0, ...canvas });
  const speaker = cameras.find(({ key }) => key === focus) ?? cameras[0];
  if (screens.length > 0) {
    const side = Math.round(canvas.width * 0.2);
    const main = grid(screens, { x: 0, y: 0, width: canvas.width - side, height: canvas.height });
    const beside = layout === 'screen' ? (speaker ? [speaker] : []) : cameras;
    return new Map([...main, ...column(beside, { x: canvas.width - side, y: 0, width: side, height: canvas.height })]);
  }
  if (!speaker) return new Map();
  const others = cameras.filter((camera) => camera !== speaker);
  if (layout === 'screen' || others.length === 0) return grid([speaker], { x: 0, y: 0, ...canvas });
  const strip = Math.round(canvas.height * 0.2);
  const main = grid([speaker], { x: 0, y: 0, width: canvas.width, height: canvas.height - strip });
  return new Map([...main, ...row(others, { x: 0, y: canvas.height - strip, width: canvas.width, height: strip })]);
}

/** Tiles of 16:9, as large as they can be, the last line centred. */
function grid(shown: readonly Shown[], area: Rect): Map<string, Rect> {
  const placed = new Map<string, Rect>();
  if (shown.length === 0) return placed;
  const { columns, width, height } = bestGrid(shown.length, area);
  const rows = Math.ceil(shown.length / columns);
  const top = area.y + (area.height - rows * height - (rows - 1) * GAP) / 2;
  for (const [index, { key }] of shown.entries()) {
    const line = Math.floor(index / columns);
    const inLine = Math.min(columns, shown.length - line * columns);
    const left = area.x + (area.width - inLine * width - (inLine - 1) * GAP) / 2;
    placed.set(
      key,
      even({ x: left + (index % columns) * (width + GAP), y: top + line * (height + GAP), width, height }),
    );
  }
  return placed;
}

function bestGrid(count: number, { width, height }: Rect): { columns: number; width: number; height: number } {
  let best = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const cell = Math.min((width - (columns - 1) * GAP) / columns, (((height - (rows - 1) * GAP) / rows) * 16) / 9);
    if (cell > best.width) best = { columns, width: cell, height: (cell * 9) / 16 };
  }
  return best;
}

function row(shown: readonly Shown[], area: Rect): Map<string, Rect> {
  const width = ((area.height - GAP) * 16) / 9;
  const fitting = shown.slice(0, Math.max(1, Math.floor((area.width + GAP) / (width + GAP))));
  return grid(fitting, { ...area, y: area.y + GAP, height: area.height - GAP });
}

function column(shown: readonly Shown[], area: Rect): Map<string, Rect> {
  const width = area.width - GAP;
  const height = (width * 9) / 16;
  const fitting = shown.slice(0, Math.max(1, Math.floor((area.height + GAP) / (height + GAP))));
  return new Map(
    fitting.map(({ key }, index) => [
      key,
      even({ x: area.x + GAP, y: area.y + index * (height + GAP), width, height }),
    ]),
  );
}

/** 4:2:0 has a colour for each two pixels. */
function even({ x, y, width, height }: Rect): Rect {
  const two = (value: number) => Math.floor(value / 2) * 2;
  return { x: two(x), y: two(y), width: Math.max(2, two(width)), height: Math.max(2, two(height)) };
}
