import { heard, lastSeq, type Board } from '../../../domain/board/index.ts';
import { exists, participantOf, permissionsOf } from '../../../domain/room/index.ts';
import type { Clock } from '../../../ports/clock.ts';
import { limits, type CloseCode } from '../protocol/closeCodes.ts';
import type { Attached, ConnectionInfo, EdgeSide, Hello, Refused } from '../roomLink.ts';
import { whyNotAttach } from './announcing.ts';
import type { Attendance } from './attendance.ts';
import { addUndone } from './boardWriter.ts';
import type { Connection, Connections } from './connections.ts';
import { ackFrame, frame, type Verdicts } from './frames.ts';
import type { Opened } from './openRoom.ts';
import type { Presence } from './presence.ts';
import type { Signalling } from './signalling.ts';
import type { Snapshotting } from './snapshotting.ts';
import type { UndoneGroups } from './undone.ts';
import type { Views } from './views.ts';

/** Who comes, what they hear first, and how they go. */
export type Arrivals = {
  /** Waits until the room is loaded. */
  attach(edge: EdgeSide, info: ConnectionInfo, hello: Hello | undefined): Promise<Attached | Refused>;
  detach(connectionId: string): void;
  /** The board with the sequences counted that clients said they heard of as they came. Each is counted once. */
  countHeard(board: Board): Board;
};

/** More than a client has under way. */
const mostUnheard = 1_000;

const refused = (code: CloseCode, detail?: string): Refused => ({ ok: false, code, ...(detail !== undefined && { detail }) });

export function createArrivals({ roomId, clock, connections, views, undone, signalling, presence, attendance, loaded, open, snapshotting, savingSince, used }: {
  roomId: string; clock: Clock; connections: Connections; views: Views; undone: UndoneGroups; signalling: Signalling; presence: Presence; attendance: Attendance;
  /** Undefined: it cannot be read, or has ended before it was. */
  loaded: Promise<Opened | undefined>;
  /** The room while it is open. */
  open(): Opened | undefined;
  snapshotting(): Snapshotting | undefined;
  /** Since when what is written takes long, if it does. */
  savingSince(): string | undefined;
  /** Called when somebody came, and when the last one went. */
  used(): void;
}): Arrivals {
  /** Sequences that clients say they heard of; counted before the next batch is decided, so that a batch on its way does not lose them. */
  const alsoHeard = new Map<string, { personId: string; clientId: string; seq: number }>();

  function firstFrames({ board, room, roomRevision }: Opened, { channel, connectionId, personId }: Connection, hello: Hello | undefined): string[] {
    if (channel === 'webrtc' || !exists(room)) return [];
    if (channel === 'system') {
      const me = participantOf(room, personId);
      if (me?.waiting) return [views.status(room, roomRevision, false), views.participant(me)];
      return [views.status(room, roomRevision, true), views.permissions(room, roomRevision, personId) ?? []].flat();
    }
    if (!hello) return [];
    const { clientId, ackedSeq } = hello;
    const last = lastSeq(board, personId, clientId);
    const client = `${personId}\n${clientId}`;
    if (ackedSeq > Math.max(last, alsoHeard.get(client)?.seq ?? 0)) alsoHeard.set(client, { personId, clientId, seq: ackedSeq });
    const welcome = frame({
      t: 'welcome',
      d: {
        version: board.version, lastSeq: Math.max(last, ackedSeq),
        you: { personId, clientId, connectionId, role: participantOf(room, personId)?.role ?? '' },
        room: { id: roomId, status: room.status, type: room.type, revision: roomRevision, hostId: room.hostId, locked: room.locked },
        serverTime: clock.now().toISOString(), permissions: { ...permissionsOf(room, personId) }, limits,
      },
    });
    const since = savingSince();
    return [welcome, unheard(hello, last, personId, board.version), since === undefined ? [] : frame({ t: 'saving', d: { saving: true, since } })].flat();
  }

  /** What the client did not hear of before its last socket was gone. */
  function unheard({ clientId, ackedSeq }: Hello, last: number, personId: string, version: number): string[] {
    const verdicts: Verdicts = { upTo: last, noop: [], rejected: [] };
    for (let seq = Math.max(ackedSeq, last - mostUnheard) + 1; seq <= last; seq += 1) addUndone(verdicts, seq, undone.find(personId, clientId, seq));
    return verdicts.noop.length + verdicts.rejected.length > 0 ? [ackFrame(verdicts, version)] : [];
  }

  /** A socket is no more, for whatever reason. */
  function forget({ channel, connectionId, personId, clientId }: Connection): void {
    if (channel === 'webrtc') signalling.remove(connectionId, 'gone');
    if (clientId !== undefined && !connections.ofClient(personId, clientId)) presence.gone(personId, clientId);
  }

  return {
    async attach(edge, info, hello) {
      const opened = await loaded;
      if (!opened) return refused(1013);
      const why = whyNotAttach(opened.room, info.personId, info.channel);
      if (why !== undefined) return refused(why);
      if (!open()) return refused(1012);
      const clientId = info.channel === 'board' ? hello?.clientId : undefined;
      const connection: Connection = { ...info, edge, clientId };
      if (info.name !== '') views.learn(info.personId, info.name);
      const added = connections.add(connection);
      if (!added) return refused(4429, `no more than ${limits.devicesPerPerson} devices`);
      for (const old of added.replaced) forget(old);
      used();
      attendance.review(opened.room);
      const newest = snapshotting()?.newest();
      return { ok: true, version: opened.board.version, frames: firstFrames(opened, connection, hello), ...(newest && { snapshot: { version: newest.version } }) };
    },
    detach(connectionId) {
      const connection = connections.remove(connectionId);
      const opened = open();
      if (!connection || !opened) return;
      forget(connection);
      if (!connections.isPresent(connection.personId)) views.raise(connection.personId, false);
      attendance.review(opened.room);
      if (connections.size() > 0) return;
      used();
      snapshotting()?.takeIfNew('auto', '');
    },
    countHeard(board) {
      let counted = board;
      for (const { personId, clientId, seq } of alsoHeard.values()) counted = heard(counted, personId, clientId, seq);
      alsoHeard.clear();
      return counted;
    },
  };
}
