import { DomainError } from '../kernel/domainError.ts';
import type { LessonEvent } from './evolve.ts';
import { exists, type Imported, type Lesson, type LessonState, type When } from './state.ts';

type Override = { reason: string };
/** The place that the caller saw when it reserved the new one: another one by now means another time, teacher or account. And whether the lesson was to be recorded: not every account can. */
type Seen = { seen: { reservationId: string; agendaReservationId: string; autoRecord: boolean } };
type Details = { title: string; groupId: string | null; autoRecord: boolean };

/** Instants are RFC 3339 UTC. `at`: now. The places named here are reserved already. */
export type LessonCommand =
  | ({
      type: 'schedule'; lessonId: string; teacherId: string; provider: 'zoom' | 'none'; accountId: string | null; reservationId: string; at: string;
      override?: Override; seriesId?: string; imported?: Imported;
    } & When & Details)
  | ({ type: 'reschedule'; accountId: string | null; reservationId: string; at: string; override?: Override } & When & Seen)
  | ({ type: 'moveToAccount'; accountId: string; reservationId: string; reason: string } & Seen)
  /** `seen` is asked for where recording changes: the account was found fit for it. */
  | ({ type: 'changeDetails' } & Partial<Details> & Partial<Seen>)
  | ({ type: 'reassignTeacher'; teacherId: string; reservationId: string; override?: Override } & Seen)
  | { type: 'start'; accountId: string | null; leaseId: string | null; by: 'teacher' | 'admin' | 'meeting'; earliestMinutes: number; at: string }
  | { type: 'finish'; by: 'teacher' | 'admin' | 'meeting' | 'releaseJob'; at: string }
  | { type: 'cancel'; reason: string; at: string }
  | { type: 'rememberImport'; imported: Imported }
  /** The sweeper found a reservation of this lesson that nobody recorded. */
  | { type: 'forfeitPlace'; lessonId: string; reservationId: string; reason: string }
  /** Changes nothing: a repeat looks for what its first run recorded. */
  | { type: 'look' };

/** @throws DomainError `lessonNotFound`, `lessonChanged` (begin again with what it is now), `lessonAbandoned`, `lessonFinal`, `lessonLive`, `lessonNotLive`, `startInPast`, `invalidLesson`, `placeForfeited`, `tooEarly`, `lessonOver` */
export function decideLesson(command: LessonCommand, state: LessonState): LessonEvent[] {
  if (command.type === 'look') return [];
  if (command.type === 'forfeitPlace') return forfeit(command, state);
  if (state.status === 'abandoned') throw new DomainError('lessonAbandoned', 'scheduling this lesson took too long and was given up; schedule it anew');
  if (command.type === 'schedule') return schedule(command, state);
  if (!exists(state)) throw new DomainError('lessonNotFound', 'there is no such lesson');
  return decideExisting(command, state);
}

function schedule({ type: _, at, ...data }: Extract<LessonCommand, { type: 'schedule' }>, state: LessonState): LessonEvent[] {
  if (exists(state)) return []; // its id derives from the command: this is the same command again
  checkTitle(data.title);
  checkWhen(data, at);
  return [{ type: 'LessonScheduled', data }];
}

function forfeit({ lessonId, reservationId, reason }: Extract<LessonCommand, { type: 'forfeitPlace' }>, state: LessonState): LessonEvent[] {
  if (state.status === 'none') return [{ type: 'LessonAbandoned', data: { lessonId, reason } }];
  if (!exists(state) || isFinal(state) || state.spentReservations.includes(reservationId)) return []; // it can never be recorded any more
  if (reservationId === state.reservationId || reservationId === state.agendaReservationId) throw new DomainError('placeInUse', 'this is where the lesson is');
  return [{ type: 'LessonPlaceForfeited', data: { lessonId, reservationId, reason } }];
}

