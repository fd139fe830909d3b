import { DomainError } from '../../domain/kernel/domainError.ts';
import { group, type Group } from '../../domain/group/index.ts';
import { person, type Person } from '../../domain/person/index.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';

/** @throws DomainError `unknownTeacher`, `teacherInactive`, `notATeacher`; each only after reading to the head */
export async function mustTeach(pipeline: Pipeline, teacherId: string): Promise<void> {
  const refusal = ({ status, role }: Person): DomainError | undefined => {
    if (status === 'unknown') return new DomainError('unknownTeacher', 'there is no such person', { teacherId });
    if (status === 'inactive') return new DomainError('teacherInactive', 'this person is deactivated', { teacherId });
    return role === 'teacher' ? undefined : new DomainError('notATeacher', 'this person is not a teacher', { teacherId });
  };
  if (!refusal((await pipeline.load(person, teacherId)).state)) return;
  const newest = refusal((await pipeline.load(person, teacherId, { fresh: true })).state);
  if (newest) throw newest;
}

/** @throws DomainError `unknownGroup` */
export async function groupMustExist(pipeline: Pipeline, groupId: string | null): Promise<void> {
  if (groupId === null) return;
  const is = ({ state }: { state: Group }) => state.exists;
  if (is(await pipeline.load(group, groupId)) || is(await pipeline.load(group, groupId, { fresh: true }))) return;
  throw new DomainError('unknownGroup', 'there is no such group', { groupId });
}

/** Passing over a teacher's other lesson is for managers and admins. @throws DomainError `overrideNotAllowed` */
export function mayOverride(override: { reason: string } | undefined, { actor }: CommandContext): void {
  if (override && actor.role !== 'manager' && actor.role !== 'admin') {
    throw new DomainError('overrideNotAllowed', 'only a manager or an admin may plan a teacher twice');
  }
}

/** @throws DomainError `forbidden` unless the actor is the lesson's teacher or an admin */
export function teacherOrAdmin({ teacherId }: { teacherId: string }, { actor }: CommandContext): 'teacher' | 'admin' {
  if (actor.id === teacherId) return 'teacher';
  if (actor.role === 'admin') return 'admin';
  throw new DomainError('forbidden', 'only the teacher of this lesson and admins may do this');
}
