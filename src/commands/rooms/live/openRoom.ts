import { fold, type Board } from '../../../domain/board/index.ts';
import { exists, isHere, room as roomAggregate, type RoomState } from '../../../domain/room/index.ts';
import type { SnapshotFacts } from '../../../ports/boardSnapshots.ts';
import { groupId } from './boardWriter.ts';
import { boardStream, type GroupEvent } from './keptBoards.ts';
import { standingOf, type Lacking } from './loadBoard.ts';
import type { RoomParts } from './parts.ts';
import { recentChat, type Views } from './views.ts';

/**
 * A room as its owner has it. The owner moves it on. The board lacks something at first, and after a batch that came to nothing: people are let
 * in all the same, but nothing is decided on it before all is there.
 */
export type Opened = { board: Board; lacks: Lacking; room: RoomState; roomRevision: number; kept: SnapshotFacts | undefined };

/** Of the groups that say nothing but that there is another owner now. */
const ownerId = 'owner';

/**
 * Reads a room's two streams. When the owner before did not let go by itself, something that it sent may still be on its way into the log;
 * then an empty group is put at the board's end first: whatever it decided expects another revision, and comes to nothing.
 * @throws EventStoreError, UnreadableStream, UnreadableBoard
 */
export async function openRoom(roomId: string, parts: RoomParts, lease: { tookOver: boolean }, views: Views): Promise<Opened> {
  const standing = boardOfOurs(roomId, parts, lease);
  // Nobody else writes these streams, so in either order; only what is still on its way comes first.
  if (lease.tookOver) await standing;
  const [board, { state: room, revision: roomRevision }] = await Promise.all([standing, roomAndNames(roomId, parts, views)]);
  return { ...board, room, roomRevision };
}

async function roomAndNames(roomId: string, parts: RoomParts, views: Views) {
  const loaded = await parts.pipeline.load(roomAggregate, roomId, { fresh: true });
  if (exists(loaded.state)) await learnNames(loaded.state, roomId, parts, views);
  return loaded;
}

async function boardOfOurs(roomId: string, parts: RoomParts, { tookOver }: { tookOver: boolean }): Promise<Pick<Opened, 'board' | 'lacks' | 'kept'>> {
  for (;;) {
    const standing = await standingOf(parts, roomId);
    const { board } = standing;
    if (!tookOver || board.version === 0) return standing;
    const { state: room, revision: roomRevision } = await parts.pipeline.load(roomAggregate, roomId, { fresh: true });
    if (!exists(room)) return standing;
    const seq = board.version;
    const id = groupId(roomId, ownerId, ownerId, seq);
    const data: GroupEvent['data'] = { roomId, personId: ownerId, clientId: ownerId, seq, gestureId: ownerId, kind: 'ops', ops: [], roomRevision };
    const event = await parts.log.codec.encode({ type: 'OpGroupApplied', data }, id, {
      commandId: id, correlationId: id, causationId: id, actor: { id: ownerId, role: 'system' }, occurredAt: parts.clock.now().toISOString(),
    });
    const { outcome } = await parts.log.append(boardStream(roomId), [event], { expectedRevision: board.version - 1 });
    if (outcome === 'appended') return { ...standing, board: fold(board, [{ type: 'OpGroupApplied', data }]) };
    // What was on its way has arrived.
  }
}

/** Names of those who are here and the last of the chat. Without the directory or the log's answer people come without names: no reason to keep anybody out. */
async function learnNames(room: Extract<RoomState, { people: unknown }>, roomId: string, { namesOf, log, logger }: RoomParts, views: Views): Promise<void> {
  try {
    const people = Object.values(room.people).filter((one) => isHere(one) || one.joinedAt !== null || one.personId === room.hostId).slice(0, 200);
    const names = await namesOf?.(people.map(({ personId }) => personId));
    for (const [personId, name] of names ?? []) views.learn(personId, name);
    for (const said of await recentChat(log, roomId)) views.said({ ...said, name: views.nameOf(said.personId) });
  } catch (error) {
    logger.warn({ err: error, roomId }, 'the names and the chat of a room could not be read');
  }
}
