import type { EventLog } from '../../../eventLog/eventLog.ts';
import type { BoardFolder, BoardSnapshots } from '../../../ports/boardSnapshots.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import type { IceServers } from '../../../ports/iceServers.ts';
import type { Gathering } from './gathering.ts';

export type RoomLogger = { info(facts: object, message: string): void; warn(facts: object, message: string): void; error(facts: object, message: string): void };

/** What every live room of a process shares. */
export type RoomParts = {
  log: EventLog;
  pipeline: Pipeline;
  /** The school's: stamps events. The timers below run on real time. */
  clock: Clock;
  snapshots: BoardSnapshots;
  folder: BoardFolder;
  gathering: Gathering;
  ice?: IceServers;
  /** As the directory has them; whom it does not know is missing. */
  namesOf?(personIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  snapshotUrl(roomId: string, version: number): string;
  logger: RoomLogger;
  times: RoomTimes;
};

/** Milliseconds, groups, bytes. */
export type RoomTimes = {
  /** A seat without a socket is kept so long. */
  seatMs: number;
  /** The host is silent. */
  hostAbsentMs: number;
  /** After a change of owner: who was connected may come back before it shows. */
  returnMs: number;
  /** Who is there could not be noted: then it is tried again. */
  againMs: number;
  /** Without sockets and commands for so long, a room is let go. */
  idleMs: number;
  presenceMs: number;
  /** After a room was opened its board is read, unless a group asks for it earlier: whoever opened it is let in first. */
  readAheadMs: number;
  /** An append that takes longer shows as `saving`; after `giveUpMs` the room is closed for later. */
  savingMs: number;
  giveUpMs: number;
  mostPauseMs: number;
  /** Waiting to be written: then the sockets are not read until half of it is left. */
  holdBytes: number;
  batchGroups: number;
  batchBytes: number;
  snapshotGroups: number;
  snapshotBytes: number;
  autosaveGroups: number;
  autosaveMs: number;
};

export const roomTimes: RoomTimes = {
  seatMs: 120_000, hostAbsentMs: 30_000, returnMs: 10_000, againMs: 5_000, idleMs: 60_000, presenceMs: 33, readAheadMs: 2_000,
  savingMs: 250, giveUpMs: 10_000, mostPauseMs: 500, holdBytes: 1024 * 1024,
  batchGroups: 200, batchBytes: 256 * 1024, snapshotGroups: 500, snapshotBytes: 256 * 1024, autosaveGroups: 200, autosaveMs: 60_000,
};
