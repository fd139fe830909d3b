import { addShape, closeDraft, grownPoints, openDraft, pageTarget, removeShape, replaceShape, setLayer, setPage, sweep, type Draft, type Observe } from './draft.ts';
import { changeShape, isShape, same } from './fields.ts';
import { inOrderOfZ, isShapeAt, landing, layerAt, pageAt, shapeAt } from './look.ts';
import type { Op } from './ops.ts';
import type { Layer, Page, Shape } from './shapes.ts';
import { layerKey, layerOfNewPage, type BoardDoc } from './state.ts';

/** Boards that restores bring back, by the hash in their op. */
export type RestoredDocs = (sha256: string) => BoardDoc | undefined;
export type Applying = {
  /** Of shapes that name no author. */
  author: string;
  /** Without it a restore does nothing: clients are told to load the board anew. */
  restoredDocs?: RestoredDocs | undefined;
};

/**
 * The doc after a group. Takes any JSON: what makes no sense (any more) does nothing, so that it never fails on a log, and clients can put their
 * waiting groups on top of whatever was confirmed. Answers the same doc when nothing has changed.
 * @param observe told of each effect, in order
 */
export function applyOps(doc: BoardDoc, ops: readonly Op[], applying: Applying, observe?: Observe): BoardDoc {
  const draft = openDraft(doc);
  for (const op of ops) applyOp(draft, op, applying, observe);
  return closeDraft(draft, doc);
}

/** One op on a draft. */
export function applyOp(draft: Draft, op: Op, { author, restoredDocs }: Applying, observe?: Observe): void {
  switch (op.op) {
    case 'shape.add':
      if (isShape(op.shape) && !isShapeAt(draft, op.shape.id)) addShape(draft, authored(op.shape, author), observe);
      return;
    case 'shape.append': {
      const shape = shapeAt(draft, op.id);
      if (shape?.type !== 'stroke' || !Array.isArray(op.points) || op.points.length === 0) return;
      if (op.points.every((number) => typeof number === 'number')) replaceShape(draft, shape, { ...shape, points: grownPoints(draft, shape, op.points) }, ['points'], observe);
      return;
    }
    case 'shape.update': {
      const was = shapeAt(draft, op.id);
      if (was) replaceChanged(draft, was, op.set, op.unset, observe);
      return;
    }
    case 'shape.delete': {
      const shape = shapeAt(draft, op.id);
      if (shape) removeShape(draft, shape, observe);
      return;
    }
    case 'shape.split': {
      const source = shapeAt(draft, op.id);
      if (!source || !Array.isArray(op.into)) return;
      removeShape(draft, source, observe);
      for (const piece of op.into) if (isShape(piece) && !isShapeAt(draft, piece.id)) addShape(draft, { ...piece, author: source.author } as Shape, observe);
      return;
    }
    case 'page.add': {
      if (!isPage(op.page) || pageAt(draft, op.page.id)) return;
      const page = op.page;
      const layers = Array.isArray(op.layers) ? distinct(op.layers.filter(isLayer).map((layer) => ({ ...layer, page: page.id }))) : [];
      const added = { ...page, layers: layers.length > 0 ? layers.sort(inOrderOfZ) : [layerOfNewPage(page.id)] };
      setPage(draft, page.id, added);
      observe?.({ kind: 'added', target: pageTarget(page.id), value: page });
      for (const layer of added.layers) observe?.({ kind: 'added', target: layerKey(page.id, layer.id), value: layer });
      return;
    }
    case 'page.update':
      return changePage(draft, op.id, op.set, ['title', 'background'], observe);
    case 'page.reorder':
      return changePage(draft, op.id, { z: op.z }, ['z'], observe);
    case 'page.delete': {
      const there = pageAt(draft, op.id);
      if (!there || draft.pages.length === 1) return;
      const { layers, ...page } = there;
      for (const layer of layers) {
        sweep(draft, layer, observe);
        observe?.({ kind: 'removed', target: layerKey(page.id, layer.id), value: layer });
      }
      setPage(draft, page.id, undefined);
      observe?.({ kind: 'removed', target: pageTarget(page.id), value: page });
      return;
    }
    case 'layer.add': {
      if (!isLayer(op.layer) || !pageAt(draft, op.layer.page) || layerAt(draft, op.layer.page, op.layer.id)) return;
      setLayer(draft, op.layer.page, op.layer.id, op.layer);
      observe?.({ kind: 'added', target: layerKey(op.layer.page, op.layer.id), value: op.layer });
      return;
    }
    case 'layer.update':
      return changeLayer(draft, op.page, op.id, op.set, ['name', 'visible', 'locked'], observe);
    case 'layer.reorder':
      return changeLayer(draft, op.page, op.id, { z: op.z }, ['z'], observe);
    case 'layer.delete': {
      const layer = layerAt(draft, op.page, op.id);
      if (!layer || pageAt(draft, op.page)?.layers.length === 1) return;
      sweep(draft, layer, observe);
      setLayer(draft, op.page, op.id, undefined);
      observe?.({ kind: 'removed', target: layerKey(op.page, op.id), value: layer });
      return;
    }
    case 'board.clear':
      for (const page of draft.pages) {
        if (op.pageId !== undefined && op.pageId !== page.id) continue;
        for (const layer of page.layers) if (op.layerId === undefined || op.layerId === layer.id) sweep(draft, layer, observe);
      }
      return;
    case 'board.restore': {
      const restored = restoredDocs?.(op.blob);
      if (!restored) return;
      draft.pages = restored.pages;
      draft.shapes = restored.shapes;
      draft.onLayer = restored.onLayer;
      observe?.({ kind: 'restored' });
      return;
    }
    default: // of a later release
      return;
  }
}

