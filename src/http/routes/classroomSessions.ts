import { z } from 'zod';
import { classroomRoles, classroomRolesId } from '../../domain/classroomRoles/index.ts';
import { roomRole, roomType } from '../../domain/room/events.ts';
import { permissionsOf } from '../../domain/room/index.ts';
import type { RoomRow } from '../../projections/rooms/queries.ts';
import { utc } from '../../projections/instant.ts';
import { asRoom } from '../../projections/rooms/queries.ts';
import { decodeCursor, pageOf, pageQuery, pageSchema } from '../paging.ts';
import { refusal } from '../problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { roomModels, sessions, type ClassroomKit } from './classroomDeps.ts';
import { accessCodeField, permissionsView, roomAnswer, roomStatus, roomView, seatsField, settingsField, titleField, viewOfRoom } from './classroomView.ts';
import { given, idField, idParams, ifMatchOf, instantField } from './fields.ts';

const common = { tag: 'Lesson rooms' } as const;
const query = { ...common, kind: 'query', readModel: roomModels } as const;
const command = { ...common, kind: 'command' } as const;
const startKey = z.tuple([instantField, z.string().min(1).max(200)]);
const filters = {
  status: roomStatus.optional(), type: roomType.optional(),
  from: instantField.optional().describe('Rooms that end after this.'), to: instantField.optional().describe('Rooms that begin before this.'),
};
const roleView = z.strictObject({ role: roomRole, revision: z.int().min(-1).describe('For If-Match; -1 before the first change.'), permissions: permissionsView });

