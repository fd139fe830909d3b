import { DomainError } from '../../domain/kernel/domainError.ts';
import { exists, type Lesson, type LessonEvent, type LessonState } from '../../domain/lesson/index.ts';
import { EventStoreError } from '../../ports/eventStore.ts';
import type { Executed } from '../pipeline/pipeline.ts';
import type { Kit } from './deps.ts';
import type { LessonAnswer, LessonSummary, Warning } from './types.ts';

export function summary(lesson: Lesson): LessonSummary {
  const { lessonId: id, title, teacherId, groupId, provider, autoRecord, localStart, zone, durationMinutes, startsAt, endsAt, status, accountId } = lesson;
  return { id, title, teacherId, groupId, provider, autoRecord, localStart, zone, durationMinutes, startsAt, endsAt, status, accountId };
}

export function lessonAnswer(executed: { id: string; revision: number; position: string; state: LessonState }, warnings: readonly Warning[] = []): LessonAnswer {
  const { id, revision, position, state } = executed;
  if (!exists(state)) throw new DomainError('lessonNotFound', 'there is no such lesson', { lessonId: id });
  return { id, revision, position, lesson: summary(state), warnings };
}

/**
 * What follows a recorded step: it stands, so a log that goes away now fails nobody. The repeat of the command does the rest, or the sweeper.
 * @returns the answer's position moved on to the last of the steps
 */
export async function afterwards<Answer extends { position: string }>(kit: Kit, answer: Answer, steps: readonly (() => Promise<{ position: string } | undefined>)[]): Promise<Answer> {
  const settled = await Promise.allSettled(steps.map((step) => step()));
  let { position } = answer;
  for (const one of settled) {
    if (one.status === 'fulfilled') {
      if (one.value && one.value.position > position) position = one.value.position;
    } else if (one.reason instanceof EventStoreError || one.reason instanceof DomainError) {
      kit.leftBehind?.('a reservation or lease of a lesson that has no use for it', one.reason);
    } else throw one.reason;
  }
  return { ...answer, position };
}

/**
 * Undoes what was reserved after a later step was refused. Only a refusal undoes: when the log did not answer, the step may have
 * been done, and a repeat of the command (or the sweeper, after a while) finds out.
 */
export async function undoing<Result>(kit: Kit, work: () => Promise<Result>, undo: () => readonly (() => Promise<{ position: string } | undefined>)[]): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DomainError) await afterwards(kit, { position: '' }, undo());
    throw error;
  }
}

/** A refusal of an agenda, in the words of lessons. */
export function teacherBusy(error: unknown, teacherId: string): unknown {
  return error instanceof DomainError && error.code === 'placeTaken'
    ? new DomainError('teacherBusy', 'the teacher already teaches at that time', { teacherId, conflicts: error.details['conflicts'] })
    : error;
}

/** Never fails a command. */
export async function studentWarnings(kit: Kit, lesson: { groupId: string | null; startsAt: string; endsAt: string }, lessonId: string): Promise<Warning[]> {
  if (!kit.studentOverlaps || lesson.groupId === null) return [];
  try {
    const overlaps = await kit.studentOverlaps(lesson.groupId, lesson.startsAt, lesson.endsAt, lessonId);
    return overlaps.map(({ lessonId: other, students }) => ({ code: 'studentsOverlap', lessonId: other, students }));
  } catch {
    return []; // the read model is away: no reason to refuse
  }
}

export type RecordedEvents = Executed<LessonState, LessonEvent>;

type LessonEventData = { [Event in LessonEvent as Event['type']]: Event['data'] };

/** What the one event of that type says, if the step recorded one. */
export const eventOf = <Type extends keyof LessonEventData>({ events }: RecordedEvents, type: Type): LessonEventData[Type] | undefined =>
  events.find((event) => event.type === type)?.data as LessonEventData[Type] | undefined;
