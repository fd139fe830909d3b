import { shapesOfPage, type BoardDoc, type Shape } from '../../../client/index.ts';
import type { Camera } from './camera.ts';
import { boxOf, inflated, meet, reach, union, type Box } from './geometry.ts';
import { paint, type PaintWith } from './paint.ts';

/*
 * The board's shapes on a canvas, at most once a frame, and no more of it than needed:
 *   a change      repaints the boxes of what changed, clipped to them
 *   a pan         moves the pixels and repaints the strips that came into view
 *   a zoom        repaints everything; where that takes long, the old pixels are stretched until the fingers rest
 */
export type Picture = {
  shapes(): readonly Shape[];
  show(doc: BoardDoc, page: string): void;
  /** Shapes as they are being dragged, in place of what the board has; and those that are not to be seen (a text being edited). */
  preview(changed: ReadonlyMap<string, Shape>, hidden: ReadonlySet<string>): void;
  look(camera: Camera): void;
  resize(width: number, height: number, ratio: number): void;
  /** The paper's colour changed, an image has loaded: all of it again. */
  refresh(): void;
  stats(): { frames: number; fullMs: number; painted: number };
};

type Pattern = 'grid' | 'dots' | 'lines';
/** Above this a full repaint is too slow to be done for every step of a zoom. */
const slowMs = 12;
const restMs = 120;

