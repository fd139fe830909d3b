import type { Shape } from '../../../client/index.ts';
import { toScreen, type Camera, type Point } from '../canvas/camera.ts';
import { boxOf, centre, corners, fromShape, ownBox, turned, union, type Box } from '../canvas/geometry.ts';

/*
 * The frame around what is selected. One shape: its own box, turned with it; several: the straight box around all.
 */
export type Handle = 'nw' | 'ne' | 'se' | 'sw' | 'rotate' | 'from' | 'to';
export type Frame = { corners: readonly Point[]; handles: readonly { name: Handle; at: Point }[]; centre: Point };

/** CSS pixels. */
const rotateAbove = 28;
export const handleReach = 14;

/** In the window's pixels; undefined when there is nothing to frame. */
export function frameOf(shapes: readonly Shape[], camera: Camera): Frame | undefined {
  const [only] = shapes;
  if (!only) return undefined;
  if (shapes.length === 1 && (only.type === 'line' || only.type === 'arrow')) {
    const [from, to] = [{ x: 0, y: 0 }, only.to].map((point) => toScreen(camera, fromShape(only, point))) as [Point, Point];
    return { corners: [from, to], handles: [{ name: 'from', at: from }, { name: 'to', at: to }], centre: { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 } };
  }
  const onBoard = shapes.length === 1 ? corners(ownBox(only)).map((corner) => fromShape(only, corner)) : corners(union(shapes.map(boxOf)) as Box);
  const [nw, ne, se, sw] = onBoard.map((corner) => toScreen(camera, corner)) as [Point, Point, Point, Point];
  const top = { x: (nw.x + ne.x) / 2, y: (nw.y + ne.y) / 2 };
  const up = shapes.length === 1 ? turned({ x: 0, y: -rotateAbove }, only.rotation) : { x: 0, y: -rotateAbove };
  return {
    corners: [nw, ne, se, sw],
    handles: [{ name: 'nw', at: nw }, { name: 'ne', at: ne }, { name: 'se', at: se }, { name: 'sw', at: sw }, { name: 'rotate', at: { x: top.x + up.x, y: top.y + up.y } }],
    centre: { x: (nw.x + se.x) / 2, y: (nw.y + se.y) / 2 },
  };
}

export const handleAt = (frame: Frame, screen: Point): Handle | undefined =>
  frame.handles.find(({ at }) => Math.hypot(at.x - screen.x, at.y - screen.y) <= handleReach)?.name;

const rounded = (value: number): number => Math.round(value * 100) / 100;
const placed = <S extends Shape>(shape: S, at: Point, more: Partial<S> = {}): S => ({ ...shape, ...more, x: rounded(at.x), y: rounded(at.y) });

export const moved = (shape: Shape, dx: number, dy: number): Shape => placed(shape, { x: shape.x + dx, y: shape.y + dy });

export const rotated = (shape: Shape, angle: number, around: Point): Shape => {
  const rotation = Math.atan2(Math.sin(shape.rotation + angle), Math.cos(shape.rotation + angle));
  return placed(shape, turned(shape, angle, around), { rotation: Math.round(rotation * 1e4) / 1e4 });
};

export const boardCentre = (shapes: readonly Shape[]): Point => {
  const [only] = shapes;
  if (only && shapes.length === 1) return fromShape(only, centre(ownBox(only)));
  return centre(union(shapes.map(boxOf)) ?? { x: 0, y: 0, width: 0, height: 0 });
};

/** All by one factor, away from a point that stays. Boxes and lines change their measures, strokes their scale. */
export function scaled(shape: Shape, factor: number, around: Point): Shape {
  const at = { x: around.x + (shape.x - around.x) * factor, y: around.y + (shape.y - around.y) * factor };
  switch (shape.type) {
    case 'stroke': return placed(shape, at, { scale: Math.max(1e-3, Math.round(shape.scale * factor * 1e4) / 1e4) });
    case 'line': case 'arrow': return placed(shape, at, { to: { x: rounded(shape.to.x * factor), y: rounded(shape.to.y * factor) } });
    case 'text': return placed(shape, at, { width: rounded(shape.width * factor), height: rounded(shape.height * factor), style: { ...shape.style, fontSize: Math.min(1_000, Math.max(4, rounded((shape.style.fontSize ?? 24) * factor))) } });
    case 'rectangle': case 'ellipse': case 'sticky': case 'image':
      return placed(shape, at, { width: rounded(shape.width * factor), height: rounded(shape.height * factor) });
  }
}

const opposite = { nw: [1, 1], ne: [0, 1], se: [0, 0], sw: [1, 0] } as const;

/** One box, dragged by a corner; the opposite corner stays. `even`: keeps its proportions, as text and strokes always do. */
export function stretched(shape: Shape, handle: 'nw' | 'ne' | 'se' | 'sw', to: Point, even: boolean): Shape {
  const box = ownBox(shape);
  const [fx, fy] = opposite[handle];
  const fixedOwn = { x: box.x + fx * box.width, y: box.y + fy * box.height };
  const fixed = fromShape(shape, fixedOwn);
  const pull = turned({ x: to.x - fixed.x, y: to.y - fixed.y }, -shape.rotation);
  const [w, h] = [Math.max(4, (fx === 0 ? 1 : -1) * pull.x), Math.max(4, (fy === 0 ? 1 : -1) * pull.y)];
  const isBox = shape.type === 'rectangle' || shape.type === 'ellipse' || shape.type === 'sticky' || shape.type === 'image';
  if (!isBox || even) {
    const factor = Math.max(w / Math.max(1, box.width * shape.scale), h / Math.max(1, box.height * shape.scale));
    return scaled(shape, factor, fixed);
  }
  const [width, height] = [w / shape.scale, h / shape.scale];
  const next = { ...shape, width: rounded(width), height: rounded(height) };
  const now = fromShape(next, { x: fx * width, y: fy * height });
  return placed(next, { x: next.x + fixed.x - now.x, y: next.y + fixed.y - now.y });
}

/** A line's end, dragged. */
export function endMoved(shape: Extract<Shape, { type: 'line' | 'arrow' }>, end: 'from' | 'to', to: Point): Shape {
  const [from, there] = [{ x: 0, y: 0 }, shape.to].map((point) => fromShape(shape, point)) as [Point, Point];
  const [a, b] = end === 'from' ? [to, there] : [from, to];
  return placed(shape, a, { rotation: 0, scale: 1, to: { x: rounded(b.x - a.x), y: rounded(b.y - a.y) } });
}
