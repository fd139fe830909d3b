import { shapeOf } from './keptShape.ts';
import { entries, get } from './persistentMap.ts';
import type { Layer, Shape } from './shapes.ts';
import { layerKey, type BoardDoc, type PageOnBoard } from './state.ts';

/** Lowest first; ties by id. */
export const inOrderOfZ = (a: { z: string; id: string }, b: { z: string; id: string }): number =>
  (a.z < b.z ? -1 : a.z > b.z ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** An id from an event may be anything. */
export function shapeAt(doc: Pick<BoardDoc, 'shapes'>, id: string): Shape | undefined {
  const kept = typeof id === 'string' ? get(doc.shapes, id) : undefined;
  return kept === undefined ? undefined : shapeOf(kept);
}
export const isShapeAt = (doc: Pick<BoardDoc, 'shapes'>, id: string): boolean => typeof id === 'string' && get(doc.shapes, id) !== undefined;
export const pageAt = (doc: Pick<BoardDoc, 'pages'>, id: string): PageOnBoard | undefined => doc.pages.find((page) => page.id === id);
export const layerAt = (doc: Pick<BoardDoc, 'pages'>, pageId: string, id: string): Layer | undefined => pageAt(doc, pageId)?.layers.find((layer) => layer.id === id);

/** Where a shape for this page and layer lands: what is gone is replaced by the lowest page, the page's lowest layer. */
export function landing(doc: Pick<BoardDoc, 'pages'>, pageId: string, layerId: string): Layer {
  const page = pageAt(doc, pageId) ?? doc.pages[0];
  const layer = page?.layers.find(({ id }) => id === layerId) ?? page?.layers[0];
  if (!layer) throw new Error('a board without a page, or a page without a layer'); // apply.ts never leaves one
  return layer;
}

/** Number of shapes on a page, or on one of its layers. */
export function countOn(doc: BoardDoc, page: PageOnBoard, layerId?: string): number {
  let count = 0;
  for (const { id } of page.layers) if (layerId === undefined || id === layerId) count += get(doc.onLayer, layerKey(page.id, id))?.size ?? 0;
  return count;
}

/** In no order of drawing. */
export function* shapesOnLayer(doc: Pick<BoardDoc, 'shapes' | 'onLayer'>, pageId: string, layerId: string): Generator<Shape> {
  const ids = get(doc.onLayer, layerKey(pageId, layerId));
  if (!ids) return;
  for (const [id] of entries(ids)) {
    const kept = get(doc.shapes, id);
    if (kept !== undefined) yield shapeOf(kept);
  }
}

/** The shapes of a page in the order in which they are drawn: by layer, then z, ties by id. Hidden layers are left out unless asked for. */
export function shapesOfPage(doc: BoardDoc, pageId: string, options: { hidden?: boolean } = {}): Shape[] {
  return (pageAt(doc, pageId)?.layers ?? [])
    .filter(({ visible }) => visible || options.hidden === true)
    .flatMap(({ id }) => [...shapesOnLayer(doc, pageId, id)].sort(inOrderOfZ));
}
