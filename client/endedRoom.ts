import { applyOps, emptyDoc, type BoardDoc } from '../src/domain/board/clientSide.ts';
import type { BoardConnection } from './board/connection.ts';
import { loadSnapshot } from './board/loadSnapshot.ts';
import { stillBoard } from './board/stillBoard.ts';
import { createRoomsApi, type RoomsApi, type RoomView } from './http.ts';
import { ownSurroundings, type Surroundings } from './surroundings.ts';

/** A room that is over: its board, to be read. Sockets are closed to it, HTTP is not. */
export type EndedRoom = { roomId: string; api: RoomsApi; board: BoardConnection; view: RoomView; nameOf(personId: string): string };

/**
 * Reads what is left of a room that has ended.
 * @throws Problem when this person may not read it (`roomNotFound`, `kickedOut`), or nobody answers
 */
export async function openEndedRoom(options: { baseUrl: string; roomId: string; token: string; surroundings?: Surroundings }): Promise<EndedRoom> {
  const { roomId, baseUrl, surroundings = ownSurroundings() } = options;
  const api = createRoomsApi({ baseUrl, bearer: () => options.token, fetch: surroundings.fetch });
  const view = await api.read(roomId);
  const [{ items: people }, { doc, version }] = await Promise.all([api.participants(roomId), lastBoard(api, roomId)]);
  const names = new Map(people.map(({ personId, name }) => [personId, name]));
  return { roomId, api, view, board: stillBoard(doc, version), nameOf: (personId) => names.get(personId) ?? 'Somebody' };
}

/** The newest kept version, and what was drawn after it. */
async function lastBoard(api: RoomsApi, roomId: string): Promise<{ doc: BoardDoc; version: number }> {
  const { items: [kept] } = await api.snapshots(roomId, 1);
  let { doc, version } = kept ? await loadSnapshot(api.snapshotOf(roomId, kept.version), new AbortController().signal) : { doc: emptyDoc, version: 0 };
  for (let from: number | null = version; from !== null;) {
    const { groups, next } = await api.ops(roomId, from);
    for (const group of groups) {
      doc = applyOps(doc, group.ops, { author: group.personId });
      version = group.version;
    }
    from = next;
  }
  return { doc, version };
}
