/*
 * What the browser needs of the board, without zod: `pending.reduce((doc, group) => applyOps(doc, group.ops, { author: you }), confirmed)`.
 * One's own ops are normalised before they are applied or kept: the server writes them so, and tells their author only their place.
 */
export { applyOps, normaliseOps, type Applying, type RestoredDocs } from './apply.ts';
export type { Effect, Observe } from './draft.ts';
export { zBetween, zSeries } from './fractionalIndex.ts';
export * from './limits.ts';
export { countOn, inOrderOfZ, layerAt, pageAt, shapeAt, shapesOfPage } from './look.ts';
export type { Op, OpName, OpOf } from './ops.ts';
export type { Layer, Page, SentShape, Shape, ShapeChanges, ShapeType, Style, Unsettable } from './shapes.ts';
export { docReader, type LineReader } from './snapshotFormat.ts';
export { emptyDoc, firstLayer, firstPage, firstZ, type BoardDoc, type PageOnBoard } from './state.ts';
