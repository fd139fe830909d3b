import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { RoomCommands } from '../../commands/rooms/index.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import { classroomRolesId } from '../../domain/classroomRoles/index.ts';
import { defineTask, type JobRequest, type Reactor, type Task } from '../reactors/reactor.ts';
import { RetryLater } from '../reactors/retryLater.ts';

const syncRoomTask = 'syncRoom';
const spreadRolesTask = 'spreadRoleDefaults';

const cause = z.object({ id: z.string(), correlationId: z.string() });
type Cause = z.infer<typeof cause>;

const syncRoomJob = (lessonId: string, why: Cause): JobRequest => ({ task: syncRoomTask, key: lessonId, payload: { lessonId, cause: why } });

/** A lesson's room follows its lesson; rooms that somebody is in follow the school's role defaults. */
export const roomReactor: Reactor = {
  name: 'rooms',
  types: ['LessonScheduled', 'LessonRescheduled', 'LessonDetailsChanged', 'LessonTeacherReassigned', 'LessonCancelled', 'ClassroomRoleChanged'],
  jobs(event) {
    const why = { id: event.id, correlationId: event.metadata.correlationId };
    switch (event.type) {
      case 'LessonScheduled':
      case 'LessonRescheduled':
      case 'LessonDetailsChanged':
      case 'LessonTeacherReassigned':
      case 'LessonCancelled':
        return [syncRoomJob(event.data.lessonId, why)];
      case 'ClassroomRoleChanged':
        return [{ task: spreadRolesTask, key: classroomRolesId, payload: { cause: why } }];
      default:
        return [];
    }
  },
};

const contextOf = (why: Cause) => ({ commandId: randomUUID(), correlationId: why.correlationId, causationId: why.id, actor: { id: 'reactor:rooms', role: 'system' } });

/** Milliseconds until a room whose owner could not be had is looked at again. */
const ownerIsAway = 5_000;
/** Somebody started or ended the room between our look and our command: the next look tells what is left to do. */
const overtaken = new Set(['roomStarted', 'roomEnded', 'contended', 'staleRevision']);
const lookAgain = 1_000;
/** Rooms of one page; the spread goes from page to page in order of id. */
const page = 200;

/** @param begun rooms that somebody has come to and that have not ended, in order of id */
export const createRoomTasks = (commands: Pick<RoomCommands, 'syncLesson' | 'spreadRoleDefaults'>, begun: (after: string, limit: number) => Promise<readonly string[]>): Task[] => [
  defineTask({
    name: syncRoomTask,
    parse: (stored) => z.object({ lessonId: z.string().min(1), cause }).parse(stored),
    async run({ lessonId, cause: why }) {
      await later(() => commands.syncLesson(lessonId, contextOf(why)));
    },
  }),
  defineTask({
    name: spreadRolesTask,
    parse: (stored) => z.object({ cause }).parse(stored),
    async run({ cause: why }, { signal }) {
      let after = '';
      for (;;) {
        const roomIds = await begun(after, page);
        for (const roomId of roomIds) {
          signal.throwIfAborted();
          await later(() => commands.spreadRoleDefaults(roomId, contextOf(why)));
        }
        after = roomIds.at(-1) ?? after;
        if (roomIds.length < page) return;
      }
    },
  }),
];

async function later(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.code === 'roomUnavailable') throw new RetryLater(ownerIsAway, error.message, { cause: error });
    throw overtaken.has(error.code) ? new RetryLater(lookAgain, error.message, { cause: error }) : error;
  }
}
