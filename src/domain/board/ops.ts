import { z } from 'zod';
import { mostLayersOfPage } from './limits.ts';
import { boardId, layer, page, points, sha256, shape, shapeChanges, unsettable, zIndex } from './shapes.ts';

/*
 * What a group is made of. Strict: unknown fields are refused. What each op does is in apply.ts, what it needs in
 * ../room/permissions.ts, what it is refused for in decide.ts.
 */

/** `background` null: none any more. */
const pageChanges = z.strictObject({ title: page.shape.title, background: page.shape.background.nullable() }).partial();
const layerChanges = layer.pick({ name: true, visible: true, locked: true }).partial();

export const op = z.discriminatedUnion('op', [
  /** A layer or page that is gone is replaced by the lowest there is. */
  z.strictObject({ op: z.literal('shape.add'), shape }),
  /** A stroke grows. */
  z.strictObject({ op: z.literal('shape.append'), id: boardId, points }),
  z.strictObject({ op: z.literal('shape.update'), id: boardId, set: shapeChanges, unset: z.array(unsettable).max(10).optional() }),
  z.strictObject({ op: z.literal('shape.delete'), id: boardId }),
  /** Partial erase. The pieces belong to the author of what was split. */
  z.strictObject({ op: z.literal('shape.split'), id: boardId, into: z.array(shape).max(200) }),
  /** Without `layers` the page gets one, `layer-1`. Layer ids are unique in their page. */
  z.strictObject({ op: z.literal('page.add'), page, layers: z.array(layer).min(1).max(mostLayersOfPage).optional() }),
  z.strictObject({ op: z.literal('page.update'), id: boardId, set: pageChanges }),
  z.strictObject({ op: z.literal('page.delete'), id: boardId }),
  z.strictObject({ op: z.literal('page.reorder'), id: boardId, z: zIndex }),
  z.strictObject({ op: z.literal('layer.add'), layer }),
  z.strictObject({ op: z.literal('layer.update'), id: boardId, page: boardId, set: layerChanges }),
  z.strictObject({ op: z.literal('layer.delete'), id: boardId, page: boardId }),
  z.strictObject({ op: z.literal('layer.reorder'), id: boardId, page: boardId, z: zIndex }),
  /** Takes shapes, leaves pages and layers. A layer is named with its page. */
  z.strictObject({ op: z.literal('board.clear'), pageId: boardId.optional(), layerId: boardId.optional() }).refine(({ pageId, layerId }) => layerId === undefined || pageId !== undefined, 'a layer is named with its page'),
  /** Alone in its group. `blob`: the hash of the board it brings back, written before. */
  z.strictObject({ op: z.literal('board.restore'), toVersion: z.int().min(0), blob: sha256 }),
]);

/** As it is sent, decided, written and applied. After `normaliseOps` every shape in it has its author. */
export type Op = z.output<typeof op>;
export type OpName = Op['op'];
export type OpOf<Name extends OpName> = Extract<Op, { op: Name }>;
