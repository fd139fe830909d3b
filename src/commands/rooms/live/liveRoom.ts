import { exists, isEnded, permissionsOf, type RoomEvent } from '../../../domain/room/index.ts';
import type { CommandContext } from '../../pipeline/context.ts';
import { limits } from '../protocol/closeCodes.ts';
import type { EdgeSide, OwnerSide, RoomCommand, RoomCommandAnswer } from '../roomLink.ts';
import { createAnnouncing } from './announcing.ts';
import { createArrivals } from './arrivals.ts';
import { createAttendance } from './attendance.ts';
import type { Request } from './boardWriter.ts';
import { createConnections } from './connections.ts';
import { frame } from './frames.ts';
import { openRoom, type Opened } from './openRoom.ts';
import type { RoomParts } from './parts.ts';
import { createPresence } from './presence.ts';
import { createQueue } from './queue.ts';
import { createReceiving } from './receiving.ts';
import { createRoomCommands, unavailable } from './roomCommands.ts';
import { createSignalling } from './signalling.ts';
import { createSnapshotting } from './snapshotting.ts';
import { createSystemMessages } from './systemMessages.ts';
import { createUndoneGroups } from './undone.ts';
import { createViews } from './views.ts';
import { createBecomeWhole } from './wholeBoard.ts';
import { createWriting } from './writing.ts';

/*
 * A room, in the one process that owns it: an actor with one queue.
 *
 *   loading  its two streams are being read. Sockets and commands that come wait for that.
 *            What is on the board may come later: people are let in with its version, groups wait for the rest.
 *   open     one thing at a time is taken from the queue: a batch of op groups (decided, appended, applied, told) or a task (a room command).
 *            So a room command finds every group before it in the log, and every group behind it is decided under what it made of the room.
 *            While an append is not answered, it is repeated; sockets hear `saving`; whatever arrives waits, and too much of it stops their reading.
 *   ended    nothing is written any more, for one of these reasons:
 *              lost   somebody else wrote our streams, or the lease is over: sockets are closed with 1012, the next owner reads the streams
 *              later  the log did not answer for 10 s, or we cannot go on: board sockets are closed with 1013
 *              left   nobody has been here for a minute, or the process stops (1012)
 *
 *   loading ──▶ open ──▶ ended          loading ──▶ ended (it cannot be read, or is no room)
 *
 * Nothing is told before it is in the log. What is in memory here moves forward by what an append of our own confirmed; only the board's doc, which
 * nobody is told of, goes ahead of it, and is read anew when nothing came of that.
 */
export type LiveRoom = {
  readonly roomId: string;
  enter(edge: EdgeSide): OwnerSide;
  /** @throws DomainError the refusal; `roomUnavailable` · EventStoreError */
  execute(command: RoomCommand, context: CommandContext, options?: { ifMatch?: number }): Promise<RoomCommandAnswer>;
  /** Milliseconds without a socket or a command; 0 while there is one. */
  idleFor(): number;
  /** The lease is over. */
  lost(): void;
  /** What is being written is finished; nothing else is. Sockets are told and closed with 1012. */
  leave(): Promise<void>;
};

type Lease = { isGood(): boolean; tookOver: boolean };

