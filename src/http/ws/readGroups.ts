import { groupJson } from '../../commands/rooms/live/frames.ts';
import type { EventLog } from '../../eventLog/eventLog.ts';
import type { LoggedGroup, ReadGroups } from './logPages.ts';

/** Groups of a board, from its stream. A board's version is its stream's revision + 1, so the first group after version n is at revision n. */
export const createReadGroups = (log: Pick<EventLog, 'readStream'>): ReadGroups => async (roomId, from, limit) => {
  const groups: LoggedGroup[] = [];
  for (const decoded of await log.readStream(`board-${roomId}`, { from, limit })) {
    if (!decoded.ok) throw new Error(`board ${roomId} has a group that cannot be read: ${decoded.error}`);
    const { event } = decoded;
    if (event.type !== 'OpGroupApplied') throw new Error(`board ${roomId} has an event ${event.type}`);
    const { personId, clientId, seq, kind, ops } = event.data;
    const version = event.revision + 1;
    groups.push({ version, personId, clientId, seq, kind, isRestore: ops.some(({ op }) => op === 'board.restore'), json: groupJson(event.data, version) });
  }
  return groups;
};
