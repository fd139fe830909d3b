import { z } from 'zod';
import { eventType } from '../kernel/eventType.ts';
import { id } from '../kernel/fields.ts';
import type { Op } from './ops.ts';

/** Looks no deeper: the ops were checked when they were decided, and boards of 100,000 groups are folded. What folds them takes any JSON. */
const ops = z.custom<readonly Op[]>((value) => {
  if (!Array.isArray(value)) return false;
  for (const one of value as readonly unknown[]) if (typeof one !== 'object' || one === null || typeof (one as { op?: unknown }).op !== 'string') return false;
  return true;
}, 'is not a list of ops');

const whole = z.custom<number>((value) => Number.isSafeInteger(value) && (value as number) >= 0, 'is not a whole number');

/** Stream `board-<roomId>`. The board's version is the event's revision + 1. */
export const boardEvents = {
  /**
   * One atomic group. (personId, clientId, seq) is its identity; `gestureId` is what undo takes back, one or more groups. An undo and a
   * redo have concrete ops and `undoes`, the gesture they took back or brought back. `roomRevision`: the room's, which it was checked under.
   * What stands between `roomId` and `roomRevision` is what sockets are told, cut out of the text (frames.ts): new fields go between them.
   */
  OpGroupApplied: eventType(
    z.object({ roomId: id, personId: id, clientId: id, seq: whole, gestureId: id, kind: z.enum(['ops', 'undo', 'redo']), undoes: id.optional(), ops, roomRevision: whole }),
  ),
};

export type BoardEvent = { type: 'OpGroupApplied'; data: z.output<typeof boardEvents.OpGroupApplied.schema> };
/** A group as it is written. */
export type OpGroup = BoardEvent['data'];
