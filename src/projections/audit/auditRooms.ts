import type { EventLog } from '../../eventLog/eventLog.ts';
import { streamOf } from '../streams.ts';
import { createBoardRules } from './auditRoomsBoard.ts';
import { createRoomRules, type RoomFindingKind } from './auditRoomsRoom.ts';
import { createFindings, type Finding } from './findings.ts';

export type RoomsAudit = {
  /** No finding. Exit code of `lectern audit rooms`: 0, else 1. */
  ok: boolean;
  events: number;
  rooms: number;
  groups: number;
  /** The first 1,000; `findingCount` counts all. */
  findings: Finding<RoomFindingKind>[];
  findingCount: number;
};

/**
 * Replays the whole log through a model of its own, which shares no code with what decides, and holds every event of rooms and boards against
 * the rules: seats, one host, statuses, versions, sequences, and each op allowed to its author under the room revision that it was checked under,
 * which must be the one that the room had when it was written. Memory grows with rooms, and with the shapes of those that have not ended.
 * @throws EventStoreError when the log is away
 */
export async function auditRooms(log: Pick<EventLog, 'readAll'>, { onProgress }: { onProgress?: (events: number) => void } = {}): Promise<RoomsAudit> {
  const { findings, report, count } = createFindings<RoomFindingKind>(1_000);
  const rooms = createRoomRules(report);
  const boards = createBoardRules(rooms.rooms, report);
  let events = 0;
  let groups = 0;

  for await (const page of log.readAll({ pageSize: 2_000 })) {
    for (const decoded of page) {
      events += 1;
      const [category] = streamOf(decoded.ok ? decoded.event.stream : decoded.raw.stream);
      if (category !== 'room' && category !== 'board') continue;
      if (!decoded.ok) {
        if (decoded.reason === 'unreadable') report('unreadable', decoded.raw, decoded.error);
        continue;
      }
      const { event } = decoded;
      if (event.type === 'OpGroupApplied') {
        groups += 1;
        boards.apply(event);
        continue;
      }
      rooms.apply(event);
      boards.closeEnded(event);
      if (event.type === 'SnapshotTaken' && event.data.version > (boards.boards.get(event.data.roomId)?.version ?? 0)) {
        report('badVersion', event, `a snapshot of version ${event.data.version}, which is not there`);
      }
    }
    onProgress?.(events);
  }
  return { ok: count() === 0, events, rooms: rooms.rooms.size, groups, findings, findingCount: count() };
}