function decideExisting(command: Exclude<LessonCommand, { type: 'schedule' | 'forfeitPlace' | 'look' }>, lesson: Lesson): LessonEvent[] {
  const { lessonId } = lesson;
  switch (command.type) {
    case 'reschedule': {
      const { type: _, at, seen, ...data } = command;
      mustBeScheduled(lesson);
      if (data.reservationId === lesson.reservationId) return [];
      mustNotBeSpent(lesson, data.reservationId);
      mustBeWhere(lesson, seen);
      checkWhen(data, at);
      const { accountId, reservationId, agendaReservationId } = lesson;
      return [{ type: 'LessonRescheduled', data: { lessonId, ...data, previous: { accountId, reservationId, agendaReservationId } } }];
    }
    case 'moveToAccount': {
      const { accountId, reservationId, reason } = command;
      mustBeScheduled(lesson);
      if (reservationId === lesson.reservationId) return [];
      mustNotBeSpent(lesson, reservationId);
      mustBeWhere(lesson, command.seen);
      const previous = { accountId: lesson.accountId, reservationId: lesson.reservationId };
      return [{ type: 'LessonMovedToAccount', data: { lessonId, accountId, reservationId, reason, previous } }];
    }
    case 'changeDetails': {
      mustNotBeFinal(lesson);
      if (command.title !== undefined) checkTitle(command.title);
      const changes = {
        ...(command.title !== undefined && command.title !== lesson.title && { title: command.title }),
        ...(command.groupId !== undefined && command.groupId !== lesson.groupId && { groupId: command.groupId }),
        ...(command.autoRecord !== undefined && command.autoRecord !== lesson.autoRecord && { autoRecord: command.autoRecord }),
      };
      if (changes.autoRecord !== undefined) {
        mustBeScheduled(lesson);
        if (command.seen) mustBeWhere(lesson, command.seen);
      }
      return Object.keys(changes).length > 0 ? [{ type: 'LessonDetailsChanged', data: { lessonId, ...changes } }] : [];
    }
    case 'reassignTeacher': {
      const { teacherId, reservationId, override } = command;
      mustBeScheduled(lesson);
      if (teacherId === lesson.teacherId) return [];
      mustNotBeSpent(lesson, reservationId);
      mustBeWhere(lesson, command.seen);
      return [{
        type: 'LessonTeacherReassigned',
        data: {
          lessonId, teacherId, previousTeacherId: lesson.teacherId, reservationId, previousReservationId: lesson.agendaReservationId, ...(override && { override }),
        },
      }];
    }
    case 'start': {
      const { accountId, leaseId, by, at } = command;
      if (lesson.status === 'live') return [];
      mustNotBeFinal(lesson);
      checkStart(lesson, command);
      if (accountId !== lesson.accountId) throw changed();
      return [{ type: 'LessonStarted', data: { lessonId, startedAt: at, accountId, leaseId, by } }];
    }
    case 'finish': {
      const { by, at } = command;
      if (lesson.status === 'finished') return [];
      mustNotBeFinal(lesson);
      if (lesson.status !== 'live' && by !== 'meeting') throw new DomainError('lessonNotLive', 'this lesson was not started');
      return [{ type: 'LessonFinished', data: { lessonId, finishedAt: at, by } }];
    }
    case 'cancel':
      if (lesson.status === 'cancelled') return [];
      mustNotBeFinal(lesson);
      return [{ type: 'LessonCancelled', data: { lessonId, cancelledAt: command.at, reason: command.reason } }];
    case 'rememberImport':
      return JSON.stringify(command.imported) === JSON.stringify(lesson.imported) ? [] : [{ type: 'LessonImportedAgain', data: { lessonId, imported: command.imported } }];
  }
}

const isFinal = ({ status }: Lesson) => status === 'finished' || status === 'cancelled';

function mustNotBeFinal(lesson: Lesson): void {
  if (isFinal(lesson)) throw new DomainError('lessonFinal', `this lesson is ${lesson.status}`, { status: lesson.status });
}

function mustBeScheduled(lesson: Lesson): void {
  mustNotBeFinal(lesson);
  if (lesson.status === 'live') throw new DomainError('lessonLive', 'this lesson has begun');
}

function mustNotBeSpent(lesson: Lesson, reservationId: string): void {
  if (lesson.spentReservations.includes(reservationId)) throw new DomainError('placeForfeited', 'this took too long and its place was given away; try again');
}

function mustBeWhere(lesson: Lesson, seen: Seen['seen']): void {
  const same = seen.reservationId === lesson.reservationId && seen.agendaReservationId === lesson.agendaReservationId && seen.autoRecord === lesson.autoRecord;
  if (!same) throw changed();
}

const changed = () => new DomainError('lessonChanged', 'somebody else changed this lesson at the same time');

function checkTitle(title: string): void {
  if (title.length < 1 || title.length > 200) throw new DomainError('invalidLesson', 'a title has 1 to 200 characters', { field: 'title' });
}

function checkWhen({ durationMinutes, startsAt }: When, at: string): void {
  if (durationMinutes < 5 || durationMinutes > 720) throw new DomainError('invalidLesson', 'a lesson takes 5 to 720 minutes', { field: 'durationMinutes' });
  if (Date.parse(startsAt) < Date.parse(at)) throw new DomainError('startInPast', 'this start has passed', { startsAt });
}

/** Whether the lesson may begin now: from `earliestMinutes` before its start until its end. */
export function checkStart(lesson: Lesson, { at, earliestMinutes }: { at: string; earliestMinutes: number }): void {
  const earliest = Date.parse(lesson.startsAt) - earliestMinutes * 60_000;
  if (Date.parse(at) < earliest) {
    throw new DomainError('tooEarly', `this lesson can be started from ${earliestMinutes} minutes before its start`, { earliest: new Date(earliest).toISOString() });
  }
  if (Date.parse(at) >= Date.parse(lesson.endsAt)) throw new DomainError('lessonOver', 'the time of this lesson is over', { endsAt: lesson.endsAt });
}
