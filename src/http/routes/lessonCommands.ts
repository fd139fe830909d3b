import { z } from 'zod';
import { exists, lesson } from '../../domain/lesson/index.ts';
import { refusal } from '../problems.ts';
import { defineRoute, type Actor, type Route } from '../route.ts';
import { given, idField, idParams, ifMatchOf, localTimeField, reasonField, zoneField } from './fields.ts';
import { isInScope, mayPlan, runsSchool, scopeOf } from './lessonAccess.ts';
import type { LessonRouteDeps } from './lessonRouteDeps.ts';
import { lessonStatus, meetingState } from './lessonView.ts';

const text = (max: number) => z.string().max(max);

const summary = z.strictObject({
  id: text(200), title: text(200), teacherId: text(200), groupId: text(200).nullable(), provider: z.enum(['zoom', 'none']), autoRecord: z.boolean(),
  localStart: text(16), zone: text(100), durationMinutes: z.int(), startsAt: z.iso.datetime(), endsAt: z.iso.datetime(), status: lessonStatus, accountId: text(200).nullable(),
});
const warning = z.strictObject({ code: z.literal('studentsOverlap'), lessonId: text(200), students: z.array(text(200)).max(1000).readonly() })
  .describe('Does not stop the command: these students have another lesson at the same time.');
export const lessonAnswer = z.strictObject({ id: text(200), revision: z.int(), position: text(200), lesson: summary, warnings: z.array(warning).max(100).readonly() });
const startAnswer = lessonAnswer.extend({
  leaseId: text(200).nullable(), startUrl: text(4000).nullable().describe('A host login for about two hours, only for the lesson\'s teacher; null while the meeting is not there yet: ask again.'),
  meetingState, moved: z.boolean().describe('Its account was full, so the lesson has another one now and a new meeting is on its way.'),
});

const override = z.strictObject({ reason: reasonField }).describe('Passes over the teacher\'s other lesson; managers and admins only, and the reason is recorded.');
const title = z.string().trim().min(1).max(200);
const duration = z.int().min(5).max(720);

const scheduleBody = z.strictObject({
  title, teacherId: idField, groupId: idField.nullable().default(null),
  localStart: localTimeField, zone: zoneField, durationMinutes: duration, provider: z.enum(['zoom', 'none']).default('zoom'), autoRecord: z.boolean().default(false), override: override.optional(),
});
const rescheduleBody = z.strictObject({ localStart: localTimeField.optional(), zone: zoneField.optional(), durationMinutes: duration.optional(), override: override.optional() })
  .refine(({ localStart, zone, durationMinutes }) => localStart !== undefined || zone !== undefined || durationMinutes !== undefined, 'name a start, a zone or a duration');
const detailsBody = z.strictObject({ title: title.optional(), groupId: idField.nullable().optional(), autoRecord: z.boolean().optional() })
  .refine((body) => Object.keys(body).length > 0, 'name what is to change');

const planners = ['admin', 'manager', 'teacher'] as const;
const common = { tag: 'Lessons', kind: 'command' } as const;
const wallTime = ['invalidWallTime', 'wallTimeSkipped', 'wallTimeAmbiguous', 'unknownTimeZone', 'startInPast', 'invalidLesson'] as const;
const place = ['teacherBusy', 'noZoomAccountFree', 'overrideNotAllowed', 'contended'] as const;
const existing = ['lessonNotFound', 'lessonAbandoned', 'lessonFinal', 'lessonLive', 'lessonChanged', 'forbidden'] as const;

