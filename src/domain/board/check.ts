import { needOfOp, type OpNeed } from '../room/permissions.ts';
import type { Draft } from './draft.ts';
import { foreignField } from './fields.ts';
import { mostLayersOfPage, mostPages, mostPointsOfStroke, mostShapes, numbersPerPoint } from './limits.ts';
import { isShapeAt, landing, layerAt, pageAt, shapeAt } from './look.ts';
import type { Op, OpOf } from './ops.ts';
import type { DecidedGroup, RejectCode } from './request.ts';
import type { SentShape, Shape } from './shapes.ts';

/**
 * Why an op may not be done on the board as it is just before it, or undefined. What would do nothing (its shape, page or layer is gone) is
 * allowed to whoever may do such a thing at all. Locks do not bind an undo: what it may touch, takingBack.ts has seen to.
 */
export function whyNot(draft: Draft, op: Op, { personId, kind }: Pick<DecidedGroup, 'personId' | 'kind'>, may: (need: OpNeed) => boolean): RejectCode | undefined {
  const asked: Asked = { draft, may, locksBind: kind === 'ops' };
  const shape = 'id' in op && op.op.startsWith('shape.') ? shapeAt(draft, op.id) : undefined;
  if (!may(needOfOp(op.op, shape === undefined || shape.author === personId))) return 'forbidden';
  switch (op.op) {
    case 'shape.add':
      if (isShapeAt(draft, op.shape.id)) return 'shapeExists';
      // Only an undo brings back what somebody else drew; and who may not edit all must not lock what they could never unlock.
      if ((op.shape.author !== personId || op.shape.locked) && !may('editOthers')) return 'forbidden';
      return whyNotThere(asked, op.shape) ?? whyNotMore(draft, 1);
    case 'shape.append':
      if (!shape) return undefined;
      if (shape.type !== 'stroke') return 'noSuchField';
      return whyNotTouched(asked, shape) ?? (shape.points.length + op.points.length > mostPointsOfStroke * numbersPerPoint ? 'tooManyPoints' : undefined);
    case 'shape.update':
      return shape && whyNotUpdated(asked, op, shape);
    case 'shape.delete':
      return shape && whyNotTouched(asked, shape);
    case 'shape.split': {
      if (!shape) return undefined;
      const ids = new Set(op.into.map(({ id }) => id));
      if (ids.size < op.into.length || op.into.some(({ id }) => id !== shape.id && isShapeAt(draft, id))) return 'shapeExists';
      if (op.into.some(({ locked }) => locked) && !may('editOthers')) return 'forbidden';
      for (const piece of op.into) {
        const why = whyNotThere(asked, piece);
        if (why !== undefined) return why;
      }
      return whyNotTouched(asked, shape) ?? whyNotMore(draft, op.into.length);
    }
    case 'page.add':
      if (pageAt(draft, op.page.id)) return 'pageExists';
      if (new Set(op.layers?.map(({ id }) => id)).size < (op.layers?.length ?? 0)) return 'layerExists';
      return draft.pages.length >= mostPages ? 'tooManyPages' : undefined;
    case 'page.delete':
      return pageAt(draft, op.id) && draft.pages.length === 1 ? 'lastPage' : undefined;
    case 'layer.add':
      if (layerAt(draft, op.layer.page, op.layer.id)) return 'layerExists';
      return (pageAt(draft, op.layer.page)?.layers.length ?? 0) >= mostLayersOfPage ? 'tooManyLayers' : undefined;
    case 'layer.delete':
      return layerAt(draft, op.page, op.id) && pageAt(draft, op.page)?.layers.length === 1 ? 'lastLayer' : undefined;
    case 'page.update': case 'page.reorder': case 'layer.update': case 'layer.reorder': case 'board.clear': case 'board.restore':
      return undefined;
  }
}

type Asked = { draft: Draft; may(need: OpNeed): boolean; locksBind: boolean };

/** A locked shape is unlocked first, by an update of nothing but the lock, by whoever may edit all. */
function whyNotUpdated(asked: Asked, { set, unset }: OpOf<'shape.update'>, shape: Shape): RejectCode | undefined {
  if (set.locked !== undefined && set.locked !== shape.locked && !asked.may('editOthers')) return 'forbidden';
  if (foreignField(shape.type, set) !== undefined) return 'noSuchField';
  const unlocks = set.locked === false && Object.keys(set).length === 1 && unset === undefined;
  const why = whyNotTouched(asked, unlocks ? { ...shape, locked: false } : shape);
  if (why !== undefined || (set.page === undefined && set.layer === undefined)) return why;
  return asked.locksBind && landing(asked.draft, set.page ?? shape.page, set.layer ?? shape.layer).locked ? 'layerLocked' : undefined;
}

function whyNotTouched({ draft, locksBind }: Asked, { locked, page, layer }: Shape): RejectCode | undefined {
  if (!locksBind) return undefined;
  if (locked) return 'shapeLocked';
  return layerAt(draft, page, layer)?.locked === true ? 'layerLocked' : undefined;
}

/** About a shape that is added. */
function whyNotThere({ draft, may, locksBind }: Asked, shape: SentShape | Shape): RejectCode | undefined {
  if (shape.type === 'image' && !may('uploadImages')) return 'forbidden';
  return locksBind && landing(draft, shape.page, shape.layer).locked ? 'layerLocked' : undefined;
}

const whyNotMore = (draft: Draft, more: number): RejectCode | undefined => (draft.shapes.size + more > mostShapes ? 'tooManyShapes' : undefined);
