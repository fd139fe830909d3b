import { fieldOf, withField } from './fields.ts';
import { layerAt, pageAt, shapeAt, shapesOnLayer } from './look.ts';
import { rememberedOf } from './memory.ts';
import type { Op, OpOf } from './ops.ts';
import type { Layer, Page, Shape } from './shapes.ts';
import { othersSince, whole } from './stamps.ts';
import type { Board, Change, Entry, PageOnBoard } from './state.ts';

/*
 * The law of undo. Of a gesture, a field goes back to what it was before the gesture exactly when its thing is still there and nobody else
 * has changed that field since the gesture did; what the gesture added goes exactly when nobody else has touched it since; what it removed
 * comes back as it was exactly when it is still gone and nobody else brought it back and removed it meanwhile. One's own later gestures
 * stay too, when an earlier one is named. What is locked now stays. Redo is the undo of an undo, by the same law. See
 * docs/decisions/undo-takes-back-what-nobody-else-has-changed-since.md.
 */

export type Resolved = { entry: Entry; kind: 'undo' | 'redo'; ops: Op[] };

/** Ops that take back one's last gesture that there is still something to take back of, or the named one (an undo too: then it is a redo). Undefined: nothing. */
export function resolveUndo(board: Board, personId: string, gestureId?: string): Resolved | undefined {
  const { undo, redo } = rememberedOf(board.memory, personId);
  if (gestureId !== undefined && redo.some(({ undoneBy }) => undoneBy === gestureId)) return resolveRedo(board, personId, gestureId);
  return last(board, personId, undo, 'undo', (entry) => gestureId === undefined || entry.gestureId === gestureId);
}

/** Ops that bring back what one's last undo took back, or the named gesture (or the undo of it). */
export function resolveRedo(board: Board, personId: string, gestureId?: string): Resolved | undefined {
  return last(board, personId, rememberedOf(board.memory, personId).redo, 'redo', (entry) => gestureId === undefined || entry.gestureId === gestureId || entry.undoneBy === gestureId);
}

/** An entry that is too large is answered with no ops. */
function last(board: Board, personId: string, stack: readonly Entry[], kind: 'undo' | 'redo', wanted: (entry: Entry) => boolean): Resolved | undefined {
  for (let i = stack.length - 1; i >= 0; i -= 1) {
    const entry = stack[i];
    if (!entry || !wanted(entry)) continue;
    const ops = entry.changes ? takingBack(board, personId, entry.changes, stack.slice(i + 1)) : [];
    if (ops.length > 0 || !entry.changes) return { entry, kind, ops };
  }
  return undefined;
}

