import { fieldOf, same, withField } from './fields.ts';
import { layerAt, pageAt, shapeAt, shapesOnLayer } from './look.ts';
import type { Op, OpOf } from './ops.ts';
import type { Layer, Page, Shape } from './shapes.ts';
import type { SmallMap } from './smallMap.ts';
import { othersSince, whole } from './stamps.ts';
import { layerKey, type Board, type Change, type Entry } from './state.ts';

/*
 * The law of undo. Of a gesture,
 *  - a field goes back to what it was before exactly when its thing is still there and nobody else has changed that field since the gesture;
 *  - what was added goes exactly when nobody else has touched it since (of a page or layer: when nothing else is on it either);
 *  - what was removed comes back as it was exactly when it is gone and nobody else has brought it back meanwhile (what others did to something
 *    else under its id, which is gone too, went with that);
 *  - what somebody else has locked since, itself or with its layer, stays as it is.
 * When an earlier gesture is named, fields that one's own later ones changed stay too. Redo is the undo of an undo, by the same law.
 */

type LayerSet = OpOf<'layer.update'>['set'];

/**
 * The ops that take back these changes of a person, as far as the law lets them; what comes back comes before what is on it, and what goes,
 * after. Locks that nobody else has closed since do not bind them: check.ts knows.
 * @param later the person's own gestures after this one
 */
