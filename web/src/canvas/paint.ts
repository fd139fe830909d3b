import type { Shape } from '../../../client/index.ts';
import { fillOn, inkOn } from './ink.ts';
import { strokePath, type StrokePath } from './strokePath.ts';
import { fittingSize, fontFamily, lineHeight, linesOf } from './textLayout.ts';

export type PaintWith = {
  dark: boolean;
  /** Undefined while it loads; whoever has it then asks for the shape to be painted again. */
  image(sha256: string): CanvasImageSource | undefined;
};

const strokes = new WeakMap<readonly number[], StrokePath & { width: number }>();
const layouts = new WeakMap<Shape, { size: number; lines: string[] }>();
export const stickyPadding = 14;
export const defaultFontSize = 24;

function pathOf(points: readonly number[], width: number): StrokePath {
  const known = strokes.get(points);
  if (known?.width === width) return known;
  const made = { ...strokePath(points, width), width };
  strokes.set(points, made);
  return made;
}

function layoutOf(shape: Extract<Shape, { text: string }>): { size: number; lines: string[] } {
  const known = layouts.get(shape);
  if (known) return known;
  const most = shape.style.fontSize ?? defaultFontSize;
  const [width, height] = shape.type === 'sticky' ? [shape.width - 2 * stickyPadding, shape.height - 2 * stickyPadding] : [shape.width + 1, Infinity];
  const size = shape.type === 'sticky' ? fittingSize(shape.text, most, width, height) : most;
  const layout = { size, lines: linesOf(shape.text, size, width) };
  layouts.set(shape, layout);
  return layout;
}

const dashes = (dash: 'dashed' | 'dotted' | undefined, width: number): number[] => (dash === 'dashed' ? [width * 3 + 4, width * 2 + 4] : dash === 'dotted' ? [0.1, width * 2 + 2] : []);

/** Paints one shape; the context stands in board coordinates. */
export function paint(context: CanvasRenderingContext2D, shape: Shape, env: PaintWith): void {
  const { style } = shape;
  context.save();
  context.translate(shape.x, shape.y);
  if (shape.rotation !== 0) context.rotate(shape.rotation);
  if (shape.scale !== 1) context.scale(shape.scale, shape.scale);
  if (style.opacity !== undefined) context.globalAlpha *= style.opacity;
  context.strokeStyle = context.fillStyle = inkOn(env.dark, style.color);
  context.lineWidth = style.width;
  context.lineCap = context.lineJoin = 'round';
  if (style.dash) context.setLineDash(dashes(style.dash, style.width));
  switch (shape.type) {
    case 'stroke': {
      const { path, fill } = pathOf(shape.points, style.width);
      if (fill) context.fill(path);
      else context.stroke(path);
      break;
    }
    case 'line': case 'arrow':
      context.beginPath();
      context.moveTo(0, 0);
      context.lineTo(shape.to.x, shape.to.y);
      context.stroke();
      if (shape.type === 'arrow') arrowHead(context, shape.to, style.width);
      break;
    case 'rectangle': case 'ellipse':
      context.beginPath();
      if (shape.type === 'rectangle') context.rect(0, 0, shape.width, shape.height);
      else context.ellipse(shape.width / 2, shape.height / 2, shape.width / 2, shape.height / 2, 0, 0, Math.PI * 2);
      if (style.fill !== undefined) {
        context.fillStyle = fillOn(env.dark, style.fill);
        context.fill();
      }
      if (style.width > 0) context.stroke();
      break;
    case 'text': words(context, shape, 0); break;
    case 'sticky':
      context.save();
      context.shadowColor = 'rgb(0 0 0 / .22)';
      context.shadowBlur = 10;
      context.shadowOffsetY = 3;
      context.fillStyle = style.fill ?? '#ffe58f';
      context.fillRect(0, 0, shape.width, shape.height);
      context.restore();
      context.fillStyle = style.color;
      words(context, shape, stickyPadding);
      break;
    case 'image': {
      const image = env.image(shape.sha256);
      if (image) context.drawImage(image, 0, 0, shape.width, shape.height);
      else {
        context.globalAlpha *= 0.15;
        context.fillRect(0, 0, shape.width, shape.height);
      }
      break;
    }
    default: shape satisfies never;
  }
  context.restore();
}

function arrowHead(context: CanvasRenderingContext2D, to: { x: number; y: number }, width: number): void {
  const angle = Math.atan2(to.y, to.x);
  const length = Math.min(Math.max(12, width * 4), Math.max(6, Math.hypot(to.x, to.y) * 0.6));
  context.setLineDash([]);
  context.beginPath();
  for (const side of [-1, 1]) {
    context.moveTo(to.x, to.y);
    context.lineTo(to.x - length * Math.cos(angle + side * 0.45), to.y - length * Math.sin(angle + side * 0.45));
  }
  context.stroke();
}

function words(context: CanvasRenderingContext2D, shape: Extract<Shape, { text: string }>, padding: number): void {
  const { size, lines } = layoutOf(shape);
  const align = shape.style.align ?? (shape.type === 'sticky' ? 'center' : 'left');
  const room = shape.width - 2 * padding;
  const x = padding + (align === 'left' ? 0 : align === 'center' ? room / 2 : room);
  const top = shape.type === 'sticky' ? Math.max(padding, (shape.height - lines.length * size * lineHeight) / 2) : 0;
  context.font = `${size}px "${fontFamily}"`;
  context.textAlign = align;
  context.textBaseline = 'middle';
  lines.forEach((line, i) => context.fillText(line, x, top + (i + 0.5) * size * lineHeight));
}
