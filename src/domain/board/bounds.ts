import { numbersPerPoint } from './limits.ts';
import type { Shape } from './shapes.ts';
import { defaultFontSize } from './svgParts.ts';

export type Box = { x: number; y: number; width: number; height: number };

/** The box around shapes as they are drawn, ink included. Undefined: there is nothing. */
export function boundsOf(shapes: readonly Shape[]): Box | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const shape of shapes) {
    const [x0, y0, x1, y1] = ownBox(shape);
    const [sin, cos] = [Math.sin(shape.rotation) * shape.scale, Math.cos(shape.rotation) * shape.scale];
    for (const [px, py] of [[x0, y0], [x1, y0], [x0, y1], [x1, y1]] as const) {
      const [x, y] = [shape.x + px * cos - py * sin, shape.y + px * sin + py * cos];
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  return left <= right && top <= bottom ? { x: left, y: top, width: right - left, height: bottom - top } : undefined;
}

/** Left, top, right, bottom, before it is turned, scaled and moved. */
function ownBox(shape: Shape): [number, number, number, number] {
  const { width } = shape.style;
  switch (shape.type) {
    case 'stroke': {
      let box: [number, number, number, number] = [0, 0, 0, 0];
      for (let i = 0; i + 1 < shape.points.length; i += numbersPerPoint) {
        const [x, y] = [shape.points[i] ?? 0, shape.points[i + 1] ?? 0];
        box = i === 0 ? [x, y, x, y] : [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)];
      }
      return grown(box, width);
    }
    case 'line': case 'arrow':
      return grown([Math.min(0, shape.to.x), Math.min(0, shape.to.y), Math.max(0, shape.to.x), Math.max(0, shape.to.y)], shape.type === 'arrow' ? Math.max(12, width * 4) : width);
    case 'text':
      return [0, 0, shape.width, Math.max(shape.height, shape.style.fontSize ?? defaultFontSize)];
    case 'rectangle': case 'ellipse': case 'sticky': case 'image':
      return grown([0, 0, shape.width, shape.height], shape.type === 'rectangle' || shape.type === 'ellipse' ? width / 2 : 0);
  }
}

const grown = ([left, top, right, bottom]: [number, number, number, number], by: number): [number, number, number, number] => [left - by, top - by, right + by, bottom + by];
