import { decideGroup, decideRedo, decideUndo, heard, lastSeq, type Board, type BoardOwners, type BoardRules, type DecidedGroup, type Decision } from '../../../domain/board/index.ts';
import { mayOnBoard } from '../../../domain/room/permissions.ts';
import { permissionsOf, whyNotDraw, type RoomState } from '../../../domain/room/state.ts';
import { UnwritableEvent } from '../../../eventLog/codec.ts';
import type { EventLog } from '../../../eventLog/eventLog.ts';
import { deriveId } from '../../../eventLog/ids.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { EventToAppend } from '../../../ports/eventStore.ts';
import { groupJsonIn, type Verdicts } from './frames.ts';
import type { Undone, UndoneGroups } from './undone.ts';

/** Names the ids of all op groups: (room, person, client, sequence) is what a group is. */
const boardNamespace = 'b0a7d6f2-5c1e-4f37-9d5b-6c2f1f0f8e11';
export const groupId = (roomId: string, personId: string, clientId: string, seq: number): string => deriveId(boardNamespace, roomId, personId, clientId, seq);

/** A group, an undo or a redo that waits to be decided. */
export type Request = {
  /** Undefined: not from a socket (a restore over HTTP). */
  connectionId: string | undefined;
  personId: string; role: string; clientId: string; seq: number;
  asked: { t: 'ops'; gestureId: string; ops: Parameters<typeof decideGroup>[1]['ops'] } | { t: 'undo' | 'redo'; gestureId: string | undefined };
  bytes: number;
  /** A restore brings its board along; else restores are refused. */
  restoredDocs?: BoardRules['restoredDocs'];
  /** Asked by the school itself: the room's permissions do not count. */
  isTrusted?: boolean;
  settled?(verdict: Settled): void;
};
export type Settled = { outcome: 'accepted' | 'noop' | 'repeated'; version: number } | { outcome: 'rejected'; code: string };

/** What a batch came to. Nothing of it counts before its events are in the log. */
export type Batch = {
  events: EventToAppend[];
  groups: { request: Request; group: DecidedGroup; version: number; json: string }[];
  /** With the batch: version, shapes, and every sequence that was counted. */
  board: Board;
  /** connectionId → what to tell it. */
  verdicts: Map<string, Verdicts>;
  /** Sequences that came too early: connection, sequence, the one that is expected. */
  gaps: { connectionId: string; seq: number; expected: number }[];
  settle: (() => void)[];
  /** What did not fit: to be decided behind it. */
  left: readonly Request[];
};

/** Of events as JSON. One more group, and it still fits into an append (1 MB): an undo that weighs nothing as a request may bring back a lot. */
const mostBytes = 512 * 1024;

type ToDecide = { roomId: string; board: Board; room: RoomState; roomRevision: number; requests: readonly Request[]; codec: EventLog['codec']; clock: Clock; undone: UndoneGroups };

/**
 * Decides requests one after the other, each on the board that the one before left and under the room as it is now. Whatever is refused
 * takes its sequence with it, so that nothing behind it waits.
 * @param docOwner whoever passes one has no use for `board.doc` any more, whatever comes of the batch; without one, it stays as it is
 * @throws UnwritableEvent with a docOwner only: what the log cannot hold was decided on a doc that is written over. Else it is refused.
 */
