import { lesson, type Lesson, type LessonCommand, type LessonEvent } from '../../src/domain/lesson/index.ts';
import { given } from './scenario.ts';

const when = { localStart: '2026-03-02T18:00', zone: 'Europe/Berlin', durationMinutes: 60, startsAt: '2026-03-02T17:00:00.000Z', endsAt: '2026-03-02T18:00:00.000Z' };
const later = { localStart: '2026-03-02T20:00', zone: 'Europe/Berlin', durationMinutes: 60, startsAt: '2026-03-02T19:00:00.000Z', endsAt: '2026-03-02T20:00:00.000Z' };
const at = '2026-03-02T08:00:00.000Z';
const details = { lessonId: 'l', title: 'German', teacherId: 'ada', groupId: null, provider: 'zoom' as const, autoRecord: false, accountId: 'zoom1', reservationId: 'l.1' };
const seen = { reservationId: 'l.1', agendaReservationId: 'l.1', autoRecord: false };

const previous = { accountId: 'zoom1', reservationId: 'l.1', agendaReservationId: 'l.1' };

const scheduled: LessonEvent = { type: 'LessonScheduled', data: { ...when, ...details } };
const started: LessonEvent = { type: 'LessonStarted', data: { lessonId: 'l', startedAt: when.startsAt, accountId: 'zoom1', leaseId: 'lease', by: 'teacher' } };
const finished: LessonEvent = { type: 'LessonFinished', data: { lessonId: 'l', finishedAt: when.endsAt, by: 'teacher' } };
const cancelled: LessonEvent = { type: 'LessonCancelled', data: { lessonId: 'l', cancelledAt: at, reason: 'ill' } };
const abandoned: LessonEvent = { type: 'LessonAbandoned', data: { lessonId: 'l', reason: 'late' } };
const rescheduled: LessonEvent = { type: 'LessonRescheduled', data: { ...later, lessonId: 'l', accountId: 'zoom2', reservationId: 'l.2', previous } };

const schedule: LessonCommand = { type: 'schedule', ...when, ...details, at };
const reschedule: LessonCommand = { type: 'reschedule', ...later, accountId: 'zoom2', reservationId: 'l.2', seen, at };
const reassign: LessonCommand = { type: 'reassignTeacher', teacherId: 'bob', reservationId: 'l.3', seen };
const move: LessonCommand = { type: 'moveToAccount', accountId: 'zoom3', reservationId: 'l.4', reason: 'full', seen };
const start: LessonCommand = { type: 'start', accountId: 'zoom1', leaseId: 'lease', by: 'teacher', earliestMinutes: 15, at: '2026-03-02T16:45:00.000Z' };
const finish: LessonCommand = { type: 'finish', by: 'teacher', at: when.endsAt };
const cancel: LessonCommand = { type: 'cancel', reason: 'ill', at };