export function takingBack({ doc, memory }: Board, personId: string, changes: SmallMap<Change>, later: readonly Entry[]): Op[] {
  const containersBack: Op[] = [];
  const gone: Op[] = [];
  const back: Op[] = [];
  const fields: Op[] = [];
  const layersGone: OpOf<'layer.delete'>[] = [];
  const pagesGone: OpOf<'page.delete'>[] = [];
  const goes = new Set<string>();

  const others = (target: string, field: string | undefined, since: number) => othersSince(memory, target, field, personId, since);
  const isMineStill = (target: string) => ([field, { at }]: [string, { at: number }]) => !others(target, field, at) && !later.some((entry) => {
    const change = entry.changes?.get(target);
    return !entry.changes || (change !== undefined && (change.kind !== 'changed' || change.fields.has(field)));
  });
  const isLockedSince = ({ id, locked, page, layer }: Shape, since: number) =>
    (locked && shapeAt(doc, id) !== undefined && others(id, 'locked', since)) || (layerAt(doc, page, layer)?.locked === true && others(layerKey(page, layer), 'locked', since));

  function shapeBack(id: string, change: Change): void {
    const shape = shapeAt(doc, id);
    if (change.kind === 'removed') {
      if (!shape && !others(id, whole, change.at) && !isLockedSince(change.was as Shape, change.at)) back.push({ op: 'shape.add', shape: change.was as Shape });
    } else if (!shape) return;
    else if (change.kind === 'changed') {
      const isMine = isMineStill(id);
      const op = updateOf(shape, [...change.fields].filter((field) => isMine(field) && !isLockedSince(shape, field[1].at) && !same(fieldOf(shape, field[0]), field[1].was)));
      if (op) fields.push(op);
    } else if (!others(id, undefined, change.at) && !isLockedSince(shape, change.at)) {
      gone.push({ op: 'shape.delete', id });
      goes.add(id);
      if (change.kind === 'replaced') back.push({ op: 'shape.add', shape: change.was as Shape });
    }
  }

  function layerBack(target: string, page: string, id: string, change: Change): void {
    const layer = layerAt(doc, page, id);
    if (change.kind === 'removed') {
      if (!layer && pageAt(doc, page) && !others(target, whole, change.at)) containersBack.push({ op: 'layer.add', layer: change.was as Layer });
    } else if (layer && change.kind === 'changed') layerFieldsBack(layer, [...change.fields].filter(isMineStill(target)));
    else if (layer && change.kind === 'added' && isOnlyMine(target, layer, change.at)) layersGone.push({ op: 'layer.delete', page, id });
  }

  function layerFieldsBack({ page, id }: Layer, mine: [string, { was: unknown }][]): void {
    const set: LayerSet = {};
    for (const [field, { was }] of mine) {
      if (field === 'z') fields.push({ op: 'layer.reorder', page, id, z: was as string });
      else Object.assign(set, { [field]: was });
    }
    if (Object.keys(set).length > 0) fields.push({ op: 'layer.update', page, id, set });
  }

  function pageBack(target: string, id: string, change: Change): void {
    const page = pageAt(doc, id);
    if (change.kind === 'removed') {
      if (page || others(target, whole, change.at)) return;
      // Each of its layers has gone with it: in this gesture.
      const its = layers.flatMap((layer) => (layer.page === id && layer.change.kind === 'removed' ? [layer.change.was as Layer] : []));
      containersBack.push({ op: 'page.add', page: change.was as Page, ...(its.length > 0 ? { layers: its } : {}) });
    } else if (page && change.kind === 'changed') pageFieldsBack(id, [...change.fields].filter(isMineStill(target)));
    else if (page && change.kind === 'added' && !others(target, undefined, change.at) && page.layers.every((layer) => isOnlyMine(layerKey(id, layer.id), layer, change.at))) pagesGone.push({ op: 'page.delete', id });
  }

  function pageFieldsBack(id: string, mine: [string, { was: unknown }][]): void {
    const set: OpOf<'page.update'>['set'] = {};
    for (const [field, { was }] of mine) {
      if (field === 'z') fields.push({ op: 'page.reorder', id, z: was as string });
      else if (field === 'title') set.title = was as string;
      else set.background = (was as Page['background']) ?? null;
    }
    if (Object.keys(set).length > 0) fields.push({ op: 'page.update', id, set });
  }

  /** Nobody else changed the layer, and nothing is on it that does not go anyway. */
  function isOnlyMine(target: string, { page, id }: Layer, since: number): boolean {
    if (others(target, undefined, since)) return false;
    for (const shape of shapesOnLayer(doc, page, id)) if (!goes.has(shape.id)) return false;
    return true;
  }

  const all = [...changes].map(([target, change]) => ({ target, change, slash: target.indexOf('/') }));
  const layers = all.filter(({ slash }) => slash > 0).map(({ target, change, slash }) => ({ target, change, page: target.slice(0, slash), id: target.slice(slash + 1) }));
  for (const { target, change, slash } of all) if (slash < 0) shapeBack(target, change);
  for (const { target, change, page, id } of layers) layerBack(target, page, id, change);
  for (const { target, change, slash } of all) if (slash === 0) pageBack(target, target.slice(1), change);

  const pagesLeft = pagesGone.slice(0, Math.max(0, doc.pages.length + containersBack.filter((op) => op.op === 'page.add').length - 1));
  const layersLeft = withoutLastOnes(layersGone.filter(({ page }) => !pagesLeft.some(({ id }) => id === page)), (page) => (pageAt(doc, page)?.layers.length ?? 0) + containersBack.filter((op) => op.op === 'layer.add' && op.layer.page === page).length);
  return [...containersBack, ...gone, ...back, ...fields, ...layersLeft, ...pagesLeft];
}

/** A page keeps its last layer. */
function withoutLastOnes(deletions: readonly OpOf<'layer.delete'>[], layersOf: (page: string) => number): OpOf<'layer.delete'>[] {
  const left = new Map<string, number>();
  return deletions.filter(({ page }) => {
    const count = left.get(page) ?? layersOf(page);
    left.set(page, Math.max(1, count - 1));
    return count > 1;
  });
}

function updateOf(shape: Shape, mine: readonly [string, { was: unknown }][]): OpOf<'shape.update'> | undefined {
  if (mine.length === 0) return undefined;
  let set: Record<string, unknown> = {};
  const unset: string[] = [];
  for (const [field, { was }] of mine) {
    if (was === undefined) unset.push(field);
    else set = withField(field.startsWith('style.') ? { style: {}, ...set } : set, field, was);
  }
  return { op: 'shape.update', id: shape.id, set, ...(unset.length > 0 ? { unset } : {}) } as OpOf<'shape.update'>;
}
