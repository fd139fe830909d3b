import { applyOp, normaliseOps, type RestoredDocs } from './apply.ts';
import { whyNot } from './check.ts';
import { closeDraft, openServerDraft } from './draft.ts';
import { bytesOf } from './groupBytes.ts';
import { mostBytesOfGroup, mostOpsOfGroup, mostPointsOfGroup, numbersPerPoint } from './limits.ts';
import { countSeq, remember, seqOf } from './memory.ts';
import type { BoardOwners, BoardRules, DecidedGroup, Decision, GroupRequest, RejectCode, UndoRequest } from './request.ts';
import type { Board, BoardDoc } from './state.ts';
import { resolveRedo, resolveUndo, type Resolved } from './undo.ts';

/**
 * All or nothing. A group that would change nothing is acknowledged without an event. Costs a few µs on any board.
 * @param owners with them, groups that are decided one behind the other share the copies they make, and `board` is void afterwards (see there)
 * @throws nothing; the decision says it all
 */
export function decideGroup(board: Board, request: GroupRequest, rules: BoardRules, owners?: BoardOwners): Decision {
  // What is refused at its second op is taken back by forgetting its copies: they have to be its own.
  const shared = request.ops.length === 1 ? owners : undefined;
  return inSequence(board, request) ?? decided(board, { ...request, kind: 'ops', ops: normaliseOps(request.ops, request.personId) }, rules, shared);
}

/** Takes back one's own last gesture, or the one named (naming an undo: a redo). Nothing to take back is a noop. */
export function decideUndo(board: Board, request: UndoRequest, rules: BoardRules): Decision {
  return inSequence(board, request) ?? decidedResolved(board, request, resolveUndo(board, request.personId, request.gestureId), rules);
}

/** Brings back what one's own last undo took back, or the gesture named. */
export function decideRedo(board: Board, request: UndoRequest, rules: BoardRules): Decision {
  return inSequence(board, request) ?? decidedResolved(board, request, resolveRedo(board, request.personId, request.gestureId), rules);
}

/** The last sequence taken in from a client; 0 when none was. */
export const lastSeq = (board: Board, personId: string, clientId: string): number => seqOf(board.memory, personId, clientId);

/** Of a client that comes back: it was told of every sequence up to `ackedSeq`, some of which (no-ops, refusals) left no event for the fold to know. */
export const heard = (board: Board, personId: string, clientId: string, ackedSeq: number): Board =>
  (ackedSeq > lastSeq(board, personId, clientId) ? { ...board, memory: countSeq(board.memory, { personId, clientId, seq: ackedSeq }, board.version) } : board);

function inSequence(board: Board, { personId, clientId, seq }: UndoRequest): Decision | undefined {
  const last = lastSeq(board, personId, clientId);
  if (seq <= last) return { outcome: 'repeated' };
  return seq > last + 1 ? { outcome: 'seqGap', expected: last + 1 } : undefined;
}

/** A restore weighs nothing: it has only a hash. An undo may have any number of points that fits the bytes. */
function whyTooLarge({ kind, ops }: DecidedGroup): RejectCode | undefined {
  if (ops.length > mostOpsOfGroup) return 'groupTooLarge';
  let numbers = 0;
  if (kind === 'ops') for (const op of ops) numbers += op.op === 'shape.append' ? op.points.length : op.op === 'shape.add' && op.shape.type === 'stroke' ? op.shape.points.length : 0;
  if (numbers > mostPointsOfGroup * numbersPerPoint) return 'tooManyPoints';
  return bytesOf(ops) > mostBytesOfGroup ? 'groupTooLarge' : undefined;
}

function decidedResolved(board: Board, request: UndoRequest, resolved: Resolved | undefined, rules: BoardRules): Decision {
  if (!resolved) return { outcome: 'noop', board: counted(board, request) };
  const { entry, kind, ops } = resolved;
  const { personId, clientId, seq } = request;
  const group: DecidedGroup = { personId, clientId, seq, gestureId: `${kind}-${clientId.slice(0, 40)}-${seq}`, kind, undoes: entry.gestureId, ops };
  const decision = entry.changes ? decided(board, group, rules) : undefined;
  if (decision && !(decision.outcome === 'rejected' && decision.code === 'groupTooLarge')) return decision;
  return { outcome: 'rejected', board: counted(board, request), code: 'undoTooLarge', restoreTo: entry.before };
}

function decided(board: Board, group: DecidedGroup, { may, restoredDocs }: BoardRules, owners?: BoardOwners): Decision {
  const rejected = (code: RejectCode): Decision => ({ outcome: 'rejected', board: counted(board, group), code });
  const tooLarge = whyTooLarge(group);
  if (tooLarge !== undefined) return rejected(tooLarge);
  const draft = openServerDraft(board.doc, owners?.doc);
  const memory = remember(board.memory, group, board.version + 1, owners?.memory ?? draft.owner);
  for (const op of group.ops) {
    const why = whyNot(draft, op, group, may) ?? (op.op === 'board.restore' ? whyNotRestored(group, op.blob, restoredDocs) : undefined);
    if (why !== undefined) return rejected(why);
    applyOp(draft, op, { author: group.personId, restoredDocs }, memory.observe);
  }
  const doc: BoardDoc = closeDraft(draft, board.doc);
  if (doc === board.doc) return { outcome: 'noop', board: counted(board, group) };
  return { outcome: 'accepted', group, board: { version: board.version + 1, doc, memory: memory.finish() } };
}

function whyNotRestored({ ops }: DecidedGroup, blob: string, restoredDocs: RestoredDocs | undefined): RejectCode | undefined {
  if (ops.length > 1) return 'restoreNotAlone';
  return restoredDocs?.(blob) ? undefined : 'noSuchBoard';
}

const counted = (board: Board, { personId, clientId, seq }: UndoRequest): Board => ({ ...board, memory: countSeq(board.memory, { personId, clientId, seq }, board.version) });
