import { z } from 'zod';
import { limits } from '../../commands/rooms/protocol/closeCodes.ts';
import { channels, clientChosenId } from '../../commands/rooms/protocol/envelope.ts';
import type { Pipeline } from '../../commands/pipeline/pipeline.ts';
import { exists, isEnded, isHere, participantOf, permissionsOf, room, type Participant, type Room } from '../../domain/room/index.ts';
import type { RoomTokens } from '../auth/roomTokens.ts';
import { refusal } from '../problems.ts';
import { defineRoute, type Route } from '../route.ts';
import type { RoomTickets } from '../ws/tickets.ts';
import { nothing } from './classroomView.ts';
import { idField, idParams } from './fields.ts';

export type RoomTicketDeps = { pipeline: Pick<Pipeline, 'load'>; tickets: Pick<RoomTickets, 'issue'>; tokens: Pick<RoomTokens, 'issue'> };

const text = (max: number) => z.string().max(max);
const ticket = z.string().max(64).describe('Opens one socket, once: /ws/classroom/{id}/{channel}?ticket=…');
const ticketsAnswer = z.strictObject({
  id: idField, expiresAt: z.iso.datetime().describe(`${limits.ticketMs / 1_000} s from now.`),
  tickets: z.strictObject(Object.fromEntries(channels.map((channel) => [channel, ticket])) as Record<(typeof channels)[number], typeof ticket>),
  subprotocol: text(40).describe('To be offered when a socket is opened.'),
});
export const roomTokenAnswer = z.strictObject({
  id: idField, token: text(4_096), expiresAt: z.iso.datetime(), role: text(20), permissions: z.record(text(40), z.union([z.boolean(), text(10)])).describe('As they are now; the room decides anew at each step.'),
});

const common = {
  method: 'post', tag: 'Lesson rooms', kind: 'query', access: ['admin', 'manager', 'teacher', 'student'], roomToken: true,
  problems: ['roomNotFound', 'notInRoom', 'kickedOut', 'roomEnded'],
} as const;

/** What lets somebody who has joined into the room's sockets, and keeps them in. Neither changes anything that an event would tell. */
export function roomTicketRoutes({ pipeline, tickets, tokens }: RoomTicketDeps): Route[] {
  /** By the stream, and as it is now: a token outlives its right to be here. */
  const present = async (roomId: string, personId: string): Promise<{ state: Room; participant: Participant }> => {
    const { state } = await pipeline.load(room, roomId, { fresh: true });
    if (!exists(state)) throw refusal('roomNotFound', 'There is no such room.');
    const participant = participantOf(state, personId);
    if (participant?.status === 'kicked') throw refusal('kickedOut', 'You were taken out of this room.');
    if (isEnded(state)) throw refusal('roomEnded', 'This room has ended; it can be read over HTTP.');
    if (!isHere(participant)) throw refusal('notInRoom', 'Join the room first.');
    return { state, participant };
  };

  return [
    defineRoute({
      ...common, path: '/classroom/sessions/{id}/ticket', operationId: 'issueRoomTickets', summary: 'Get tickets for the sockets of a room',
      description: 'For whoever has joined: one ticket for each channel, each good for one socket within 30 s.',
      request: { params: idParams, body: z.strictObject({ deviceId: clientChosenId.max(64).describe('Of the browser or app: one socket per device and channel, at most three devices.') }) },
      response: { status: 201, schema: ticketsAnswer },
      handler: async ({ params, body, actor }) => {
        await present(params.id, actor.id);
        const issued = await tickets.issue({ roomId: params.id, personId: actor.id, deviceId: body.deviceId });
        return { body: { id: params.id, expiresAt: issued.expiresAt.toISOString(), tickets: issued.tickets, subprotocol: 'lectern.room.v1' }, headers: { 'Cache-Control': 'no-store' } };
      },
    }),
    defineRoute({
      ...common, path: '/classroom/sessions/{id}/token', operationId: 'renewRoomToken', summary: 'Renew the token of a room',
      description: 'While one is in the room; good for 2 h.',
      request: { params: idParams, body: nothing },
      response: { status: 201, schema: roomTokenAnswer },
      handler: async ({ params, actor }) => {
        const { state, participant } = await present(params.id, actor.id);
        return { body: tokenFor(tokens, state, participant), headers: { 'Cache-Control': 'no-store' } };
      },
    }),
  ];
}

/** Also what joining answers. */
export function tokenFor(tokens: Pick<RoomTokens, 'issue'>, state: Room, { personId, role }: Participant): z.output<typeof roomTokenAnswer> {
  const permissions = permissionsOf(state, personId) ?? {};
  const { token, expiresAt } = tokens.issue({ sessionId: state.roomId, personId, role, permissions });
  return { id: state.roomId, token, expiresAt: expiresAt.toISOString(), role, permissions };
}
