import { saidStart } from './matching.ts';
import type { KnownLesson, Said } from './types.ts';

export type Change = {
  /** What is undefined stays as it is. */
  when?: { localStart?: string; zone?: string; durationMinutes?: number };
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
  const startDiffers = !sameStart(said, imported);
  const lengthDiffers = said.durationMinutes !== imported.durationMinutes;
  const differs = startDiffers || lengthDiffers || said.teacherId !== imported.teacherId || said.title !== imported.title || said.groupId !== imported.groupId;
  if (!differs) return { outcome: 'unchanged' };
  const change: Change = {};
  const when = {
    ...(startDiffers && !sameStart(said, now) && { localStart: said.localStart, zone: said.zone }),
    ...(lengthDiffers && said.durationMinutes !== now.durationMinutes && { durationMinutes: said.durationMinutes }),
  };
  if (Object.keys(when).length > 0) change.when = when;
  if (said.teacherId !== imported.teacherId && said.teacherId !== now.teacherId) change.teacherId = said.teacherId;
  if (said.title !== imported.title && said.title !== now.title) change.title = said.title;
  if (said.groupId !== imported.groupId && said.groupId !== now.groupId) change.groupId = said.groupId;
  return { outcome: 'differs', change };
};

/** The same instant under another name of the zone (Europe/Kiev, Europe/Kyiv) is no move. */
const sameStart = (a: Said, b: Said): boolean => (a.localStart === b.localStart && a.zone === b.zone) || saidStart(a) === saidStart(b);