/** Making rooms, finding them, setting them; and what roles may do in all of them. */
export function classroomSessionRoutes({ commands, pipeline, rooms, directory, clock, access, namesOf }: ClassroomKit): Route[] {
  const shown = async (rows: readonly RoomRow[], limit: number) => {
    const names = await namesOf(rows.map(({ room }) => room.hostId));
    const now = clock.now().toISOString();
    return pageOf(rows, limit, ({ room, roomId }) => [utc(room.scheduledStart), roomId], (row) => viewOfRoom(row, names, now));
  };
  const created = (answer: { id: string; revision: number; position: string }) => ({ body: answer, headers: { Location: `/api/v1${sessions}/${encodeURIComponent(answer.id)}` } });

  return [
    defineRoute({
      ...command, method: 'post', path: sessions, operationId: 'createRoom', summary: 'Create a room without a lesson', access: ['admin', 'manager', 'teacher'],
      description: 'Lessons have their room by themselves. Teachers host their own; admins and managers name any host.',
      request: {
        body: z.strictObject({
          type: z.enum(['group', 'demo']).default('group'), title: titleField, hostId: idField.optional().describe('Default: who asks.'),
          scheduledStart: instantField.optional().describe('Default: now.'), durationMinutes: z.int().min(5).max(1_440).default(60),
          settings: settingsField.optional(), accessCode: accessCodeField.optional().describe('Asked of whoever joins without an invitation; kept only as a hash.'),
          maxParticipants: seatsField.optional(), recorded: z.boolean().optional(), invite: z.array(idField).max(200).optional(),
        }),
      },
      response: { status: 201, schema: roomAnswer },
      problems: ['unknownPerson', 'invalidRoom', 'roomUnavailable'],
      handler: async ({ body, actor, command: ctx }) => {
        const { settings, hostId = actor.id, scheduledStart, ...plan } = body;
        if (actor.role === 'teacher' && hostId !== actor.id) throw refusal('forbidden', 'Teachers create rooms that they host themselves.');
        const start = scheduledStart === undefined ? {} : { scheduledStart: new Date(scheduledStart).toISOString() };
        const { type, title, durationMinutes, ...more } = plan;
        return created(await commands.create({ type, title, durationMinutes, hostId, ...start, ...given(more), ...(settings && { settings: given(settings) }) }, ctx));
      },
    }),
    defineRoute({
      ...command, method: 'post', path: `${sessions}/solo`, operationId: 'createSoloRoom', summary: 'A board for oneself', access: ['admin', 'manager', 'teacher', 'student'],
      description: 'Begun at once, with the caller in it.',
      request: { body: z.strictObject({ title: titleField.default('My board') }).default({ title: 'My board' }) },
      response: { status: 201, schema: roomAnswer },
      problems: ['invalidRoom'],
      handler: async ({ body, command: ctx }) => created(await commands.createSolo({ title: body.title }, ctx)),
    }),
    defineRoute({
      ...query, method: 'get', path: `${sessions}/my`, operationId: 'listMyRooms', summary: 'One\'s own rooms, latest start first', access: 'authenticated',
      description: 'Those that one hosts, was or is in, is invited to, or has a lesson in.',
      request: { query: z.strictObject({ ...filters, ...pageQuery }) },
      response: { status: 200, schema: pageSchema(roomView) },
      problems: ['invalidCursor'],
      handler: async ({ query: { limit, cursor, ...filter }, actor }) => {
        const after = decodeCursor(cursor, startKey);
        return { body: await shown(await rooms.roomsOf(actor.id, await directory.groupsOf(actor.id), given(filter), { after, limit: limit + 1 }), limit) };
      },
    }),
    defineRoute({
      ...query, method: 'get', path: sessions, operationId: 'listRooms', summary: 'All rooms, latest start first', access: ['admin', 'manager', 'auditor'],
      request: { query: z.strictObject({ ...filters, lesson: idField.optional(), host: idField.optional(), ...pageQuery }) },
      response: { status: 200, schema: pageSchema(roomView) },
      problems: ['invalidCursor'],
      handler: async ({ query: { limit, cursor, ...filter } }) => ({ body: await shown(await rooms.rooms(given(filter), { after: decodeCursor(cursor, startKey), limit: limit + 1 }), limit) }),
    }),
    defineRoute({
      ...query, method: 'get', path: `${sessions}/{id}`, operationId: 'readRoom', summary: 'A room, and what the caller may do in it', access: 'authenticated', roomToken: true,
      request: { params: idParams },
      response: { status: 200, schema: roomView.extend({ you: z.strictObject({ role: roomRole, status: z.string().max(20), permissions: permissionsView }).nullable().describe('Null for who only looks from outside.') }) },
      problems: ['roomNotFound', 'kickedOut'],
      handler: async ({ params, actor }) => {
        const found = await access.known(params.id, actor);
        const held = permissionsOf(asRoom(found), actor.id);
        const one = found.people[actor.id];
        return {
          body: { ...viewOfRoom(found, await namesOf([found.room.hostId]), clock.now().toISOString()), you: held && one ? { role: one.role, status: one.status, permissions: held } : null },
          revision: found.revision,
        };
      },
    }),
    defineRoute({
      ...command, method: 'patch', path: `${sessions}/{id}`, operationId: 'changeRoomSettings', summary: 'Change how a room is set', access: ['admin', 'manager', 'teacher', 'student'], roomToken: true,
      description: 'For its hosts, and admins. A lesson\'s room has its lesson\'s title.',
      request: {
        params: idParams,
        body: z.strictObject({
          title: titleField.optional(), settings: settingsField.optional(), accessCode: accessCodeField.nullable().optional().describe('Null takes it away.'), maxParticipants: seatsField.optional(), recorded: z.boolean().optional(),
        }).refine((body) => Object.keys(body).length > 0, 'name what is to change'),
      },
      response: { status: 200, schema: roomAnswer },
      problems: ['roomNotFound', 'roomEnded', 'notInRoom', 'invalidRoom', 'roomUnavailable', 'contended'],
      handler: async ({ params, body: { settings, ...changes }, command: ctx, ...request }) =>
        ({ body: await commands.changeSettings({ roomId: params.id, ...given(changes), ...(settings && { settings: given(settings) }) }, ctx, ifMatchOf(request)) }),
    }),
    defineRoute({
      ...common, kind: 'query', method: 'get', path: '/classroom/roles/{role}', operationId: 'readRoomRole', summary: 'What a role may do in rooms, school-wide', access: ['admin', 'manager', 'auditor'],
      request: { params: z.strictObject({ role: roomRole }) },
      response: { status: 200, schema: roleView },
      problems: [],
      handler: async ({ params: { role } }) => {
        const { state, revision } = await pipeline.load(classroomRoles, classroomRolesId, { fresh: true });
        return { body: { role, revision, permissions: state[role] }, revision };
      },
    }),
    defineRoute({
      ...command, method: 'put', path: '/classroom/roles/{role}', operationId: 'changeRoomRole', summary: 'Say what a role may do in rooms, school-wide', access: ['admin'],
      description: 'For rooms to come, and for those that somebody is in; what a room or a person has instead stays.',
      request: { params: z.strictObject({ role: roomRole }), body: permissionsView },
      response: { status: 200, schema: roomAnswer },
      problems: ['contended'],
      handler: async ({ params, body, command: ctx, ...request }) => ({ body: await commands.changeRoleDefaults(params.role, body, ctx, ifMatchOf(request)) }),
    }),
  ];
}