/** @param onEnded `inDoubt`: something that we sent to the log is not answered and may still be written */
export function createLiveRoom(roomId: string, parts: RoomParts, lease: Lease, onEnded: (inDoubt: boolean) => void): LiveRoom {
  const { clock, logger, times, gathering } = parts;
  const queue = createQueue();
  const connections = createConnections(limits.devicesPerPerson);
  const views = createViews(roomId);
  const undone = createUndoneGroups();
  let phase: 'loading' | 'open' | 'ended' = 'loading';
  let now: Opened | undefined;
  let isRunning = false;
  let running: Promise<void> = Promise.resolve();
  let commands = 0;
  let busyAt = performance.now();
  let held = false;
  let readAhead: NodeJS.Timeout | undefined;
  const open = (): Opened | undefined => (phase === 'open' ? now : undefined);

  const presence = createPresence({ everyMs: times.presenceMs, send: (text) => connections.toAll({ channel: 'board', lane: 'ephemeral', frame: text }) });
  const signalling = createSignalling({
    roomId, connections, ice: parts.ice,
    mayShow(personId) {
      const held = now && permissionsOf(now.room, personId);
      return { video: held?.toggleVideo ?? false, audio: held?.toggleAudio ?? false, screen: held?.shareScreen ?? false };
    },
  });
  const announcing = createAnnouncing({ connections, signalling, views });
  const attendance = createAttendance({
    times, clock, isPresent: connections.isPresent,
    ask: (command, failed) => void roomCommands.own(command).catch((error: unknown) => {
      failed();
      if (phase === 'open') logger.warn({ err: error, roomId, command: command.type }, 'who is in the room could not be noted now');
    }),
  });
  const roomCommands = createRoomCommands({
    roomId, parts, lease, queue,
    state: () => now, snapshotting: () => snapshotting, write: (request) => writing.write([request]), kick, end, happened,
    wasRefused: (personId, clientId, seq) => undone.find(personId, clientId, seq)?.kind === 'rejected',
  });
  const systemMessages = createSystemMessages({ clock, connections, views, room: () => now?.room ?? { status: 'none' }, command: (command, context) => roomCommands.decide(command, context) });
  const becomeWhole = createBecomeWhole({ roomId, parts, unreadable: (instead) => snapshotting?.goOnFrom(instead), failed: () => end('later') });
  const writing = createWriting({
    roomId, parts, lease, connections, undone, open, becomeWhole, end,
    snapshotting: () => snapshotting, countHeard: (board) => arrivals.countHeard(board), written: (batch) => roomCommands.noteSweeps(batch),
  });
  let snapshotting: ReturnType<typeof createSnapshotting> | undefined;

  const loaded: Promise<Opened | undefined> = openRoom(roomId, parts, lease, views).then(
    (opened) => {
      if (phase === 'ended') return undefined;
      now = opened;
      snapshotting = createSnapshotting({ roomId, parts, kept: opened.kept, version: opened.board.version, record: roomCommands.recordSnapshot });
      phase = 'open';
      // Made any moment, perhaps: the next who asks looks again. Who waits now is told first.
      if (!exists(opened.room)) setImmediate(() => end('left'));
      else {
        attendance.review(opened.room);
        kick();
        if (opened.lacks !== 'nothing') readAhead = setTimeout(() => void becomeWhole(opened), times.readAheadMs).unref();
      }
      return opened;
    },
    (error: unknown) => {
      logger.error({ err: error, roomId }, 'a room cannot be opened');
      end('later');
      return undefined;
    },
  );
  const arrivals = createArrivals({
    roomId, clock, connections, views, undone, signalling, presence, attendance, loaded,
    open, snapshotting: () => snapshotting, savingSince: writing.savingSince, used: () => { busyAt = performance.now(); },
  });
  const receiving = createReceiving({ connections, signalling, presence, systemMessages, open, draw });

  function kick(): void {
    if (isRunning || phase !== 'open') return;
    isRunning = true;
    running = run();
  }

  async function run(): Promise<void> {
    try {
      for (;;) {
        await gathering.turn(); // whatever arrives meanwhile comes along
        if (phase !== 'open') break;
        const task = queue.takeTask();
        if (task) await task();
        else {
          const requests = queue.takeGroups(times.batchGroups, times.batchBytes);
          if (requests.length === 0) break;
          await writing.write(requests);
          if (held && queue.bytes() < times.holdBytes / 2) hold(false);
        }
      }
    } catch (error) {
      logger.error({ err: error, roomId }, 'a room cannot go on');
      end('later');
    }
    isRunning = false; // in the same breath as the look at the queue
  }

  /** Called with events of the room that are in the log and applied. */
  function happened(events: readonly RoomEvent[]): void {
    if (!now || phase !== 'open') return; // written just before the room ended: whoever reads the stream next sees it
    announcing.tell(events, now.room, now.roomRevision);
    for (const event of events) {
      if (event.type === 'ParticipantConnected') snapshotting?.takeIfNew('join', event.data.personId);
      else if (event.type === 'ParticipantLeft') snapshotting?.takeIfNew('leave', event.data.personId);
      else if (event.type === 'RoomCompleted' || event.type === 'RoomTerminated') snapshotting?.takeIfNew('terminate', event.data.by);
    }
    attendance.review(now.room);
  }

  /** Takes it into the queue; too much in there stops the sockets' reading. */
  function draw(request: Request): void {
    queue.group(request);
    if (!held && queue.bytes() > times.holdBytes) hold(true);
    kick();
  }

  function hold(isHeld: boolean): void {
    held = isHeld;
    for (const edge of connections.edges()) edge.holdReading(isHeld);
  }

  function end(why: 'lost' | 'later' | 'left'): void {
    if (phase === 'ended') return;
    phase = 'ended';
    clearTimeout(readAhead);
    attendance.stop();
    presence.stop();
    roomCommands.abandon();
    if (why === 'later') for (const one of connections.on('board')) connections.close(one, 1013);
    for (const edge of connections.edges()) edge.lost();
    onEnded(writing.isUnanswered() || roomCommands.isUnanswered());
  }

  return {
    roomId,
    enter(edge) {
      connections.enter(edge);
      if (held) edge.holdReading(true);
      return {
        attach: (connection, hello) => arrivals.attach(edge, connection, hello),
        receive: (connectionId, message, bytes) => receiving.receive(connectionId, message, bytes),
        detach: (connectionId) => arrivals.detach(connectionId),
        close: () => connections.leave(edge),
      };
    },
    async execute(command, context, options) {
      // Looking after a room is no reason to keep it.
      const isUse = command.name !== 'autosave';
      if (isUse) commands += 1;
      try {
        await loaded;
        if (phase !== 'open') throw unavailable();
        return await roomCommands.execute(command, context, options);
      } finally {
        if (isUse) {
          commands -= 1;
          busyAt = performance.now();
        }
      }
    },
    idleFor: () => (connections.size() > 0 || commands > 0 || phase === 'loading' ? 0 : performance.now() - busyAt),
    lost: () => end('lost'),
    async leave() {
      if (phase === 'open') {
        connections.toAll({ channel: 'system', lane: 'control', frame: frame({ t: 'goingAway', d: { reconnectInMs: 500 } }) });
        hold(true);
        await running;
        if (now && exists(now.room) && !isEnded(now.room)) await snapshotting?.settled();
      }
      end('left');
    },
  };
}
