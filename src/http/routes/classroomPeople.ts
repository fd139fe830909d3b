import { z } from 'zod';
import { connectionQuality, roomRole } from '../../domain/room/events.ts';
import { exists, participantOf, room } from '../../domain/room/index.ts';
import { roomRoles } from '../../domain/room/permissions.ts';
import { refusal, type ProblemCode } from '../problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { insiders, roomModels, sessions, type ClassroomKit } from './classroomDeps.ts';
import { accessCodeField, changesField, givenRole, kickReason, nothing, participantView, personBody, roomAnswer, viewOfParticipant } from './classroomView.ts';
import { given, idField, idParams, ifMatchOf, reasonField } from './fields.ts';
import { roomTokenAnswer, tokenFor } from './roomTickets.ts';

const refusals = ['roomNotFound', 'roomEnded', 'notInRoom', 'roomUnavailable', 'contended'] as const satisfies readonly ProblemCode[];
const common = { tag: 'Lesson rooms', kind: 'command', method: 'post', access: insiders, roomToken: true, response: { status: 200, schema: roomAnswer } } as const;
const personParams = z.strictObject({ id: idField, personId: idField });

const joinAnswer = roomAnswer.extend({ ...roomTokenAnswer.shape, personId: z.string().max(200), waiting: z.boolean().describe('The host has to let this person in first.') });