/** The ops of a group with the author in every shape that is added: as they are decided, written and applied. The client does the same to its own. */
export const normaliseOps = (ops: readonly Op[], personId: string): Op[] =>
  ops.map((op) => (op.op === 'shape.add' ? { ...op, shape: { ...op.shape, author: personId } } : op));

const authored = (shape: Omit<Shape, 'author'> & { author?: unknown }, author: string): Shape =>
  (typeof shape.author === 'string' ? shape : { ...shape, author }) as Shape;

function replaceChanged(draft: Draft, was: Shape, set: unknown, unset: unknown, observe?: Observe): void {
  const { shape, fields } = changeShape(was, set, unset);
  if (!fields.includes('page') && !fields.includes('layer')) return replaceShape(draft, was, shape, fields, observe);
  const { page, id: layer } = landing(draft, shape.page, shape.layer);
  const moved = [...(page === was.page ? [] : ['page']), ...(layer === was.layer ? [] : ['layer'])];
  replaceShape(draft, was, { ...shape, page, layer }, [...fields.filter((field) => field !== 'page' && field !== 'layer'), ...moved], observe);
}

/** Of `background`, null takes it away. */
function changePage(draft: Draft, id: unknown, set: unknown, names: readonly (keyof Page)[], observe?: Observe): void {
  const was = typeof id === 'string' ? pageAt(draft, id) : undefined;
  if (!was) return;
  const changes = changesIn(was, set, names);
  const page: Record<string, unknown> = { ...was, ...changes };
  for (const name of Object.keys(changes)) if (changes[name] === undefined) delete page[name];
  if (!isPage(page) || Object.keys(changes).length === 0) return;
  setPage(draft, was.id, { ...page, layers: was.layers });
  observe?.({ kind: 'changed', target: pageTarget(was.id), was, fields: Object.keys(changes) });
}

function changeLayer(draft: Draft, pageId: unknown, id: unknown, set: unknown, names: readonly (keyof Layer)[], observe?: Observe): void {
  const was = typeof pageId === 'string' && typeof id === 'string' ? layerAt(draft, pageId, id) : undefined;
  if (!was) return;
  const changes = changesIn(was, set, names);
  const layer = { ...was, ...changes };
  if (!isLayer(layer) || Object.keys(changes).length === 0) return;
  setLayer(draft, was.page, was.id, layer);
  observe?.({ kind: 'changed', target: layerKey(was.page, was.id), was, fields: Object.keys(changes) });
}

/** Of these names, what differs; null becomes undefined: gone. */
function changesIn(was: object, set: unknown, names: readonly string[]): Record<string, unknown> {
  if (typeof set !== 'object' || set === null) return {};
  const changes: Record<string, unknown> = {};
  for (const name of names) {
    const value: unknown = (set as Record<string, unknown>)[name];
    if (value !== undefined && !same(value ?? undefined, (was as Record<string, unknown>)[name])) changes[name] = value ?? undefined;
  }
  return changes;
}

const isPage = (value: unknown): value is Page => {
  if (typeof value !== 'object' || value === null) return false;
  const { id, title, z, background } = value as Record<string, unknown>;
  return typeof id === 'string' && typeof title === 'string' && typeof z === 'string' && (background === undefined || (typeof background === 'object' && background !== null));
};

const isLayer = (value: unknown): value is Layer => {
  if (typeof value !== 'object' || value === null) return false;
  const { id, page, name, z, visible, locked } = value as Record<string, unknown>;
  return typeof id === 'string' && typeof page === 'string' && typeof name === 'string' && typeof z === 'string' && typeof visible === 'boolean' && typeof locked === 'boolean';
};

const distinct = (layers: Layer[]): Layer[] => layers.filter(({ id }, i) => layers.findIndex((other) => other.id === id) === i);