function takingBack(board: Board, personId: string, changes: ReadonlyMap<string, Change>, later: readonly Entry[]): Op[] {
  const { doc, memory } = board;
  const others = (target: string, field: string | undefined, since: number) => othersSince(memory, target, field, personId, since);
  const ownLater = (target: string, field: string) => later.some((entry) => {
    const change = entry.changes?.get(target);
    return !entry.changes || (change !== undefined && (change.kind !== 'changed' || change.fields.has(field)));
  });
  const pagesBack: Op[] = [];
  const layersBack: Op[] = [];
  const gone: Op[] = [];
  const back: Op[] = [];
  const fields: Op[] = [];
  const layersGone: OpOf<'layer.delete'>[] = [];
  const pagesGone: OpOf<'page.delete'>[] = [];

  const isLocked = (shape: Shape) => shape.locked || layerAt(doc, shape.page, shape.layer)?.locked === true;

  function ofShape(id: string, change: Change): void {
    const shape = shapeAt(doc, id);
    if (change.kind === 'removed') {
      if (!shape && !others(id, whole, change.at) && layerAt(doc, (change.was as Shape).page, (change.was as Shape).layer)?.locked !== true) back.push({ op: 'shape.add', shape: change.was as Shape });
    } else if (!shape) return;
    else if (change.kind === 'changed') fields.push(...fieldsBack(shape, change.fields));
    else if (!others(id, undefined, change.at) && !isLocked(shape)) {
      gone.push({ op: 'shape.delete', id });
      if (change.kind === 'replaced') back.push({ op: 'shape.add', shape: change.was as Shape });
    }
  }

  function fieldsBack(shape: Shape, changed: Extract<Change, { kind: 'changed' }>['fields']): Op[] {
    const mine = [...changed].filter(([field, { at }]) => !others(shape.id, field, at) && !ownLater(shape.id, field));
    const lock = mine.find(([field]) => field === 'locked');
    const unlocks = shape.locked && lock?.[1].was === false;
    if (layerAt(doc, shape.page, shape.layer)?.locked === true || (shape.locked && !unlocks)) return [];
    const rest = updateOf(shape, mine.filter(([field]) => !unlocks || field !== 'locked'));
    return [...(unlocks ? [{ op: 'shape.update' as const, id: shape.id, set: { locked: false } }] : []), ...(rest ? [rest] : [])];
  }

  function ofPage(id: string, target: string, change: Change): void {
    const page = pageAt(doc, id);
    if (change.kind === 'removed') {
      if (!page && !others(target, whole, change.at)) pagesBack.push(pageBack(change.was as PageOnBoard));
    } else if (page && change.kind === 'changed') {
      const mine = [...change.fields].filter(([field, { at }]) => !others(target, field, at) && !ownLater(target, field));
      const set: { title?: string; background?: Page['background'] | null } = {};
      for (const [field, { was }] of mine) {
        if (field === 'z') fields.push({ op: 'page.reorder', id, z: was as string });
        else if (field === 'title') set.title = was as string;
        else set.background = (was as Page['background']) ?? null;
      }
      if (Object.keys(set).length > 0) fields.push({ op: 'page.update', id, set });
    } else if (page && change.kind === 'added' && !others(target, undefined, change.at) && page.layers.every((layer) => onlyMine(`${id}/${layer.id}`, layer, change.at))) pagesGone.push({ op: 'page.delete', id });
  }

  function ofLayer(pageId: string, id: string, target: string, change: Change): void {
    const layer = layerAt(doc, pageId, id);
    if (change.kind === 'removed') {
      if (!layer && !others(target, whole, change.at)) layersBack.push({ op: 'layer.add', layer: change.was as Layer });
    } else if (layer && change.kind === 'changed') {
      const mine = [...change.fields].filter(([field, { at }]) => !others(target, field, at) && !ownLater(target, field));
      const set: Partial<Pick<Layer, 'name' | 'visible' | 'locked'>> = {};
      for (const [field, { was }] of mine) {
        if (field === 'z') fields.push({ op: 'layer.reorder', page: pageId, id, z: was as string });
        else Object.assign(set, { [field]: was });
      }
      if (Object.keys(set).length > 0) fields.push({ op: 'layer.update', page: pageId, id, set });
    } else if (layer && change.kind === 'added' && onlyMine(target, layer, change.at)) layersGone.push({ op: 'layer.delete', page: pageId, id });
  }

  /** Nobody else changed the layer, and nothing is on it that would not go with this gesture anyway. */
  function onlyMine(target: string, layer: Layer, since: number): boolean {
    if (others(target, undefined, since)) return false;
    const goes = new Set(gone.map((op) => (op.op === 'shape.delete' ? op.id : '')));
    for (const { id } of shapesOnLayer(doc, layer.page, layer.id)) if (!goes.has(id)) return false;
    return true;
  }

  const targets = [...changes].map(([target, change]) => ({ target, change, slash: target.indexOf('/') }));
  for (const { target, change, slash } of targets) if (slash < 0) ofShape(target, change);
  for (const { target, change, slash } of targets) if (slash > 0) ofLayer(target.slice(0, slash), target.slice(slash + 1), target, change);
  for (const { target, change, slash } of targets) if (slash === 0) ofPage(target.slice(1), target, change);

  // The last layer of a page and the last page stay.
  const goesWithPage = new Set(pagesGone.map(({ id }) => id));
  const layersLeft = layersGone.filter(({ page }) => !goesWithPage.has(page)).filter(({ page }, i, all) => {
    const before = all.slice(0, i + 1).filter((other) => other.page === page).length;
    const returning = layersBack.filter((op) => op.op === 'layer.add' && op.layer.page === page).length;
    return before < (pageAt(doc, page)?.layers.length ?? 0) + returning;
  });
  const pagesLeft = pagesGone.slice(0, Math.max(0, doc.pages.length + pagesBack.length - 1));
  return [...pagesBack, ...layersBack, ...gone, ...back, ...fields, ...layersLeft, ...pagesLeft];
}

const pageBack = ({ layers, ...page }: PageOnBoard): Op => ({ op: 'page.add', page, layers: [...layers] });

function updateOf(shape: Shape, changed: readonly (readonly [string, { was: unknown }])[]): OpOf<'shape.update'> | undefined {
  let set: Record<string, unknown> = {};
  const unset: string[] = [];
  for (const [field, { was }] of changed) {
    if (was === undefined) unset.push(field);
    else if (field.startsWith('style.')) set = withField({ style: {}, ...set }, field, was);
    else set[field] = was;
  }
  const op = { op: 'shape.update' as const, id: shape.id, set, ...(unset.length > 0 ? { unset } : {}) } as OpOf<'shape.update'>;
  return changed.some(([field, { was }]) => fieldOf(shape, field) !== was) ? op : undefined;
}
