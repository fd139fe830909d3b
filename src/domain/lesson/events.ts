import { z } from 'zod';
import { eventType } from '../kernel/eventType.ts';
import { id, instant, localTime, zone } from '../kernel/fields.ts';

/** When a lesson is: what people said (wall time, zone, length) and what it comes to (instants). */
export const when = z.object({ localStart: localTime, zone, durationMinutes: z.int().positive(), startsAt: instant, endsAt: instant });

/**
 * The place it has: `accountId` null for provider `none`. `reservationId` names the reservation in the account's stream and in the
 * agenda's: one word when the lesson got both at once; a move to another account renames only the account's, another teacher only the agenda's.
 */
export const place = z.object({ accountId: id.nullable(), reservationId: id });

/** Where an imported lesson came from, and what the file said: later imports compare with this, so that what people moved by hand stays. */
export const imported = z.object({
  importId: id, calendar: z.string(), uid: z.string(), recurrenceId: z.string(),
  title: z.string(), teacherId: id, groupId: id.nullable(), localStart: localTime, zone, durationMinutes: z.int().positive(),
});

const override = z.object({ reason: z.string() });

/** Stream `lesson-<lessonId>`: what people decide. */
export const lessonEvents = {
  LessonScheduled: eventType(
    when.extend({
      ...place.shape, lessonId: id, title: z.string(), teacherId: id, groupId: id.nullable(), provider: z.enum(['zoom', 'none']), autoRecord: z.boolean(),
      seriesId: id.optional(), override: override.optional(), imported: imported.optional(),
    }),
  ),
  /** `previous`: what is released now. */
  LessonRescheduled: eventType(
    when.extend({ ...place.shape, lessonId: id, override: override.optional(), previous: place.extend({ agendaReservationId: id }) }),
  ),
  /** Same time, other account: a pool change, an overrun, or a full account at the start. */
  LessonMovedToAccount: eventType(z.object({ lessonId: id, accountId: id, reservationId: id, reason: z.string(), previous: place })),
  /**
   * A reservation that was made for this lesson long ago was never recorded here: it is taken away, and a slow command can no longer
   * record it. (For a lesson that does not exist yet, LessonAbandoned says the same.)
   */
  LessonPlaceForfeited: eventType(z.object({ lessonId: id, reservationId: id, reason: z.string() })),
  LessonDetailsChanged: eventType(z.object({ lessonId: id, title: z.string().optional(), groupId: id.nullable().optional(), autoRecord: z.boolean().optional() })),
  LessonTeacherReassigned: eventType(z.object({ lessonId: id, teacherId: id, previousTeacherId: id, reservationId: id, previousReservationId: id, override: override.optional() })),
  LessonStarted: eventType(z.object({ lessonId: id, startedAt: instant, accountId: id.nullable(), leaseId: id.nullable(), by: z.enum(['teacher', 'admin', 'meeting']) })),
  LessonFinished: eventType(z.object({ lessonId: id, finishedAt: instant, by: z.enum(['teacher', 'admin', 'meeting', 'releaseJob']) })),
  LessonCancelled: eventType(z.object({ lessonId: id, cancelledAt: instant, reason: z.string() })),
  /** First event of a lesson whose scheduler did not finish in time: it can never be recorded without its place. */
  LessonAbandoned: eventType(z.object({ lessonId: id, reason: z.string() })),
  /** A later import met this lesson again; `imported` holds what the file says now. */
  LessonImportedAgain: eventType(z.object({ lessonId: id, imported })),
};
