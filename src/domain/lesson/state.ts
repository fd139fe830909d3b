import type { z } from 'zod';
import type { imported, when } from './events.ts';

export type LessonStatus = 'scheduled' | 'live' | 'finished' | 'cancelled';
export type When = z.infer<typeof when>;
export type Imported = z.infer<typeof imported>;

export type Lesson = When & {
  status: LessonStatus;
  lessonId: string;
  title: string;
  teacherId: string;
  groupId: string | null;
  provider: 'zoom' | 'none';
  autoRecord: boolean;
  /** Null for provider `none`. */
  accountId: string | null;
  /** In the account's stream. */
  reservationId: string;
  /** In the teacher's agenda. */
  agendaReservationId: string;
  /** The lease it was started with; null while it was not, or for provider `none`. */
  leaseId: string | null;
  /** Reservations it had before, and those taken from it before they were recorded: none of them can become its place (again). */
  spentReservations: readonly string[];
  seriesId: string | null;
  imported: Imported | null;
};

/**
 *   none → scheduled → live → finished        finished, cancelled and abandoned are final
 *     ↓        └────────┴────→ cancelled       (a meeting that ended before its start was known: scheduled → finished)
 *   abandoned
 */
export type LessonState = { status: 'none' } | { status: 'abandoned' } | Lesson;

export const noLesson: LessonState = { status: 'none' };

export const exists = (state: LessonState): state is Lesson => state.status !== 'none' && state.status !== 'abandoned';