export function lessonCommandRoutes({ commands, pipeline, directory }: LessonRouteDeps): Route[] {
  /** A teacher plans and runs their own lessons only; one that they may not even see is not there. Asks the stream, not a view: it must be right now. */
  const mustBeTheirs = async (actor: Actor, lessonId: string): Promise<void> => {
    if (runsSchool(actor)) return;
    const known = await pipeline.load(lesson, lessonId);
    const { state } = exists(known.state) && mayPlan(actor, known.state.teacherId) ? known : await pipeline.load(lesson, lessonId, { fresh: true });
    if (!exists(state)) throw refusal('lessonNotFound', 'There is no such lesson.');
    if (mayPlan(actor, state.teacherId)) return;
    if (!isInScope(await scopeOf(actor, directory), { teacher_id: state.teacherId, group_id: state.groupId })) throw refusal('lessonNotFound', 'There is no such lesson.');
    throw refusal('forbidden', 'Teachers plan and run their own lessons only.');
  };

  return [
    defineRoute({
      ...common, method: 'post', path: '/lessons', operationId: 'scheduleLesson', access: planners, summary: 'Schedule a lesson',
      description: 'Reserves the teacher and a Zoom account. A wall time that does not exist or exists twice on a daylight-saving day is refused with both readings.',
      request: { body: scheduleBody },
      response: { status: 201, schema: lessonAnswer },
      problems: [...wallTime, ...place, 'unknownTeacher', 'teacherInactive', 'notATeacher', 'unknownGroup', 'lessonAbandoned', 'forbidden'],
      handler: async ({ body, actor, command }) => {
        if (!mayPlan(actor, body.teacherId)) throw refusal('forbidden', 'Teachers plan their own lessons only.');
        const { override: reason, ...plan } = body;
        const answer = await commands.schedule({ ...plan, ...(reason && { override: reason }) }, command);
        return { body: answer, headers: { Location: `/api/v1/lessons/${encodeURIComponent(answer.id)}` } };
      },
    }),
    defineRoute({
      ...common, method: 'post', path: '/lessons/{id}/reschedule', operationId: 'rescheduleLesson', access: planners, summary: 'Move a lesson to another time',
      description: 'When no place is free then, nothing has changed. The old meeting is deleted and a new one made; the join link of the lesson stays.',
      request: { params: idParams, body: rescheduleBody },
      response: { status: 200, schema: lessonAnswer },
      problems: [...existing, ...wallTime, ...place, 'placeForfeited'],
      handler: async ({ params, body, actor, command, ...request }) => {
        await mustBeTheirs(actor, params.id);
        return { body: await commands.reschedule({ lessonId: params.id, ...given(body) }, command, ifMatchOf(request)) };
      },
    }),
    defineRoute({
      ...common, method: 'patch', path: '/lessons/{id}', operationId: 'changeLessonDetails', access: planners, summary: 'Change title, group or recording',
      request: { params: idParams, body: detailsBody },
      response: { status: 200, schema: lessonAnswer },
      problems: [...existing, ...place, 'invalidLesson', 'unknownGroup', 'placeForfeited'],
      handler: async ({ params, body, actor, command, ...request }) => {
        await mustBeTheirs(actor, params.id);
        return { body: await commands.changeDetails({ lessonId: params.id, ...given(body) }, command, ifMatchOf(request)) };
      },
    }),
    defineRoute({
      ...common, method: 'post', path: '/lessons/{id}/reassign', operationId: 'reassignLesson', access: ['admin', 'manager'], summary: 'Give a lesson to another teacher',
      request: { params: idParams, body: z.strictObject({ teacherId: idField, override: override.optional() }) },
      response: { status: 200, schema: lessonAnswer },
      problems: [...existing, 'teacherBusy', 'overrideNotAllowed', 'unknownTeacher', 'teacherInactive', 'notATeacher', 'placeForfeited', 'contended'],
      handler: async ({ params, body, command, ...request }) =>
        ({ body: await commands.reassignTeacher({ lessonId: params.id, teacherId: body.teacherId, ...given({ override: body.override }) }, command, ifMatchOf(request)) }),
    }),
    defineRoute({
      ...common, method: 'post', path: '/lessons/{id}/cancel', operationId: 'cancelLesson', access: planners, summary: 'Cancel a lesson',
      description: 'Its meeting is deleted, its reservation and lease are released.',
      request: { params: idParams, body: z.strictObject({ reason: reasonField }) },
      response: { status: 200, schema: lessonAnswer },
      problems: [...existing, 'contended'],
      handler: async ({ params, body, actor, command, ...request }) => {
        await mustBeTheirs(actor, params.id);
        return { body: await commands.cancel({ lessonId: params.id, reason: body.reason }, command, ifMatchOf(request)) };
      },
    }),
    defineRoute({
      ...common, method: 'post', path: '/lessons/{id}/start', operationId: 'startLesson', access: ['admin', 'teacher'], summary: 'Start a lesson',
      description: 'Its teacher or an admin, from 15 minutes before the start (configurable). Takes a lease of the account; the start URL goes to the lesson\'s teacher only and is never stored.',
      request: { params: idParams },
      response: { status: 200, schema: startAnswer },
      secretAnswer: true,
      problems: [...existing, 'tooEarly', 'lessonOver', 'zoomAccountFull', 'vendorUnavailable', 'contended'],
      handler: async ({ params, actor, command, ...request }) => {
        await mustBeTheirs(actor, params.id);
        return { body: await commands.start({ lessonId: params.id }, command, ifMatchOf(request)), headers: { 'Cache-Control': 'no-store' } };
      },
    }),
    defineRoute({
      ...common, method: 'post', path: '/lessons/{id}/end', operationId: 'endLesson', access: ['admin', 'teacher'], summary: 'End a lesson',
      request: { params: idParams },
      response: { status: 200, schema: lessonAnswer },
      problems: [...existing, 'lessonNotLive', 'contended'],
      handler: async ({ params, actor, command, ...request }) => {
        await mustBeTheirs(actor, params.id);
        return { body: await commands.end({ lessonId: params.id }, command, ifMatchOf(request)) };
      },
    }),
  ];
}
