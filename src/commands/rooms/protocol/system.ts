import { z } from 'zod';
import { errorMessage, instant, message, personId } from './envelope.ts';

const text = z.string().trim().min(1).max(2_000);
const bounds = z.object({ page: z.string().max(64), x: z.number(), y: z.number(), zoom: z.number().positive() });

const ping = message('ping', z.object({ at: z.number().optional() }).optional());
const raiseHand = message('raiseHand', z.object({ raised: z.boolean() }));
/** From the host: to one person or to all. They are asked, not forced. */
const muteRequest = message('muteRequest', z.object({ personId: personId.optional(), kind: z.enum(['audio', 'video']).default('audio') }));
/** From the host: where they look; null ends it. */
const follow = message('follow', bounds.nullable());
const admit = message('admit', z.object({ personId }));
/** Kept in the room's stream; answered by the same message to all. */
const chat = message('chat', z.object({ text, clientRef: z.string().max(64).optional() }));

export const systemFromClient = z.discriminatedUnion('t', [ping, raiseHand, muteRequest, follow, admit, chat]);
export type SystemFromClient = z.output<typeof systemFromClient>;

export const participantView = z.object({
  personId, name: z.string().max(200), role: z.string().max(20), status: z.string().max(20), handRaised: z.boolean(), video: z.boolean(), audio: z.boolean(), screen: z.boolean(),
  joinedAt: instant.nullable(), waiting: z.boolean().describe('In the waiting room, to be admitted.'),
});
export type ParticipantView = z.output<typeof participantView>;

/** First on connecting, then whenever it changes. */
const status = message('status', z.looseObject({ roomId: z.string().max(200), status: z.string().max(20), revision: z.int(), hostId: personId.nullable(), hostAbsent: z.boolean(), locked: z.boolean(), startedAt: instant.nullable(), people: z.array(participantView).optional(), chat: z.array(z.object({ id: z.string(), personId, name: z.string(), text: z.string(), at: instant })).optional(), iceServers: z.unknown().optional() }));
const participant = message('participant', participantView);
const notification = message('notification', z.object({ code: z.string().max(60), text: z.string().max(500) }));
const permissions = message('permissions', z.object({ role: z.string().max(20), permissions: z.record(z.string(), z.union([z.boolean(), z.string()])), revision: z.int() }));
const kicked = message('kicked', z.object({ reason: z.string().max(500).optional() }));
const tokenRefresh = message('tokenRefresh', z.object({ expiresAt: instant }));
/** The server drains; reconnect after `reconnectInMs` (jittered). */
const goingAway = message('goingAway', z.object({ reconnectInMs: z.int() }));
const muteRequested = message('muteRequest', z.object({ from: personId, kind: z.enum(['audio', 'video']) }));
const followed = message('follow', z.object({ from: personId, view: bounds.nullable() }));
const admitted = message('admit', z.object({ personId, name: z.string().max(200) }));
const said = message('chat', z.object({ id: z.string().max(64), personId, name: z.string().max(200), text: z.string(), at: instant, clientRef: z.string().max(64).optional() }));
const pong = message('pong', z.object({ at: z.number().optional(), serverTime: instant }));

export const systemFromServer = z.discriminatedUnion('t', [status, participant, notification, permissions, kicked, tokenRefresh, goingAway, muteRequested, followed, admitted, said, pong, errorMessage]);
export type SystemFromServer = z.output<typeof systemFromServer>;
