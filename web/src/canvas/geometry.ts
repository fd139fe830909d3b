import type { Shape } from '../../../client/index.ts';
import type { Point } from './camera.ts';

/*
 * Where a shape is. Its own coordinates begin at (0, 0), the top left of a box, the first point of a line; on the board it is scaled,
 * then turned around that point, then moved to (x, y).
 */
export type Box = Readonly<{ x: number; y: number; width: number; height: number }>;

export const boxAround = (points: readonly Point[]): Box => {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of points) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
};
export const corners = ({ x, y, width, height }: Box): [Point, Point, Point, Point] => [{ x, y }, { x: x + width, y }, { x: x + width, y: y + height }, { x, y: y + height }];
export const union = (boxes: readonly Box[]): Box | undefined => (boxes.length === 0 ? undefined : boxAround(boxes.flatMap((box) => [{ x: box.x, y: box.y }, { x: box.x + box.width, y: box.y + box.height }])));
export const inflated = (box: Box, by: number): Box => ({ x: box.x - by, y: box.y - by, width: box.width + 2 * by, height: box.height + 2 * by });
export const meet = (a: Box, b: Box): boolean => a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;
export const contains = (outer: Box, inner: Box): boolean => inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height;
export const centre = ({ x, y, width, height }: Box): Point => ({ x: x + width / 2, y: y + height / 2 });

export const turned = ({ x, y }: Point, angle: number, around: Point = { x: 0, y: 0 }): Point => {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const [dx, dy] = [x - around.x, y - around.y];
  return { x: around.x + dx * cos - dy * sin, y: around.y + dx * sin + dy * cos };
};
type Place = Pick<Shape, 'x' | 'y' | 'rotation' | 'scale'>;
export const toShape = (shape: Place, { x, y }: Point): Point => {
  const straight = turned({ x: x - shape.x, y: y - shape.y }, -shape.rotation);
  return { x: straight.x / shape.scale, y: straight.y / shape.scale };
};
export const fromShape = (shape: Place, { x, y }: Point): Point => {
  const there = turned({ x: x * shape.scale, y: y * shape.scale }, shape.rotation);
  return { x: there.x + shape.x, y: there.y + shape.y };
};

/** In its own coordinates, without the width of its line. */
export function ownBox(shape: Shape): Box {
  switch (shape.type) {
    case 'stroke': {
      let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
      for (let i = 0; i + 1 < shape.points.length; i += 4) {
        const [x = 0, y = 0] = [shape.points[i], shape.points[i + 1]];
        if (x < left) left = x;
        if (x > right) right = x;
        if (y < top) top = y;
        if (y > bottom) bottom = y;
      }
      return left > right ? { x: 0, y: 0, width: 0, height: 0 } : { x: left, y: top, width: right - left, height: bottom - top };
    }
    case 'line': case 'arrow': return boxAround([{ x: 0, y: 0 }, shape.to]);
    default: return { x: 0, y: 0, width: shape.width, height: shape.height };
  }
}

/** Shapes never change in place, so what was worked out of one holds as long as it lives. */
const boxes = new WeakMap<Shape, Box>();

/** On the board, without the width of its line. */
export function boxOf(shape: Shape): Box {
  const known = boxes.get(shape);
  if (known) return known;
  const box = boxAround(corners(ownBox(shape)).map((corner) => fromShape(shape, corner)));
  boxes.set(shape, box);
  return box;
}

/** How far its ink reaches beyond its box. */
export const reach = ({ type, style, scale }: Shape): number => (type === 'arrow' ? Math.max(style.width * 4, 14) : style.width) * scale + 2;

const fromSegment = (p: Point, a: Point, b: Point): number => {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const squared = dx * dx + dy * dy;
  const t = squared === 0 ? 0 : Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / squared));
  return Math.hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
};

/** Whether the ink (or what it encloses, when it is filled) is within `tolerance` board units of a point. */
export function hits(shape: Shape, at: Point, tolerance: number): boolean {
  const box = boxOf(shape);
  if (!meet(inflated(box, reach(shape) + tolerance), { x: at.x, y: at.y, width: 0, height: 0 })) return false;
  const p = toShape(shape, at);
  const near = tolerance / shape.scale + shape.style.width / 2;
  switch (shape.type) {
    case 'line': case 'arrow': return fromSegment(p, { x: 0, y: 0 }, shape.to) <= near;
    case 'stroke': {
      const { points } = shape;
      let last = { x: points[0] ?? 0, y: points[1] ?? 0 };
      if (points.length === 4) return Math.hypot(p.x - last.x, p.y - last.y) <= near;
      for (let i = 4; i + 1 < points.length; i += 4) {
        const next = { x: points[i] ?? 0, y: points[i + 1] ?? 0 };
        if (fromSegment(p, last, next) <= near) return true;
        last = next;
      }
      return false;
    }
    case 'ellipse': {
      const [rx, ry] = [shape.width / 2, shape.height / 2];
      const [dx, dy] = [p.x - rx, p.y - ry];
      const distance = Math.hypot(dx / (rx + near), dy / (ry + near));
      return distance <= 1 && (shape.style.fill !== undefined || Math.hypot(dx / Math.max(1e-6, rx - near), dy / Math.max(1e-6, ry - near)) >= 1);
    }
    case 'rectangle': {
      const inside = p.x >= -near && p.y >= -near && p.x <= shape.width + near && p.y <= shape.height + near;
      return inside && (shape.style.fill !== undefined || p.x <= near || p.y <= near || p.x >= shape.width - near || p.y >= shape.height - near);
    }
    case 'text': case 'sticky': case 'image': return p.x >= -near && p.y >= -near && p.x <= shape.width + near && p.y <= shape.height + near;
  }
}
