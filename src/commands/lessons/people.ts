import { LRUCache } from 'lru-cache';
import { atMost } from '../../domain/kernel/atMost.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import { group } from '../../domain/group/index.ts';
import { person, type Person } from '../../domain/person/index.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';

/** For how long what was read of a person or group is good enough to plan on: another process may have deactivated them. Milliseconds. */
const goodFor = 10_000;

export type People = ReturnType<typeof createPeople>;

export function createPeople(pipeline: Pipeline) {
  const read = new LRUCache<string, true>({ ...atMost(20_000), ttl: goodFor });
  /** Reads to the head when that was not done lately. */
  const isFresh = (stream: string): boolean => {
    if (read.has(stream)) return true;
    read.set(stream, true);
    return false;
  };

  return {
    /** @throws DomainError `unknownTeacher`, `teacherInactive`, `notATeacher`; each only after reading to the head */
    async mustTeach(teacherId: string): Promise<void> {
      const fresh = !isFresh(`person-${teacherId}`);
      if (!whyNot((await pipeline.load(person, teacherId, { fresh })).state, teacherId)) return;
      const refusal = whyNot((await pipeline.load(person, teacherId, { fresh: true })).state, teacherId);
      if (refusal) throw refusal;
    },

    /** @throws DomainError `unknownGroup` */
    async groupMustExist(groupId: string | null): Promise<void> {
      if (groupId === null) return;
      const fresh = !isFresh(`group-${groupId}`);
      if ((await pipeline.load(group, groupId, { fresh })).state.exists || (await pipeline.load(group, groupId, { fresh: true })).state.exists) return;
      throw new DomainError('unknownGroup', 'there is no such group', { groupId });
    },
  };
}

function whyNot({ status, role }: Person, teacherId: string): DomainError | undefined {
  if (status === 'unknown') return new DomainError('unknownTeacher', 'there is no such person', { teacherId });
  if (status === 'inactive') return new DomainError('teacherInactive', 'this person is deactivated', { teacherId });
  return role === 'teacher' ? undefined : new DomainError('notATeacher', 'this person is not a teacher', { teacherId });
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
