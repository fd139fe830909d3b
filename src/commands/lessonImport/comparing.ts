import { saidStart } from './matching.ts';
import type { KnownLesson, Said } from './types.ts';

export type Change = {
  /** Undefined: stays as it is. */
  when?: { localStart: string; zone: string; durationMinutes: number };
  teacherId?: string;
  title?: string;
  /** Null: no group any more. */
  groupId?: string | null;
};

export type Comparison =
  /** The file says what it said before: whatever people changed since stays. */
  | { outcome: 'unchanged' }
  /** What differs from last time and the lesson does not have yet. Empty: people did the same by hand already; it only is to be remembered. */
  | { outcome: 'differs'; change: Change }
  /** Begun, finished, or cancelled by hand: the file has no say any more. */
  | { outcome: 'final' };

/** Three ways: what the file says now, what it said last, and how the lesson is. Only what the file itself changed is changed. */
export const compare = (said: Said, { imported, now, status }: KnownLesson): Comparison => {
  if (status !== 'scheduled') return { outcome: 'final' };
  const timeDiffers = !sameTime(said, imported);
  const differs = timeDiffers || said.teacherId !== imported.teacherId || said.title !== imported.title || said.groupId !== imported.groupId;
  if (!differs) return { outcome: 'unchanged' };
  const change: Change = {};
  if (timeDiffers && !sameTime(said, now)) change.when = { localStart: said.localStart, zone: said.zone, durationMinutes: said.durationMinutes };
  if (said.teacherId !== imported.teacherId && said.teacherId !== now.teacherId) change.teacherId = said.teacherId;
  if (said.title !== imported.title && said.title !== now.title) change.title = said.title;
  if (said.groupId !== imported.groupId && said.groupId !== now.groupId) change.groupId = said.groupId;
  return { outcome: 'differs', change };
};

/** The same instant and length under another name of the zone (Europe/Kiev, Europe/Kyiv) is no move. */
const sameTime = (a: Said, b: Said): boolean =>
  a.durationMinutes === b.durationMinutes && ((a.localStart === b.localStart && a.zone === b.zone) || saidStart(a) === saidStart(b));
