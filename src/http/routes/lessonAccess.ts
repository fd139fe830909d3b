import type { DirectoryQueries } from '../../projections/directory/queries.ts';
import type { LessonScope, RecordedLesson } from '../../projections/lessons/queries.ts';
import type { Actor } from '../route.ts';

/**
 * Who sees which lessons: admins, managers and auditors all; teachers those they teach and those of their groups; students those
 * of their groups. Who does not see a lesson is told that there is none.
 */
export async function scopeOf(actor: Actor, directory: Pick<DirectoryQueries, 'groupsOf'>): Promise<LessonScope> {
  switch (actor.role) {
    case 'admin': case 'manager': case 'auditor': return 'all';
    case 'teacher': return { teacher: actor.id, groups: await directory.groupsOf(actor.id) };
    case 'student': return { teacher: null, groups: await directory.groupsOf(actor.id) };
  }
}

export const isInScope = (scope: LessonScope, lesson: Pick<RecordedLesson, 'teacher_id' | 'group_id'>): boolean =>
  scope === 'all' || lesson.teacher_id === scope.teacher || (lesson.group_id !== null && scope.groups.includes(lesson.group_id));

/** Runs the school: plans anything for anybody. */
export const runsSchool = ({ role }: Actor): boolean => role === 'admin' || role === 'manager';

/** Sees how a lesson is placed (account, the vendor's own link and its troubles), not only that it takes place. */
export const seesWorkings = (actor: Actor, lesson: Pick<RecordedLesson, 'teacher_id'>): boolean =>
  runsSchool(actor) || actor.role === 'auditor' || (actor.role === 'teacher' && actor.id === lesson.teacher_id);

/** Plans this lesson: those who run the school, and a teacher their own. */
export const mayPlan = (actor: Actor, teacherId: string): boolean => runsSchool(actor) || (actor.role === 'teacher' && actor.id === teacherId);

/** When a lesson's door is open: from `startEarlyMinutes` before its start to `graceMinutes` after its end, unless it is over before or still runs. */
export type Door = { state: 'open' } | { state: 'early'; opensAt: string } | { state: 'over' };

export function doorOf(lesson: RecordedLesson, now: Date, { startEarlyMinutes, graceMinutes }: { startEarlyMinutes: number; graceMinutes: number }): Door {
  if (lesson.status === 'cancelled' || lesson.status === 'finished') return { state: 'over' };
  if (lesson.status === 'live') return { state: 'open' };
  const opens = Date.parse(lesson.starts_at) - startEarlyMinutes * 60_000;
  if (now.getTime() < opens) return { state: 'early', opensAt: new Date(opens).toISOString() };
  return now.getTime() < Date.parse(lesson.ends_at) + graceMinutes * 60_000 ? { state: 'open' } : { state: 'over' };
}

/** What the caller may do with a lesson as it is now. */
export type Permissions = {
  join: boolean; start: boolean; end: boolean; reschedule: boolean; changeDetails: boolean; reassign: boolean; cancel: boolean; overrideTeacherConflict: boolean;
};

export function permissionsOf(actor: Actor, lesson: RecordedLesson, door: Door, now: Date): Permissions {
  const final = lesson.status === 'cancelled' || lesson.status === 'finished';
  const planned = lesson.status === 'scheduled';
  const plans = mayPlan(actor, lesson.teacher_id);
  const runs = actor.role === 'admin' || (actor.role === 'teacher' && actor.id === lesson.teacher_id);
  return {
    join: door.state === 'open' && actor.role !== 'auditor',
    start: runs && planned && door.state === 'open' && now.getTime() < Date.parse(lesson.ends_at),
    end: runs && lesson.status === 'live',
    reschedule: plans && planned, changeDetails: plans && !final, reassign: runsSchool(actor) && planned, cancel: plans && !final,
    overrideTeacherConflict: runsSchool(actor),
  };
}
