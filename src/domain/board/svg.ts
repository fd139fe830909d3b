import { boundsOf, type Box } from './bounds.ts';
import { pageAt, shapesOfPage } from './look.ts';
import { num } from './strokeOutline.ts';
import type { BoardDoc, PageOnBoard } from './state.ts';
import { shapeOf } from './keptShape.ts';
import { entries } from './persistentMap.ts';
import { escaped, shapeToSvg, type Images } from './svgParts.ts';

const margin = 20;
const emptyPage: Box = { x: 0, y: 0, width: 800, height: 600 };

export type Drawing = {
  /** Data URI by hash; an image without one is shown as a grey box. */
  images: Images;
  /** DejaVu Sans, or what has its widths: lines are broken for it. */
  fontFamily: string;
};

/** What a picture of the page shows, in board units: its visible shapes with a margin; 800 × 600 when it is empty. */
export function pageBounds(doc: BoardDoc, pageId: string): Box {
  const box = boundsOf(shapesOfPage(doc, pageId));
  return box ? { x: box.x - margin, y: box.y - margin, width: box.width + 2 * margin, height: box.height + 2 * margin } : emptyPage;
}

/**
 * A page as an SVG document: visible layers, everything escaped, nothing fetched from anywhere. A page that is not there is an empty one.
 * The same doc gives the same text.
 */
export function pageToSvg(doc: BoardDoc, pageId: string, { images, fontFamily }: Drawing): string {
  const { x, y, width, height } = pageBounds(doc, pageId);
  const paper = `x="${num(x)}" y="${num(y)}" width="${num(width)}" height="${num(height)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${num(x)} ${num(y)} ${num(width)} ${num(height)}" width="${num(width)}" height="${num(height)}" font-family="${escaped(fontFamily)}">`,
    ...background(pageAt(doc, pageId)?.background, paper, images),
    ...shapesOfPage(doc, pageId).map((shape) => shapeToSvg(shape, images)),
    '</svg>',
  ].join('\n');
}

function background(of: PageOnBoard['background'], paper: string, images: Images): string[] {
  const parts = [`<rect ${paper} fill="${escaped(of?.color ?? '#ffffff')}"/>`];
  const image = of?.image === undefined ? undefined : images(of.image);
  if (image !== undefined) parts.push(`<image ${paper} href="${escaped(image)}"/>`);
  if (of?.pattern !== undefined) {
    const ink = '#141e3c';
    const mark = of.pattern === 'dots' ? `<circle cx="0.8" cy="0.8" r="0.8" fill="${ink}"/>` : `<path d="M0 0H32${of.pattern === 'grid' ? 'M0 0V32' : ''}" stroke="${ink}" stroke-width="2"/>`;
    parts.push(`<defs><pattern id="paper" width="32" height="32" patternUnits="userSpaceOnUse">${mark}</pattern></defs><rect ${paper} fill="url(#paper)" opacity="0.13"/>`);
  }
  return parts;
}

/** For export as JSON: pages lowest first, shapes in the order in which they are drawn, those on hidden layers included. Images by their hash. */
export function docToJson(version: number, doc: BoardDoc): { format: 'lectern.board'; schemaVersion: 1; version: number; pages: object[] } {
  return { format: 'lectern.board', schemaVersion: 1, version, pages: doc.pages.map((page) => ({ ...page, shapes: shapesOfPage(doc, page.id, { hidden: true }) })) };
}

/** Hashes of all images on the board, each once: what a picture or a fork needs. */
export function imagesOn(doc: BoardDoc): string[] {
  const found = new Set<string>();
  for (const { background: of } of doc.pages) if (of?.image !== undefined) found.add(of.image);
  for (const [, kept] of entries(doc.shapes)) {
    const shape = shapeOf(kept);
    if (shape.type === 'image') found.add(shape.sha256);
  }
  return [...found];
}