describe('a lesson', () => {
  it('is scheduled, once', () => {
    given(lesson).when(schedule).then({ type: 'LessonScheduled', data: { ...when, ...details } });
    given(lesson, scheduled).when(schedule).nothing();
  });

  it('is not scheduled into the past, nor with a title or a length that cannot be', () => {
    given(lesson).when({ ...schedule, at: '2026-03-02T17:00:00.001Z' } as LessonCommand).refuses('startInPast');
    given(lesson).when({ ...schedule, title: 'x'.repeat(201) } as LessonCommand).refuses('invalidLesson', { field: 'title' });
    given(lesson).when({ ...schedule, durationMinutes: 721 } as LessonCommand).refuses('invalidLesson', { field: 'durationMinutes' });
    given(lesson).when({ ...schedule, durationMinutes: 720 } as LessonCommand).then({ type: 'LessonScheduled' });
  });

  it('that was abandoned can never be recorded', () => {
    given(lesson).when({ type: 'forfeitPlace', lessonId: 'l', reservationId: 'l.1', reason: 'late' }).then({ type: 'LessonAbandoned' });
    for (const command of [schedule, reschedule, cancel, start]) given(lesson, abandoned).when(command).refuses('lessonAbandoned');
    given(lesson, abandoned).when({ type: 'forfeitPlace', lessonId: 'l', reservationId: 'l.1', reason: 'late' }).nothing();
  });

  it('that nobody scheduled cannot be changed', () => {
    for (const command of [reschedule, reassign, move, start, finish, cancel]) given(lesson).when(command).refuses('lessonNotFound');
  });

  it('moves in time, and tells what place it left', () => {
    given(lesson, scheduled).when(reschedule).then({ type: 'LessonRescheduled', data: { ...later, accountId: 'zoom2', reservationId: 'l.2', previous } });
    given(lesson, scheduled, rescheduled).when(reschedule).nothing();
    expect(given(lesson, scheduled, rescheduled).state).toMatchObject({ ...later, accountId: 'zoom2', reservationId: 'l.2', agendaReservationId: 'l.2', spentReservations: ['l.1'] });
  });

  it('changes account or teacher, each with its own reservation', () => {
    given(lesson, scheduled).when(move).then({ type: 'LessonMovedToAccount', data: { accountId: 'zoom3', previous: { accountId: 'zoom1', reservationId: 'l.1' } } });
    given(lesson, scheduled).when(reassign).then({ type: 'LessonTeacherReassigned', data: { teacherId: 'bob', previousTeacherId: 'ada', previousReservationId: 'l.1' } });
    given(lesson, scheduled).when({ ...reassign, teacherId: 'ada' } as LessonCommand).nothing();
  });

  it('is not moved by a command that saw another place, time or teacher', () => {
    for (const command of [{ ...reschedule, reservationId: 'l.9' }, reassign, move] as LessonCommand[]) given(lesson, scheduled, rescheduled).when(command).refuses('lessonChanged');
    const recorded: LessonEvent = { type: 'LessonDetailsChanged', data: { lessonId: 'l', autoRecord: true } };
    for (const command of [reschedule, move]) given(lesson, scheduled, recorded).when(command).refuses('lessonChanged');
    given(lesson, scheduled, rescheduled).when({ type: 'changeDetails', autoRecord: true, seen }).refuses('lessonChanged');
    given(lesson, scheduled, rescheduled).when({ ...start, at: '2026-03-02T19:00:00.000Z' } as LessonCommand).refuses('lessonChanged');
  });

  it('takes no place that was taken away from it, or that it left', () => {
    const forfeit: LessonCommand = { type: 'forfeitPlace', lessonId: 'l', reservationId: 'l.2', reason: 'late' };
    given(lesson, scheduled).when(forfeit).then({ type: 'LessonPlaceForfeited', data: { reservationId: 'l.2' } });
    const forfeited: LessonEvent = { type: 'LessonPlaceForfeited', data: { lessonId: 'l', reservationId: 'l.2', reason: 'late' } };
    given(lesson, scheduled, forfeited).when(reschedule).refuses('placeForfeited');
    given(lesson, scheduled, forfeited).when(forfeit).nothing();
    given(lesson, scheduled, rescheduled).when({ ...move, reservationId: 'l.1', seen: { reservationId: 'l.2', agendaReservationId: 'l.2', autoRecord: false } } as LessonCommand).refuses('placeForfeited');
    given(lesson, scheduled).when({ ...forfeit, reservationId: 'l.1' } as LessonCommand).refuses('placeInUse');
    given(lesson, scheduled, cancelled).when(forfeit).nothing();
  });

  it('starts from a quarter of an hour before until its end', () => {
    given(lesson, scheduled).when({ ...start, at: '2026-03-02T16:44:59.999Z' } as LessonCommand).refuses('tooEarly', { earliest: '2026-03-02T16:45:00.000Z' });
    given(lesson, scheduled).when(start).then({ type: 'LessonStarted', data: { leaseId: 'lease', accountId: 'zoom1' } });
    given(lesson, scheduled).when({ ...start, at: when.endsAt } as LessonCommand).refuses('lessonOver');
    given(lesson, scheduled, started).when(start).nothing();
  });

  it('that is live is neither moved nor reassigned, but renamed, ended or cancelled', () => {
    for (const command of [reschedule, reassign, move]) given(lesson, scheduled, started).when(command).refuses('lessonLive');
    given(lesson, scheduled, started).when({ type: 'changeDetails', autoRecord: true }).refuses('lessonLive');
    given(lesson, scheduled, started).when({ type: 'changeDetails', title: 'French' }).then({ type: 'LessonDetailsChanged', data: { title: 'French' } });
    given(lesson, scheduled, started).when(finish).then({ type: 'LessonFinished' });
    given(lesson, scheduled, started).when(cancel).then({ type: 'LessonCancelled' });
  });

  it('ends only when it was live, unless its meeting says that it took place', () => {
    given(lesson, scheduled).when(finish).refuses('lessonNotLive');
    given(lesson, scheduled).when({ ...finish, by: 'meeting' } as LessonCommand).then({ type: 'LessonFinished', data: { by: 'meeting' } });
  });

  it.each([['finished', [scheduled, started, finished]], ['cancelled', [scheduled, cancelled]]] as const)('that is %s stays so', (status, history) => {
    const over = given(lesson, ...history);
    const commands: LessonCommand[] = [reschedule, reassign, move, start, { type: 'changeDetails', title: 'x' }, ...(status === 'finished' ? [cancel] : [finish])];
    for (const command of commands) over.when(command).refuses('lessonFinal', { status });
    over.when(status === 'finished' ? finish : cancel).nothing();
  });

  it('has nothing to do when its details are what they are', () => {
    given(lesson, scheduled).when({ type: 'changeDetails', title: 'German', groupId: null, autoRecord: false }).nothing();
    given(lesson, scheduled).when({ type: 'changeDetails', groupId: 'a1', autoRecord: true }).then({ type: 'LessonDetailsChanged', data: { groupId: 'a1', autoRecord: true } });
  });

  it('remembers what an import said last', () => {
    const imported = { importId: 'i', calendar: 'c', uid: 'u', recurrenceId: '', title: 'German', teacherId: 'ada', groupId: null, localStart: when.localStart, zone: when.zone, durationMinutes: 60 };
    given(lesson, scheduled).when({ type: 'rememberImport', imported }).then({ type: 'LessonImportedAgain', data: { imported } });
    const again = given(lesson, scheduled, { type: 'LessonImportedAgain', data: { lessonId: 'l', imported } });
    again.when({ type: 'rememberImport', imported }).nothing();
    expect((again.state as Lesson).imported).toEqual(imported);
  });
});
