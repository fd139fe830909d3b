/*
 * The board, for the server; the browser imports clientSide.ts, which has no zod in it. What differs from the shared page of the design:
 *  - `page.add` may bring its `layers` (else it gets `layer-1`), so that undoing the deletion of a page is one op.
 *  - `style` is merged: each of its parts is a field of its own (`style.color`), for `unset` too; `page.update` takes `background: null`.
 *  - undo and redo are decided by `decideUndo` and `decideRedo`; their event's gestureId is new, `undoes` names the gesture. Undoing an undo is a redo.
 *  - No-ops and refusals count the sequence in memory but leave no event: on `hello`, call `heard(board, person, client, ackedSeq)`.
 *  - `undoTooLarge` comes with `restoreTo`, the version that a restore could bring back.
 *  - Sweeping ops cost what they sweep: ids are indexed by layer.
 */
export * from './clientSide.ts';
export { decideGroup, decideRedo, decideUndo, heard, lastSeq } from './decide.ts';
export { boardEvents, type BoardEvent, type OpGroup } from './events.ts';
export { evolve, fold } from './evolve.ts';
export { asText } from './keptShape.ts';
export { op } from './ops.ts';
export type { BoardOwners, BoardRules, Decision, DecidedGroup, GroupRequest, RejectCode, UndoRequest } from './request.ts';
export { boardOf, docLines, memoryLines, memoryReader, placesIn, snapshotSchemaVersion } from './snapshotFormat.ts';
export { emptyBoard, type Board, type BoardMemory } from './state.ts';
export { docToJson, imagesOn, pageBounds, pageToSvg, type Drawing } from './svg.ts';
export { type Images } from './svgParts.ts';
export { resolveRedo, resolveUndo, type Resolved } from './undo.ts';
