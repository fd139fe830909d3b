import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { defineTask, type JobRequest, type Reactor, type Task } from '../reactors/reactor.ts';
import type { SyncMeeting } from './syncMeeting.ts';

export const syncMeetingTask = 'syncMeeting';

/** `cause`: the event that said "look again", so that what the job records can be traced to it. */
const payload = z.object({ lessonId: z.string().min(1), cause: z.object({ id: z.string(), correlationId: z.string() }).optional() });

export const syncMeetingJob = (lessonId: string, cause?: { id: string; correlationId: string }): JobRequest => ({
  task: syncMeetingTask, key: lessonId, payload: { lessonId, ...(cause ? { cause } : {}) },
});

/**
 * Any change of a lesson may change the meeting it wants. The meeting's own events ask for nothing: they are what the job wrote,
 * and a job they asked for would take the place of the one that waits for its Retry-After.
 */
export const zoomReactor: Reactor = {
  name: 'zoom',
  types: ['LessonScheduled', 'LessonRescheduled', 'LessonMovedToAccount', 'LessonDetailsChanged', 'LessonCancelled', 'LessonStarted', 'LessonFinished'],
  jobs(event) {
    switch (event.type) {
      case 'LessonScheduled':
      case 'LessonRescheduled':
      case 'LessonMovedToAccount':
      case 'LessonDetailsChanged':
      case 'LessonCancelled':
      case 'LessonStarted':
      case 'LessonFinished':
        return [syncMeetingJob(event.data.lessonId, { id: event.id, correlationId: event.metadata.correlationId })];
      default:
        return [];
    }
  },
};

export const createSyncMeetingTask = (sync: SyncMeeting): Task =>
  defineTask({
    name: syncMeetingTask,
    parse: (stored) => payload.parse(stored),
    async run({ lessonId, cause }, { isLastAttempt }) {
      const commandId = randomUUID();
      const context = { commandId, correlationId: cause?.correlationId ?? commandId, causationId: cause?.id ?? commandId, actor: { id: 'zoom', role: 'system' } };
      await sync(lessonId, { context, isLastAttempt });
    },
  });
