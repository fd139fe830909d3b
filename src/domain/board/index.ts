import type { OpNeed } from '../room/permissions.ts';
import type { Op } from './ops.ts';
import type { BoardEvent, OpGroup } from './events.ts';
import type { Board, BoardDoc, BoardMemory } from './state.ts';

/*
 * The board, for the server. The browser imports clientSide.ts, which has no zod in it.
 *
 * Signatures (being filled in, file by file; each line is exported from here when it is there):
 *   evolve(board, event, restoredDocs?) → Board · fold(board, events, restoredDocs?) → Board, faster for many
 *   decideGroup(board, request, rules) · decideUndo(board, request, rules) · decideRedo(board, request, rules) → Decision
 *   lastSeq(board, personId, clientId) → number · heard(board, personId, clientId, ackedSeq) → Board
 *   docLines(version, doc) / memoryLines(version, memory) → Iterable<string>, each a line with its '\n'
 *   docReader() → LineReader<{ version, doc }> · memoryReader() → LineReader<{ version, memory }>
 *   pageToSvg(doc, pageId, { images, fontFamily }) → string · docToJson(version, doc) → object
 * clientSide.ts:
 *   emptyDoc · applyOps(doc, ops, { author, restoredDocs? }, observe?) → BoardDoc · normaliseOps(ops, personId) → Op[]
 *   shapeAt(doc, id) · pageAt(doc, id) · layerAt(doc, pageId, layerId) · shapesOfPage(doc, pageId) → Shape[] in drawing order
 *   zBetween(below | null, above | null) → string · zSeries(below, above, count) → string[] · docReader()
 */

/** Boards that a restore brings back, by hash; the loader fetches them before it folds. */
export type RestoredDocs = (sha256: string) => BoardDoc | undefined;

export type GroupRequest = { personId: string; clientId: string; seq: number; gestureId: string; ops: readonly Op[] };
export type UndoRequest = { personId: string; clientId: string; seq: number; gestureId?: string | undefined };

/** `may`: mayOnBoard(permissions) of src/domain/room/permissions.ts. `restoredDocs`: only where a restore may come from; without it, restores are refused. */
export type BoardRules = { may(need: OpNeed): boolean; restoredDocs?: RestoredDocs };

/** What goes into the event beside `roomId` and `roomRevision`. */
export type DecidedGroup = Omit<OpGroup, 'roomId' | 'roomRevision'>;

/** `board` has the sequence counted in every case where there is one; only `accepted` has a new version and is to be written. */
export type Decision =
  | { outcome: 'accepted'; group: DecidedGroup; board: Board }
  | { outcome: 'noop'; board: Board }
  | { outcome: 'rejected'; board: Board; code: RejectCode; /** undoTooLarge: the version to offer to restore. */ restoreTo?: number }
  | { outcome: 'repeated' }
  | { outcome: 'seqGap'; expected: number };

export type RejectCode =
  | 'forbidden' | 'shapeExists' | 'pageExists' | 'layerExists' | 'shapeLocked' | 'layerLocked' | 'lastPage' | 'lastLayer' | 'noSuchPage' | 'noSuchField'
  | 'groupTooLarge' | 'tooManyPoints' | 'tooManyShapes' | 'tooManyPages' | 'tooManyLayers' | 'restoreNotAlone' | 'noSuchBoard' | 'undoTooLarge';

/** Fed one line at a time, as slowly as one likes. @throws Error when the lines are not a snapshot, or not a whole one */
export type LineReader<Result> = { line(text: string): void; done(): Result };

export type { Board, BoardDoc, BoardEvent, BoardMemory, OpGroup };
