import { createHash } from 'node:crypto';
import type { SchoolEvent } from '../src/domain/schoolEvents.ts';

export type Written = { stream: string; event: SchoolEvent; at: string };

const minute = 60_000;
const day = 1_440 * minute;
const iso = (ms: number): string => new Date(ms).toISOString();
const lessonsADay = 400;

/** UUID-shaped and the same in every run. */
const idOf = (n: number): string => {
  const hex = createHash('md5').update(`lesson ${n}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
};

/**
 * The log of a school that gives 400 lessons a day on 40 accounts with 80 teachers, day after day, without end: planned the day before, minted,
 * some of them moved or cancelled, taught, released. About 13 events a lesson, in the mix and the order in which the real commands write them.
 */
export function* schoolYears(): Generator<Written> {
  const from = Date.parse('2026-03-02T06:00:00.000Z');
  for (let i = 0; i < 80; i += 1) {
    yield { stream: `person-t${i}`, at: iso(from), event: { type: 'PersonRegistered', data: { personId: `t${i}`, name: `Teacher ${i}`, email: `t${i}@school.example`, role: 'teacher', timeZone: 'Europe/Berlin', moodleUserId: '', zohoContactId: '' } } };
  }
  for (let i = 0; i < 40; i += 1) {
    yield { stream: `group-g${i}`, at: iso(from), event: { type: 'GroupCreated', data: { groupId: `g${i}`, name: `Group ${i}` } } };
    yield { stream: `zoomAccount-a${i}`, at: iso(from), event: { type: 'ZoomAccountRegistered', data: { accountId: `a${i}`, zoomUser: `a${i}@school.example`, capacity: 2, credentialsRef: 'default', cloudRecording: true } } };
  }
  for (let d = 0; ; d += 1) yield* schoolDay(from + d * day, d * lessonsADay);
}

function* schoolDay(today: number, first: number): Generator<Written> {
  const planned = Array.from({ length: lessonsADay }, (_, i) => {
    const startsAt = today + day + Math.floor(i / 80) * 70 * minute;
    return { id: idOf(first + i), i, account: `a${i % 40}`, teacher: `t${i % 80}`, group: `g${i % 40}`, startsAt, endsAt: startsAt + hour };
  });
  for (const lesson of planned) yield* plan(lesson, today, 1);
  for (const lesson of planned) yield* mint(lesson, today + minute, 1);
  for (const lesson of planned) if (lesson.i % 20 === 0) yield* move(lesson, today + 2 * minute);
  for (const lesson of planned) {
    if (lesson.i % 25 === 1) yield* cancel(lesson, today + 3 * minute);
    else yield* teach(lesson);
  }
}

type Planned = { id: string; i: number; account: string; teacher: string; group: string; startsAt: number; endsAt: number };
const hour = 60 * minute;

function* reserve({ id, account, teacher, startsAt, endsAt }: Planned, at: number, n: number): Generator<Written> {
  const data = { reservationId: `${id}.${n}`, holder: id, from: iso(startsAt), until: iso(endsAt), reservedAt: iso(at) };
  yield { stream: `teacherAgenda-${teacher}`, at: iso(at), event: { type: 'PlaceReserved', data } };
  yield { stream: `zoomAccount-${account}`, at: iso(at), event: { type: 'PlaceReserved', data } };
}

function* release({ id, account, teacher }: Planned, at: number, n: number, reason: string): Generator<Written> {
  const data = { reservationId: `${id}.${n}`, holder: id, releasedAt: iso(at), reason };
  yield { stream: `teacherAgenda-${teacher}`, at: iso(at), event: { type: 'PlaceReleased', data } };
  yield { stream: `zoomAccount-${account}`, at: iso(at), event: { type: 'PlaceReleased', data } };
}

const when = ({ startsAt, endsAt }: Planned) => ({ localStart: iso(startsAt).slice(0, 16), zone: 'UTC', durationMinutes: 60, startsAt: iso(startsAt), endsAt: iso(endsAt) });

function* plan(lesson: Planned, at: number, n: number): Generator<Written> {
  const { id, account, teacher, group } = lesson;
  yield* reserve(lesson, at, n);
  yield {
    stream: `lesson-${id}`, at: iso(at),
    event: { type: 'LessonScheduled', data: { ...when(lesson), lessonId: id, title: 'German for beginners', teacherId: teacher, groupId: group, provider: 'zoom', autoRecord: false, accountId: account, reservationId: `${id}.${n}` } },
  };
}

function* mint({ id, account, startsAt }: Planned, at: number, generation: number): Generator<Written> {
  const stream = `zoomMeeting-${id}`;
  yield {
    stream, at: iso(at),
    event: { type: 'MeetingClaimed', data: { lessonId: id, generation, accountId: account, claimedAt: iso(at), title: 'German for beginners', startsAt: iso(startsAt), zone: 'UTC', durationMinutes: 60, autoRecord: false } },
  };
  yield {
    stream, at: iso(at),
    event: { type: 'MeetingCreated', data: { lessonId: id, generation, accountId: account, meetingId: '81234567890', uuid: `${id}==`, joinUrl: `https://zoom.example/j/81234567890?pwd=${id}.${generation}`, passcode: '123456', adopted: false } },
  };
}

