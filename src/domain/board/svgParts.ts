import type { Shape } from './shapes.ts';
import { num, strokePath } from './strokeOutline.ts';
import { fittingSize, lineHeight, linesOf } from './textLayout.ts';

/* One shape as SVG, in the way the room's page paints it (web/src/canvas/paint.ts). */

export const defaultFontSize = 24;
const stickyPadding = 14;
const stickyFill = '#ffe58f';
/** Of DejaVu Sans, in font sizes: its hhea table. */
const ascent = 0.928;
const descent = 0.236;

/** For text and attributes. Characters that XML 1.0 has no word for are left out. */
export const escaped = (text: string): string =>
  text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '').replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Data URI of an image that is at hand. */
export type Images = (sha256: string) => string | undefined;

export function shapeToSvg(shape: Shape, images: Images): string {
  const { x, y, rotation, scale, style } = shape;
  const turn = rotation === 0 ? '' : ` rotate(${num((rotation * 180) / Math.PI)})`;
  const grow = scale === 1 ? '' : ` scale(${Number.isFinite(scale) ? scale : 1})`;
  const opacity = style.opacity === undefined || style.opacity === 1 ? '' : ` opacity="${num(style.opacity)}"`;
  return `<g transform="translate(${num(x)} ${num(y)})${turn}${grow}"${opacity}>${inner(shape, images)}</g>`;
}

function inner(shape: Shape, images: Images): string {
  const { style } = shape;
  const color = escaped(style.color);
  const line = `fill="none" stroke="${color}" stroke-width="${num(style.width)}" stroke-linecap="round" stroke-linejoin="round"`;
  const dash = dashes(shape);
  switch (shape.type) {
    case 'stroke': {
      const { d, filled } = strokePath(shape.points, style.width);
      return d === '' ? '' : `<path d="${d}" ${filled ? `fill="${color}"` : line + dash}/>`;
    }
    case 'line':
      return `<path d="M0 0L${num(shape.to.x)} ${num(shape.to.y)}" ${line}${dash}/>`;
    case 'arrow':
      return `<path d="M0 0L${num(shape.to.x)} ${num(shape.to.y)}" ${line}${dash}/><path d="${arrowHead(shape)}" ${line}/>`;
    case 'rectangle':
      return `<rect width="${num(shape.width)}" height="${num(shape.height)}" ${filled(shape, line)}${dash}/>`;
    case 'ellipse':
      return `<ellipse cx="${num(shape.width / 2)}" cy="${num(shape.height / 2)}" rx="${num(shape.width / 2)}" ry="${num(shape.height / 2)}" ${filled(shape, line)}${dash}/>`;
    case 'text':
      return words(shape);
    case 'sticky':
      return `<rect width="${num(shape.width)}" height="${num(shape.height)}" fill="${escaped(style.fill ?? stickyFill)}"/>${words(shape)}`;
    case 'image': {
      const uri = images(shape.sha256);
      const box = `width="${num(shape.width)}" height="${num(shape.height)}"`;
      return uri === undefined ? `<rect ${box} fill="${color}" opacity="0.15"/>` : `<image ${box} preserveAspectRatio="none" href="${escaped(uri)}"/>`;
    }
  }
}

const filled = ({ style }: Shape, line: string): string => (style.fill === undefined ? line : line.replace('fill="none"', `fill="${escaped(style.fill)}"`));

function dashes({ style: { dash, width } }: Shape): string {
  if (dash === undefined) return '';
  return ` stroke-dasharray="${dash === 'dashed' ? `${num(width * 3 + 4)} ${num(width * 2 + 4)}` : `0.1 ${num(width * 2 + 2)}`}"`;
}

function arrowHead({ to, style: { width } }: Extract<Shape, { type: 'arrow' }>): string {
  const angle = Math.atan2(to.y, to.x);
  const length = Math.min(Math.max(12, width * 4), Math.max(6, Math.hypot(to.x, to.y) * 0.6));
  const barb = (side: number): string => `${num(to.x - length * Math.cos(angle + side))} ${num(to.y - length * Math.sin(angle + side))}`;
  return `M${barb(-0.45)}L${num(to.x)} ${num(to.y)}L${barb(0.45)}`;
}

function words(shape: Extract<Shape, { text: string }>): string {
  const isSticky = shape.type === 'sticky';
  const padding = isSticky ? stickyPadding : 0;
  const room = shape.width - 2 * padding;
  const most = shape.style.fontSize ?? defaultFontSize;
  const size = isSticky ? fittingSize(shape.text, most, room, shape.height - 2 * padding) : most;
  const lines = linesOf(shape.text, size, isSticky ? room : room + 1);
  const align = shape.style.align ?? (isSticky ? 'center' : 'left');
  const x = padding + (align === 'left' ? 0 : align === 'center' ? room / 2 : room);
  const anchor = align === 'left' ? '' : ` text-anchor="${align === 'center' ? 'middle' : 'end'}"`;
  const top = isSticky ? Math.max(padding, (shape.height - lines.length * size * lineHeight) / 2) : 0;
  const baseline = (i: number): number => top + (i + 0.5) * size * lineHeight + ((ascent - descent) / 2) * size;
  const spans = lines.map((text, i) => (text === '' ? '' : `<tspan x="${num(x)}" y="${num(baseline(i))}">${escaped(text)}</tspan>`)).join('');
  return `<text font-size="${num(size)}" fill="${escaped(shape.style.color)}"${anchor} xml:space="preserve">${spans}</text>`;
}
