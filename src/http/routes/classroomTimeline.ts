import { z } from 'zod';
import { roomEvents } from '../../domain/room/events.ts';
import type { RoomEvent } from '../../domain/room/index.ts';
import type { EventLog } from '../../eventLog/eventLog.ts';
import type { Recorded } from '../../eventLog/recorded.ts';
import { inWordsOfRoom, peopleIn } from '../../projections/rooms/words.ts';
import { decodeCursor, pageOf, pageQuery, pageSchema } from '../paging.ts';
import { defineRoute, type Route } from '../route.ts';
import { roomModels, sessions, type ClassroomKit } from './classroomDeps.ts';
import { idParams } from './fields.ts';

const text = (max: number) => z.string().max(max);
const entry = z.strictObject({ revision: z.int(), at: z.iso.datetime(), words: text(2_000), type: text(100), eventId: text(100), actor: z.strictObject({ id: text(200), name: text(1_000) }) });
const revisionKey = z.tuple([z.int().min(0)]);
const pageSize = 500;

/** What became of a room, in words and in order: from its stream. */
export function classroomTimelineRoutes({ log, access, namesOf }: ClassroomKit): Route[] {
  return [
    defineRoute({
      tag: 'Lesson rooms', kind: 'query', readModel: roomModels, method: 'get', path: `${sessions}/{id}/timeline`, operationId: 'readRoomTimeline', summary: 'What happened in a room, in words and in order', access: 'authenticated',
      description: 'Starts, ends, pauses, joins, leaves, kicks, changes of roles, permissions and settings, saves, clears, restores. Why somebody was taken out is told to those who run the room.',
      request: { params: idParams, query: z.strictObject(pageQuery) },
      response: { status: 200, schema: pageSchema(entry) },
      problems: ['roomNotFound', 'kickedOut', 'notInRoom', 'invalidCursor'],
      handler: async ({ params, query: { limit, cursor }, actor }) => {
        const found = await access.readable(params.id, actor);
        const sees = { reasons: access.runs(found, actor) };
        const after = decodeCursor(cursor, revisionKey)?.[0] ?? -1;
        const told = await tell(log, params.id, after + 1, limit + 1);
        const names = await namesOf([...new Set(told.flatMap((event) => [...peopleIn(event), event.metadata.actor.id]))]);
        const name = (id: string): string => names.get(id) ?? ours[id] ?? id;
        return {
          body: pageOf(told, limit, ({ revision }) => [revision], (event) => ({
            revision: event.revision, at: new Date(event.metadata.occurredAt).toISOString(), words: inWordsOfRoom(event, name, sees) ?? event.type, type: event.type, eventId: event.id,
            actor: { id: event.metadata.actor.id, name: name(event.metadata.actor.id) },
          })),
        };
      },
    }),
  ];
}

/** Our own clockwork, as a timeline calls it. */
const ours: Readonly<Record<string, string>> = { 'reactor:rooms': 'the school', owner: 'the school', 'job:expireStaleRooms': 'the school, as nobody was there' };

/** Events that have words, from that revision on. Chat lies between them: it is passed over page by page. */
async function tell(log: Pick<EventLog, 'readStream'>, roomId: string, from: number, limit: number): Promise<Recorded<RoomEvent>[]> {
  const told: Recorded<RoomEvent>[] = [];
  for (let next = from; told.length < limit; ) {
    const page = await log.readStream(`room-${roomId}`, { from: next, limit: pageSize });
    for (const decoded of page) {
      if (!decoded.ok || !Object.hasOwn(roomEvents, decoded.event.type)) continue;
      const event = decoded.event as Recorded<RoomEvent>;
      if (inWordsOfRoom(event, String, { reasons: false }) !== undefined) told.push(event);
    }
    if (page.length < pageSize) break;
    const last = page.at(-1);
    next = (last ? (last.ok ? last.event.revision : last.raw.revision) : next) + 1;
  }
  return told.slice(0, limit);
}