/** Who comes into a room, what they are there and what becomes of the sitting. Every one is checked against the role in the room's stream. */
export function classroomPeopleRoutes({ commands, pipeline, tokens, clock, access, namesOf }: ClassroomKit): Route[] {
  const sitting = (verb: 'start' | 'pause' | 'resume' | 'complete', summary: string, problems: readonly ProblemCode[]): Route =>
    defineRoute({
      ...common, path: `${sessions}/{id}/${verb}`, operationId: `${verb}Room`, summary, problems: [...refusals, ...problems],
      request: { params: idParams, body: nothing },
      handler: async ({ params, command: ctx, ...request }) => ({ body: await commands[verb](params.id, ctx, ifMatchOf(request)) }),
    });

  return [
    defineRoute({
      ...common, path: `${sessions}/{id}/join`, operationId: 'joinRoom', summary: 'Take a seat in a room',
      roomToken: false, secretAnswer: true,
      description: 'A lesson\'s group comes in as students, its teacher as host, admins as viewers; others with an invitation or the access code (5 tries a minute). The token is for this room only, 2 h. Take tickets next, for the sockets.',
      request: { params: idParams, body: z.strictObject({ accessCode: accessCodeField.optional() }).default({}) },
      response: { status: 200, schema: joinAnswer },
      problems: ['roomNotFound', 'roomEnded', 'notInvited', 'accessCodeNeeded', 'wrongAccessCode', 'kickedOut', 'roomFull', 'roomUnavailable', 'contended'],
      handler: async ({ params, body, actor, command: ctx, ...request }) => {
        const answer = await commands.join({ roomId: params.id, ...given({ accessCode: body.accessCode }) }, ctx, ifMatchOf(request));
        const { state } = await pipeline.load(room, params.id, { fresh: true });
        const one = participantOf(state, actor.id);
        if (!exists(state) || !one) throw refusal('roomNotFound', 'There is no such room.');
        return { body: { ...answer, ...tokenFor(tokens, state, one), personId: actor.id, waiting: one.waiting }, headers: { 'Cache-Control': 'no-store' } };
      },
    }),
    defineRoute({
      ...common, path: `${sessions}/{id}/leave`, operationId: 'leaveRoom', summary: 'Give up one\'s seat', problems: refusals,
      request: { params: idParams, body: nothing },
      handler: async ({ params, command: ctx, ...request }) => ({ body: await commands.leave(params.id, ctx, ifMatchOf(request)) }),
    }),
    sitting('start', 'Begin the sitting', ['roomPaused']),
    sitting('pause', 'Pause: only hosts draw', ['roomNotStarted']),
    sitting('resume', 'Go on after a pause, or lift the lock on drawing', ['roomNotStarted']),
    sitting('complete', 'End the sitting in good order', ['roomNotStarted']),
    defineRoute({
      ...common, path: `${sessions}/{id}/terminate`, operationId: 'terminateRoom', summary: 'End a room at once, begun or not', problems: refusals,
      request: { params: idParams, body: z.strictObject({ reason: reasonField.default('ended by hand') }).default({ reason: 'ended by hand' }) },
      handler: async ({ params, body, command: ctx, ...request }) => ({ body: await commands.terminate(params.id, body.reason, ctx, ifMatchOf(request)) }),
    }),
    defineRoute({
      ...common, path: `${sessions}/{id}/invite`, operationId: 'inviteToRoom', summary: 'Invite people', problems: [...refusals, 'unknownPerson', 'roomFull', 'soloRoom'],
      description: 'Also the only way back for who was kicked.',
      request: { params: idParams, body: z.strictObject({ personIds: z.array(idField).min(1).max(100), role: givenRole.default('student') }) },
      handler: async ({ params, body, command: ctx, ...request }) => ({ body: await commands.invite({ roomId: params.id, ...body }, ctx, ifMatchOf(request)) }),
    }),
    defineRoute({
      ...common, path: `${sessions}/{id}/admit`, operationId: 'admitToRoom', summary: 'Let somebody in who waits', problems: [...refusals, 'participantNotFound', 'roomFull'],
      request: { params: idParams, body: personBody },
      handler: async ({ params, body, command: ctx, ...request }) => ({ body: await commands.admit(params.id, body.personId, ctx, ifMatchOf(request)) }),
    }),
    defineRoute({
      ...common, path: `${sessions}/{id}/host`, operationId: 'transferRoomHost', summary: 'Hand the room over to somebody who is in it', problems: [...refusals, 'participantNotHere', 'soloRoom'],
      request: { params: idParams, body: personBody },
      handler: async ({ params, body, command: ctx, ...request }) => ({ body: await commands.transferHost(params.id, body.personId, ctx, ifMatchOf(request)) }),
    }),
    defineRoute({
      ...common, path: `${sessions}/{id}/kick/{personId}`, operationId: 'kickFromRoom', summary: 'Take somebody out of a room', problems: [...refusals, 'participantNotFound', 'hostStays'],
      description: 'They cannot come back unless they are invited again.',
      request: { params: personParams, body: z.strictObject({ reason: kickReason }).default({}) },
      handler: async ({ params, body, command: ctx, ...request }) => ({ body: await commands.kick(params.id, params.personId, body.reason ?? '', ctx, ifMatchOf(request)) }),
    }),
    defineRoute({
      ...common, method: 'put', path: `${sessions}/{id}/participants/{personId}/role`, operationId: 'changeParticipantRole', summary: 'Make somebody a host, a student or a viewer',
      problems: [...refusals, 'participantNotFound', 'hostStays', 'soloRoom'],
      request: { params: personParams, body: z.strictObject({ role: givenRole }) },
      handler: async ({ params, body, command: ctx, ...request }) => ({ body: await commands.changeRole(params.id, params.personId, body.role, ctx, ifMatchOf(request)) }),
    }),
    defineRoute({
      ...common, path: `${sessions}/{id}/permissions`, operationId: 'changeRoomPermissions', summary: 'Make exceptions for a role in this room, or for one person', problems: [...refusals, 'participantNotFound', 'hostStays'],
      request: {
        params: idParams,
        body: z.strictObject({ role: z.enum(roomRoles).optional(), personId: idField.optional(), permissions: changesField })
          .refine(({ role, personId }) => (role === undefined) !== (personId === undefined), 'name either a role or a person'),
      },
      handler: async ({ params, body: { role, personId, permissions }, command: ctx, ...request }) => {
        const of = role !== undefined ? { role } : { personId: personId ?? '' };
        return { body: await commands.changePermissions({ roomId: params.id, of, changes: permissions }, ctx, ifMatchOf(request)) };
      },
    }),
    defineRoute({
      ...common, path: `${sessions}/{id}/media`, operationId: 'changeOwnMedia', summary: 'Say what one sends, and how well one is connected', problems: refusals,
      request: {
        params: idParams,
        body: z.strictObject({
          video: z.boolean().optional(), audio: z.boolean().optional(), screen: z.boolean().optional(), quality: connectionQuality.optional(), peerId: z.string().min(1).max(64).nullable().optional(),
        }).refine((body) => Object.keys(body).length > 0, 'name what has changed'),
      },
      handler: async ({ params, body, command: ctx, ...request }) => ({ body: await commands.changeMedia({ roomId: params.id, ...given(body) }, ctx, ifMatchOf(request)) }),
    }),
    defineRoute({
      tag: 'Lesson rooms', kind: 'query', readModel: roomModels, method: 'get', path: `${sessions}/{id}/participants`, operationId: 'listParticipants', summary: 'Who is, was or may be in a room', access: 'authenticated', roomToken: true,
      description: 'Hosts first, then by id.',
      request: { params: idParams, query: z.strictObject({ role: roomRole.optional() }) },
      response: { status: 200, schema: z.strictObject({ items: z.array(participantView).max(1_001) }) },
      problems: ['roomNotFound', 'kickedOut', 'notInRoom'],
      handler: async ({ params, query: { role }, actor }) => {
        const { room: found, people, revision } = await access.readable(params.id, actor);
        const chosen = Object.values(people).filter((one) => role === undefined || one.role === role)
          .toSorted((a, b) => Number(b.role === 'host') - Number(a.role === 'host') || (a.personId < b.personId ? -1 : 1));
        const names = await namesOf(chosen.map(({ personId }) => personId));
        const now = clock.now().toISOString();
        return { body: { items: chosen.map((one) => viewOfParticipant(one, found.hostId, names, now)) }, revision };
      },
    }),
  ];
}