export function createPicture(canvas: HTMLCanvasElement, env: PaintWith): Picture {
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw new Error('There is no 2d canvas here.');
  let doc: BoardDoc | undefined;
  let page = '';
  let source: readonly Shape[] = [];
  let shown: readonly Shape[] = [];
  let changed: ReadonlyMap<string, Shape> = new Map();
  let hidden: ReadonlySet<string> = new Set();
  let camera: Camera = { x: 0, y: 0, zoom: 1 };
  /** What the pixels show. */
  let painted: Camera = camera;
  let [width, height, ratio] = [0, 0, 1];
  let dirty: Box[] = [];
  let full = true;
  let asked = false;
  let resting: ReturnType<typeof setTimeout> | undefined;
  const stats = { frames: 0, fullMs: 0, painted: 0 };

  const ask = (): void => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(frame);
  };
  const inkBox = (shape: Shape): Box => inflated(boxOf(shape), reach(shape) + (shape.type === 'sticky' ? 16 : 0));

  const rebuild = (): void => {
    const next = changed.size === 0 && hidden.size === 0 ? source : source.filter(({ id }) => !hidden.has(id)).map((shape) => changed.get(shape.id) ?? shape);
    const before = new Map(shown.map((shape, i) => [shape.id, { shape, i }]));
    let at = -1;
    for (const shape of next) {
      const old = before.get(shape.id);
      before.delete(shape.id);
      // Its place among the others that were there counts too: whoever came to the front covers more now.
      if (old?.shape === shape && old.i > at) {
        at = old.i;
        continue;
      }
      if (old) dirty.push(inkBox(old.shape));
      dirty.push(inkBox(shape));
    }
    for (const { shape } of before.values()) dirty.push(inkBox(shape));
    shown = next;
    if (dirty.length > 0) ask();
  };

  const window_ = (): Box => ({ x: camera.x, y: camera.y, width: width / camera.zoom, height: height / camera.zoom });

  const paintArea = (area: Box): void => {
    // Whole pixels, or seams would show where areas meet.
    const scale = camera.zoom * ratio;
    const left = Math.floor((area.x - camera.x) * scale) - 1;
    const top = Math.floor((area.y - camera.y) * scale) - 1;
    const right = Math.ceil((area.x + area.width - camera.x) * scale) + 1;
    const bottom = Math.ceil((area.y + area.height - camera.y) * scale) + 1;
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.clip();
    const { color, pattern } = paper();
    context.fillStyle = color;
    context.fillRect(left, top, right - left, bottom - top);
    context.setTransform(scale, 0, 0, scale, -camera.x * scale, -camera.y * scale);
    const seen = { x: left / scale + camera.x, y: top / scale + camera.y, width: (right - left) / scale, height: (bottom - top) / scale };
    if (pattern) paintPattern(context, pattern, seen, camera.zoom, env.dark);
    for (const shape of shown) {
      const box = inkBox(shape);
      if (!meet(box, seen)) continue;
      stats.painted++;
      // Smaller than a pixel: a speck says as much.
      if ((box.width - 2 * reach(shape)) * scale < 1 && (box.height - 2 * reach(shape)) * scale < 1 && reach(shape) * scale < 1) {
        context.fillStyle = shape.style.color;
        context.fillRect(box.x, box.y, 1 / scale, 1 / scale);
      } else paint(context, shape, env);
    }
    context.restore();
  };
  const paper = (): { color: string; pattern: Pattern | undefined } => {
    const background = doc?.pages.find(({ id }) => id === page)?.background;
    return { color: env.dark ? '#1a1c21' : (background?.color ?? '#ffffff'), pattern: background ? background.pattern : 'dots' };
  };

  const shift = (): void => {
    const scale = camera.zoom * ratio;
    const dx = (painted.x - camera.x) * scale;
    const dy = (painted.y - camera.y) * scale;
    if (Math.abs(dx) >= canvas.width || Math.abs(dy) >= canvas.height || !Number.isInteger(Math.round(dx * 1e6) / 1e6) || !Number.isInteger(Math.round(dy * 1e6) / 1e6)) {
      full = true;
      return;
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(canvas, dx, dy);
    const seen = window_();
    const [bx, by] = [dx / scale, dy / scale];
    if (dx !== 0) dirty.push({ x: dx > 0 ? seen.x : seen.x + seen.width + bx, y: seen.y, width: Math.abs(bx), height: seen.height });
    if (dy !== 0) dirty.push({ x: seen.x, y: dy > 0 ? seen.y : seen.y + seen.height + by, width: seen.width, height: Math.abs(by) });
  };

  const stretch = (): boolean => {
    if (camera.zoom === painted.zoom || stats.fullMs < slowMs) return false;
    const by = camera.zoom / painted.zoom;
    canvas.style.transform = `translate(${(painted.x - camera.x) * camera.zoom}px, ${(painted.y - camera.y) * camera.zoom}px) scale(${by})`;
    clearTimeout(resting);
    resting = setTimeout(() => {
      resting = undefined;
      full = true;
      ask();
    }, restMs);
    return true;
  };

  const frame = (): void => {
    asked = false;
    stats.frames++;
    if (width === 0 || height === 0) return;
    if (!full && resting === undefined && camera.zoom === painted.zoom && camera !== painted) shift();
    if (!full && stretch()) return;
    if (camera.zoom !== painted.zoom) full = true;
    clearTimeout(resting);
    resting = undefined;
    canvas.style.transform = '';
    painted = camera;
    const seen = window_();
    const areas = dirty.filter((area) => meet(area, seen));
    dirty = [];
    if (full || areas.reduce((sum, area) => sum + area.width * area.height, 0) > seen.width * seen.height * 0.7) {
      const began = performance.now();
      paintArea(seen);
      stats.fullMs = performance.now() - began;
    } else if (areas.length > 12) paintArea(union(areas) ?? seen);
    else for (const area of areas) paintArea(area);
    full = false;
  };

  return {
    shapes: () => shown,
    show(next, nextPage) {
      const sameShapes = doc?.shapes === next.shapes && doc.pages === next.pages && page === nextPage;
      const papers = doc?.pages !== next.pages || page !== nextPage;
      doc = next;
      page = nextPage;
      if (sameShapes) return;
      if (papers) full = true;
      source = shapesOfPage(next, nextPage);
      rebuild();
      if (full) ask();
    },
    preview(nextChanged, nextHidden) {
      if (nextChanged.size === 0 && nextHidden.size === 0 && changed.size === 0 && hidden.size === 0) return;
      changed = nextChanged;
      hidden = nextHidden;
      rebuild();
    },
    look(next) {
      // On whole pixels, so that a pan can move what is painted.
      const scale = next.zoom * ratio;
      camera = { zoom: next.zoom, x: Math.round(next.x * scale) / scale, y: Math.round(next.y * scale) / scale };
      ask();
    },
    resize(nextWidth, nextHeight, nextRatio) {
      [width, height, ratio] = [nextWidth, nextHeight, nextRatio];
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
      full = true;
      ask();
    },
    refresh() {
      full = true;
      ask();
    },
    stats: () => ({ ...stats }),
  };
}

function paintPattern(context: CanvasRenderingContext2D, pattern: Pattern, seen: Box, zoom: number, dark: boolean): void {
  let step = 32;
  while (step * zoom < 18) step *= 2;
  const size = (pattern === 'dots' ? 1.6 : 1) / zoom;
  context.fillStyle = dark ? 'rgb(255 255 255 / .11)' : 'rgb(20 30 60 / .13)';
  const [x0, y0] = [Math.floor(seen.x / step) * step, Math.floor(seen.y / step) * step];
  if (pattern !== 'dots') {
    for (let y = y0; y <= seen.y + seen.height; y += step) context.fillRect(seen.x, y, seen.width, size);
    if (pattern === 'grid') for (let x = x0; x <= seen.x + seen.width; x += step) context.fillRect(x, seen.y, size, seen.height);
    return;
  }
  for (let y = y0; y <= seen.y + seen.height; y += step) for (let x = x0; x <= seen.x + seen.width; x += step) context.fillRect(x - size / 2, y - size / 2, size, size);
}