export function decideBatch({ roomId, board, room, roomRevision, requests, codec, clock, undone }: ToDecide, docOwner?: object): Batch {
  const owners = docOwner && { doc: docOwner, memory: {} };
  const batch: Batch = { events: [], groups: [], board, verdicts: new Map(), gaps: [], settle: [], left: [] };
  let bytes = 0;
  const rules = new Map<string, BoardRules | string>();
  const occurredAt = clock.now().toISOString();

  for (const [i, request] of requests.entries()) {
    if (bytes > mostBytes) {
      batch.left = requests.slice(i);
      break;
    }
    const { personId, clientId, seq } = request;
    let rule = request.isTrusted ? everything : rules.get(personId);
    if (rule === undefined) rules.set(personId, (rule = rulesFor(room, personId)));
    const decision = typeof rule === 'string' ? notAllowed(batch.board, request, rule) : decide(batch.board, request, request.restoredDocs ? { ...rule, restoredDocs: request.restoredDocs } : rule, owners);
    switch (decision.outcome) {
      case 'accepted': {
        const { group } = decision;
        const id = groupId(roomId, personId, clientId, seq);
        let event;
        try {
          event = codec.encode({ type: 'OpGroupApplied', data: { roomId, ...group, roomRevision } }, id, {
            commandId: id, correlationId: id, causationId: id, actor: { id: personId, role: request.role }, occurredAt,
          });
          if (event instanceof Promise) throw new TypeError('an op group has no personal fields');
          batch.events.push(event);
          bytes += Buffer.byteLength(event.dataJson);
        } catch (error) {
          if (!(error instanceof UnwritableEvent) || owners) throw error;
          batch.board = heard(batch.board, personId, clientId, seq);
          reject(batch, request, 'invalid', undone);
          break;
        }
        batch.board = decision.board;
        const { version } = decision.board;
        batch.groups.push({ request, group, version, json: groupJsonIn(event.dataJson, { roomId, roomRevision }, version) });
        settled(batch, request, { outcome: 'accepted', version: decision.board.version });
        break;
      }
      case 'noop':
        batch.board = decision.board;
        verdictsFor(batch, request)?.noop.push(seq);
        undone.note(personId, clientId, seq, { kind: 'noop' });
        settled(batch, request, { outcome: 'noop', version: decision.board.version });
        break;
      case 'rejected':
        batch.board = decision.board;
        reject(batch, request, decision.code, undone);
        break;
      case 'repeated':
        addUndone(verdictsFor(batch, request), seq, undone.find(personId, clientId, seq));
        settled(batch, request, { outcome: 'repeated', version: batch.board.version });
        break;
      case 'seqGap':
        if (request.connectionId !== undefined) batch.gaps.push({ connectionId: request.connectionId, seq, expected: decision.expected });
        settled(batch, request, { outcome: 'rejected', code: 'seqGap' });
        break;
    }
  }
  return batch;
}

const everything: BoardRules = { may: () => true };

/** Why this person may not draw at all, or what they may. */
function rulesFor(room: RoomState, personId: string): BoardRules | string {
  const why = whyNotDraw(room, personId);
  if (why !== undefined) return why;
  const permissions = permissionsOf(room, personId);
  return permissions ? { may: mayOnBoard(permissions) } : 'notInRoom';
}

function decide(board: Board, { personId, clientId, seq, asked }: Request, rules: BoardRules, owners: BoardOwners | undefined): Decision {
  if (asked.t === 'ops') return decideGroup(board, { personId, clientId, seq, gestureId: asked.gestureId, ops: asked.ops }, rules, owners);
  const request = { personId, clientId, seq, gestureId: asked.gestureId };
  return asked.t === 'undo' ? decideUndo(board, request, rules) : decideRedo(board, request, rules);
}

type NotAllowed = { outcome: 'rejected'; board: Board; code: string } | Extract<Decision, { outcome: 'repeated' | 'seqGap' }>;

function notAllowed(board: Board, { personId, clientId, seq }: Request, code: string): NotAllowed {
  const last = lastSeq(board, personId, clientId);
  if (seq <= last) return { outcome: 'repeated' };
  if (seq > last + 1) return { outcome: 'seqGap', expected: last + 1 };
  return { outcome: 'rejected', board: heard(board, personId, clientId, seq), code };
}

function verdictsFor({ verdicts }: Batch, { connectionId, seq }: Request): Verdicts | undefined {
  if (connectionId === undefined) return undefined;
  let one = verdicts.get(connectionId);
  if (!one) verdicts.set(connectionId, (one = { upTo: seq, noop: [], rejected: [] }));
  else if (seq > one.upTo) one.upTo = seq;
  return one;
}

function settled(batch: Batch, request: Request, verdict: Settled): void {
  if (verdict.outcome === 'accepted') verdictsFor(batch, request);
  const { settled: tell } = request;
  if (tell) batch.settle.push(() => tell(verdict));
}

/** What is said of a group that is not in the log. */
export function addUndone(verdicts: Verdicts | undefined, seq: number, undone: Undone | undefined): void {
  if (undone?.kind === 'noop') verdicts?.noop.push(seq);
  else if (undone) verdicts?.rejected.push({ seq, code: undone.code });
}

function reject(batch: Batch, request: Request, code: string, undone: UndoneGroups): void {
  undone.note(request.personId, request.clientId, request.seq, { kind: 'rejected', code });
  verdictsFor(batch, request)?.rejected.push({ seq: request.seq, code });
  settled(batch, request, { outcome: 'rejected', code });
}
