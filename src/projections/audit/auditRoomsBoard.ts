import type { Recorded } from '../../eventLog/recorded.ts';
import type { AuditedRoom, RoomFindingKind } from './auditRoomsRoom.ts';
import { heldBy } from './auditRoomsRoom.ts';
import type { Report } from './findings.ts';

type Group = Extract<Recorded, { type: 'OpGroupApplied' }>;
/** Ops are looked at as they are stored: an op that this does not know is a finding. */
type StoredOp = { op: string; id?: string; blob?: string; shape?: StoredShape; into?: StoredShape[]; set?: { locked?: boolean } };
type StoredShape = { id: string; type: string; author?: string; locked?: boolean };
type Need = 'own' | 'all' | string;

/** `shapes`: id → who drew it; undefined: a restore brought back a board that this does not see. */
type AuditedBoard = { version: number; sequences: Map<string, number>; shapes: Map<string, string>; restored: boolean };

const plain: Readonly<Record<string, string>> = {
  'page.add': 'addLayers', 'page.update': 'addLayers', 'page.delete': 'deleteLayers', 'page.reorder': 'reorderLayers',
  'layer.add': 'addLayers', 'layer.update': 'addLayers', 'layer.delete': 'deleteLayers', 'layer.reorder': 'reorderLayers',
  'board.clear': 'clearBoard', 'board.restore': 'restore',
};

/** Rules of boards: versions and sequences in turn, and each op allowed to its author by the room as it was when it was checked. */
export function createBoardRules(rooms: ReadonlyMap<string, AuditedRoom>, report: Report<RoomFindingKind>) {
  const boards = new Map<string, AuditedBoard>();

  function apply(event: Group): void {
    const { roomId, personId, clientId, seq, ops, roomRevision } = event.data;
    const room = rooms.get(roomId);
    if (!room || event.stream !== `board-${roomId}`) return report('unknownRoom', event, `a group on the board of a room that is not there (${roomId})`);
    let board = boards.get(roomId);
    if (!board) boards.set(roomId, (board = { version: 0, sequences: new Map(), shapes: new Map(), restored: false }));
    if (event.revision !== board.version) report('badVersion', event, `revision ${event.revision} of a board with ${board.version} versions`);
    board.version = event.revision + 1;
    const client = `${personId}\n${clientId}`;
    const last = board.sequences.get(client) ?? 0;
    if (seq <= last) report('badSequence', event, `sequence ${seq} of ${personId} ${clientId} after ${last}`);
    board.sequences.set(client, seq);
    if (roomRevision !== room.revision) report('wrongRevision', event, `checked under revision ${roomRevision}, written under ${room.revision}`);
    const stored = ops as readonly unknown[] as readonly StoredOp[];
    const isRestore = stored.length === 1 && stored[0]?.op === 'board.restore';
    const isImport = isRestore && board.version === 1 && room.forked;
    const isSchools = isRestore && event.metadata.actor.role === 'admin' && event.metadata.actor.id === personId;
    if (isSchools) {
      // An admin brings a board back from wherever they are; never in a room that has ended.
      if (hasEnded(room)) report('notAllowed', event, `${personId} restored the board of a room that is ${room.status}`);
    } else if (stored.length > 0 && !isImport) {
      const why = whyNotThere(room, personId);
      if (why !== undefined) report('notAllowed', event, `${personId} drew in a room that is ${why}`);
    }
    const held = heldBy(room, personId) ?? {};
    for (const op of stored) {
      const missing = isImport || isSchools ? undefined : needsOf(board, op, personId).find((need) => !has(held, need));
      if (missing !== undefined) report('notAllowed', event, `${op.op} of ${personId} needs ${missing === 'own' || missing === 'all' ? `edit ${missing}` : missing}`);
      keepUp(board, op, personId);
    }
  }

  /** Nobody draws in a room that has ended (it would be a finding): whose shapes they were is not asked any more. */
  function closeEnded({ type, stream }: Recorded): void {
    if (type !== 'RoomCompleted' && type !== 'RoomTerminated' && type !== 'RoomExpired') return;
    const board = boards.get(stream.slice('room-'.length));
    if (!board) return;
    board.shapes.clear();
    board.sequences.clear();
    board.restored = true;
  }
  return { boards, apply, closeEnded };
}

const has = (held: Readonly<Record<string, unknown>>, need: Need): boolean =>
  need === 'own' ? held['edit'] === 'own' || held['edit'] === 'all' : need === 'all' ? held['edit'] === 'all' : held[need] === true;

const hasEnded = ({ status }: AuditedRoom): boolean => ['completed', 'terminated', 'expired'].includes(status);

/** Hosts draw until the end, others while the room is active and not locked. */
function whyNotThere(room: AuditedRoom, personId: string): string | undefined {
  const one = room.people.get(personId);
  if (!one?.seat) return 'without a seat for them';
  if (hasEnded(room)) return room.status;
  if (one.role === 'host' || one.role === 'solo') return undefined;
  if (room.status !== 'active') return room.status;
  return room.locked ? 'locked' : undefined;
}

function needsOf({ shapes, restored }: AuditedBoard, op: StoredOp, personId: string): Need[] {
  const known = plain[op.op];
  if (known !== undefined) return [known];
  const author = op.id === undefined ? undefined : shapes.get(op.id);
  const edit: Need = author === undefined || author === personId ? 'own' : 'all';
  switch (op.op) {
    case 'shape.add': return ['draw', ...ofShapes([op.shape]), ...((op.shape?.author ?? personId) !== personId || op.shape?.locked ? ['all'] : [])];
    case 'shape.append': case 'shape.delete': return [edit];
    case 'shape.update': return [edit, ...(op.set?.locked === true && !restored && author !== undefined ? ['all'] : [])];
    case 'shape.split': return [edit, ...ofShapes(op.into ?? [])];
    default: return [`a permission that nobody knows (${op.op})`];
  }
}

const ofShapes = (shapes: readonly (StoredShape | undefined)[]): Need[] => (shapes.some((shape) => shape?.type === 'image') ? ['uploadImages'] : []);

function keepUp(board: AuditedBoard, op: StoredOp, personId: string): void {
  const { shapes } = board;
  switch (op.op) {
    case 'shape.add':
      if (op.shape) shapes.set(op.shape.id, op.shape.author ?? personId);
      return;
    case 'shape.delete':
      if (op.id !== undefined) shapes.delete(op.id);
      return;
    case 'shape.split': {
      const author = op.id === undefined ? undefined : shapes.get(op.id);
      if (op.id === undefined || (author === undefined && !board.restored)) return;
      shapes.delete(op.id);
      if (author !== undefined) for (const { id } of op.into ?? []) shapes.set(id, author);
      return;
    }
    case 'board.restore':
      // Whose shapes they are, only the kept board tells.
      shapes.clear();
      board.restored = true;
      return;
    default:
  }
}
