import type { BoardFromClient, BoardFromServer } from '../../../commands/rooms/protocol/board.ts';
import { limits } from '../../../commands/rooms/protocol/closeCodes.ts';

/** One line of a conversation on a board's socket. */
export type Line =
  | { by: 'client'; message: BoardFromClient; note: string }
  | { by: 'server'; message: BoardFromServer; note: string }
  | { by: 'client' | 'server'; close: number; note: string };

const square = {
  id: 'shape-1', type: 'rectangle', page: 'page-1', layer: 'layer-1', x: 10, y: 20, rotation: 0, scale: 1, z: 'a0', style: { color: '#1d4ed8', width: 2 }, locked: false, width: 100, height: 80,
} as const;
const serverTime = '2026-03-02T17:00:00.000Z';
const room = { id: 'room-1', status: 'active', type: 'lesson', revision: 12, hostId: 'teacher-1' };

/** A worked conversation; a test checks each line against the schemas. */
export const transcript: readonly Line[] = [
  { by: 'client', note: 'After POST …/ticket, on wss://…/ws/classroom/room-1/board?ticket=…, subprotocol lectern.room.v1.', message: { t: 'hello', d: { clientId: 'tab-a', lastVersion: 40, ackedSeq: 7 } } },
  {
    by: 'server', note: 'Two groups were missed: they follow. Group 8 of this tab never arrived, so it is to be sent again.',
    message: { t: 'welcome', d: { version: 42, lastSeq: 7, you: { personId: 'student-1', clientId: 'tab-a', connectionId: '6f1c', role: 'student' }, room, serverTime, permissions: { draw: true, edit: 'own' }, limits: { ...limits } } },
  },
  {
    by: 'server', note: 'Version 41 is this tab\'s own group 7, in short; 42 is the teacher\'s.',
    message: { t: 'ops', d: { from: 40, groups: [{ version: 41, clientId: 'tab-a', seq: 7 }, { version: 42, personId: 'teacher-1', clientId: 'tab-t', seq: 3, gestureId: 'g-1', kind: 'ops', ops: [{ op: 'shape.delete', id: 'shape-0' }] }] } },
  },
  { by: 'client', note: 'Pending group 8, shown at once, confirmed later.', message: { t: 'ops', id: 'm-1', d: { seq: 8, gestureId: 'g-8', ops: [{ op: 'shape.add', shape: square }] } } },
  { by: 'client', note: 'A shape of somebody else, which a student may not touch; the next group does not wait for this one.', message: { t: 'ops', d: { seq: 9, gestureId: 'g-9', ops: [{ op: 'shape.delete', id: 'shape-5' }] } } },
  { by: 'server', note: 'In the log: to the author in short, to all others in full.', message: { t: 'ops', d: { from: 42, groups: [{ version: 43, clientId: 'tab-a', seq: 8 }] } } },
  { by: 'server', note: 'Both are settled.', message: { t: 'ack', d: { upTo: 9, version: 43, rejected: [{ seq: 9, code: 'forbidden' }] } } },
  { by: 'client', note: 'Dropped when there are more than 30 a second.', message: { t: 'pointer', d: { page: 'page-1', x: 61.5, y: 40 } } },
  { by: 'server', note: 'Of the others, coalesced.', message: { t: 'presence', d: { people: [{ personId: 'teacher-1', clientId: 'tab-t', pointer: { page: 'page-1', x: 5, y: 5 } }] } } },
  { by: 'client', note: 'Back to where it was.', message: { t: 'undo', d: { seq: 10 } } },
  {
    by: 'server', note: 'What an undo came to is in full for its author, too.',
    message: { t: 'ops', d: { from: 43, groups: [{ version: 44, personId: 'student-1', clientId: 'tab-a', seq: 10, gestureId: 'g-10', kind: 'undo', undoes: 'g-8', ops: [{ op: 'shape.delete', id: 'shape-1' }] }] } },
  },
  { by: 'server', note: '', message: { t: 'ack', d: { upTo: 10, version: 44 } } },
  { by: 'server', note: 'The server is going away: a new ticket, and hello with lastVersion 44, ackedSeq 10.', close: 1012 },
];