function* move(lesson: Planned, at: number): Generator<Written> {
  const { id, account } = lesson;
  lesson.startsAt += 6 * hour;
  lesson.endsAt += 6 * hour;
  yield* reserve(lesson, at, 2);
  yield {
    stream: `lesson-${id}`, at: iso(at),
    event: { type: 'LessonRescheduled', data: { ...when(lesson), lessonId: id, accountId: account, reservationId: `${id}.2`, previous: { accountId: account, reservationId: `${id}.1`, agendaReservationId: `${id}.1` } } },
  };
  yield* release(lesson, at, 1, 'the lesson was rescheduled');
  yield { stream: `zoomMeeting-${id}`, at: iso(at), event: { type: 'MeetingDeleted', data: { lessonId: id, generation: 1, meetingId: '81234567890', alreadyGone: false } } };
  yield* mint(lesson, at, 2);
}

function* cancel(lesson: Planned, at: number): Generator<Written> {
  yield { stream: `lesson-${lesson.id}`, at: iso(at), event: { type: 'LessonCancelled', data: { lessonId: lesson.id, cancelledAt: iso(at), reason: 'the group is ill' } } };
  yield* release(lesson, at, lesson.i % 20 === 0 ? 2 : 1, 'the lesson was cancelled');
}

function* teach(lesson: Planned): Generator<Written> {
  const { id, account, startsAt, endsAt } = lesson;
  const leaseId = `${id}-lease`;
  const meeting = { lessonId: id, generation: lesson.i % 20 === 0 ? 2 : 1, meetingId: '81234567890', uuid: `${id}==` };
  yield { stream: `zoomAccount-${account}`, at: iso(startsAt), event: { type: 'LeaseAcquired', data: { leaseId, holder: id, acquiredAt: iso(startsAt), until: iso(endsAt) } } };
  yield { stream: `lesson-${id}`, at: iso(startsAt), event: { type: 'LessonStarted', data: { lessonId: id, startedAt: iso(startsAt), accountId: account, leaseId, by: 'teacher' } } };
  yield { stream: `zoomMeeting-${id}`, at: iso(startsAt), event: { type: 'MeetingStarted', data: { ...meeting, at: iso(startsAt) } } };
  yield { stream: `zoomMeeting-${id}`, at: iso(endsAt), event: { type: 'MeetingEnded', data: { ...meeting, at: iso(endsAt) } } };
  yield { stream: `lesson-${id}`, at: iso(endsAt), event: { type: 'LessonFinished', data: { lessonId: id, finishedAt: iso(endsAt), by: 'meeting' } } };
  yield { stream: `zoomAccount-${account}`, at: iso(endsAt), event: { type: 'LeaseReleased', data: { leaseId, holder: id, releasedAt: iso(endsAt), reason: 'the lesson has finished' } } };
  yield* release(lesson, endsAt, lesson.i % 20 === 0 ? 2 : 1, 'the lesson has finished');
}
