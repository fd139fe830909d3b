import { inOrderOfZ, landing, pageAt, shapesOnLayer } from './look.ts';
import { asText, type KeptShape } from './keptShape.ts';
import { drop, emptyMap, get, put, type Owner } from './persistentMap.ts';
import type { Layer, Page, Shape } from './shapes.ts';
import { layerKey, type BoardDoc, type PageOnBoard } from './state.ts';

/**
 * A doc while ops are applied to it: these fields are replaced, and maps that the draft made are written in place. The doc that it was
 * opened on never changes, and dropping a draft takes everything back; not so where it was opened with the owner of drafts before it.
 * `growing`: shape → its points, as long as the group at hand has copied them already. `keep`: how a shape is kept.
 */
export type Draft = { owner: Owner; growing: Map<string, number[]>; keep: (shape: Shape) => KeptShape } & { -readonly [Field in keyof BoardDoc]: BoardDoc[Field] };

export type Thing = Shape | Page | Layer;

/** What an op did: what undo needs to know. A page comes and goes without its layers, which come and go one by one. `restored`: everything is another board. */
export type Effect =
  | { kind: 'added'; target: string; value: Thing }
  | { kind: 'removed'; target: string; value: Thing }
  | { kind: 'changed'; target: string; was: Thing; fields: readonly string[] }
  | { kind: 'restored' };
export type Observe = (effect: Effect) => void;

/** Targets: a shape is its id, a page `/<id>`, a layer `<page>/<id>`; ids have no slash. */
export const pageTarget = (id: string): string => `/${id}`;

/** As a client does. */
export const openDraft = (doc: BoardDoc): Draft => draftOf(doc, {}, (shape) => shape);
/** As a server does: small shapes become text. @param owner whose maps it may write in place beside its own: of drafts before it, if nobody looks at those any more */
export const openServerDraft = (doc: BoardDoc, owner: Owner = {}): Draft => draftOf(doc, owner, asText);

const draftOf = (doc: BoardDoc, owner: Owner, keep: Draft['keep']): Draft => ({ owner, keep, growing: new Map(), pages: doc.pages, shapes: doc.shapes, onLayer: doc.onLayer });

/** The draft must not be used after it. Answers `before` itself when nothing has changed. */
export const closeDraft = ({ pages, shapes, onLayer }: Draft, before: BoardDoc): BoardDoc =>
  (pages === before.pages && shapes === before.shapes ? before : { pages, shapes, onLayer });

const attach = (draft: Draft, { page, layer, id }: Shape): void => {
  const key = layerKey(page, layer);
  draft.onLayer = put(draft.onLayer, key, put(get(draft.onLayer, key) ?? emptyMap<true>(), id, true, draft.owner), draft.owner);
};

const detach = (draft: Draft, { page, layer, id }: Shape): void => {
  const key = layerKey(page, layer);
  const ids = get(draft.onLayer, key);
  if (!ids) return;
  const left = drop(ids, id, draft.owner);
  draft.onLayer = left.size === 0 ? drop(draft.onLayer, key, draft.owner) : put(draft.onLayer, key, left, draft.owner);
};

/**
 * The points of a stroke with more behind them. Only the first append of a group copies them: a student's 500 to one long stroke would hold the
 * process for most of a second. What a group had before it is what undo goes back to, so nobody looks at what is written in place here.
 */
export function grownPoints(draft: Draft, { id, points }: Extract<Shape, { type: 'stroke' }>, more: readonly number[]): number[] {
  const growing = draft.growing.get(id);
  if (growing !== undefined && growing === points) {
    for (const number of more) growing.push(number);
    return growing;
  }
  const grown = points.concat(more);
  draft.growing.set(id, grown);
  return grown;
}

/** Puts a new shape where its page and layer say, or where it lands without them. */
export function addShape(draft: Draft, wanted: Shape, observe?: Observe): void {
  const { page, id: layer } = landing(draft, wanted.page, wanted.layer);
  const shape = wanted.page === page && wanted.layer === layer ? wanted : { ...wanted, page, layer };
  draft.shapes = put(draft.shapes, shape.id, draft.keep(shape), draft.owner);
  attach(draft, shape);
  observe?.({ kind: 'added', target: shape.id, value: shape });
}

export function replaceShape(draft: Draft, was: Shape, shape: Shape, fields: readonly string[], observe?: Observe): void {
  if (fields.length === 0) return;
  draft.shapes = put(draft.shapes, shape.id, draft.keep(shape), draft.owner);
  if (was.page !== shape.page || was.layer !== shape.layer) {
    detach(draft, was);
    attach(draft, shape);
  }
  observe?.({ kind: 'changed', target: shape.id, was, fields });
}

export function removeShape(draft: Draft, shape: Shape, observe?: Observe): void {
  draft.shapes = drop(draft.shapes, shape.id, draft.owner);
  detach(draft, shape);
  observe?.({ kind: 'removed', target: shape.id, value: shape });
}

/** Takes every shape off a layer. */
export function sweep(draft: Draft, layer: Layer, observe?: Observe): void {
  const swept = [...shapesOnLayer(draft, layer.page, layer.id)];
  if (swept.length === 0) return;
  draft.onLayer = drop(draft.onLayer, layerKey(layer.page, layer.id), draft.owner);
  // A board that is emptied is not taken apart shape by shape.
  if (swept.length === draft.shapes.size) draft.shapes = emptyMap();
  else for (const { id } of swept) draft.shapes = drop(draft.shapes, id, draft.owner);
  if (observe) for (const shape of swept) observe({ kind: 'removed', target: shape.id, value: shape });
}

/** Puts a page in its place, or takes it out. */
export function setPage(draft: Draft, id: string, page: PageOnBoard | undefined): void {
  const others = draft.pages.filter((other) => other.id !== id);
  draft.pages = page ? [...others, page].sort(inOrderOfZ) : others;
}

/** Puts a layer in its place, or takes it out. The page must be there. */
export function setLayer(draft: Draft, pageId: string, id: string, layer: Layer | undefined): void {
  const page = pageAt(draft, pageId);
  if (!page) return;
  const others = page.layers.filter((other) => other.id !== id);
  setPage(draft, pageId, { ...page, layers: layer ? [...others, layer].sort(inOrderOfZ) : others });
}
